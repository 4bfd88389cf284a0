/**
 * The wire: packets, limits and encoding. PROTOCOL.md describes it in prose. The server imports this file as
 * `rungs/protocol`, and nothing else of the client, so nothing here knows a browser or Node.
 */
import { byteLength, isView, toJSON } from './platform/engine.ts'

export type TransportName = 'websocket' | 'sse' | 'long-poll' | 'short-poll' | 'forever-iframe'

/** Version of the protocol; PROTOCOL.md 2. */
export const VERSION = 1

/** Bytes of encoded messages in one packet, or one message (PROTOCOL.md 5). Below the 64 KiB of a beacon. */
export const MAX_BATCH = 60_000

/** Bytes of the largest message, before encoding, until a hello says otherwise. */
export const MAX_MESSAGE = 1_000_000

/**
 * Bytes that each message counts beside its own against every limit at both ends, because an empty message takes memory,
 * too.
 */
export const MESSAGE_OVERHEAD = 64

/** A position in the down log: the number of a message, and the store's opaque tag for it. */
export type Position = readonly [number: number, tag: string]

/** Up: the user ids that a message is for. Down: the id of the session that it is from. 0: nobody. */
export type Peer = string | readonly string[] | 0

/** `[data]`, `[data, peer]` or `[data, peer, kind]`; the kind is a sum of {@link BINARY}, {@link REFUSED} and {@link FRAME}. */
export type Entry = [data: unknown, peer?: Peer, kind?: number]

/** Entry kind: `data` is base64 (RFC 4648, section 4), or means nothing with {@link FRAME}. */
export const BINARY = 1
/** Entry kind, down only: the server's `relay` hook refused this message of the client; `peer` says to whom. */
export const REFUSED = 2

/**
 * Entry kind, WebSocket only: the bytes are the binary frame after this packet. Only the last entry of a packet may be so,
 * that of `volatile` if there is one.
 */
export const FRAME = 4

/** Messages, and the number of the first. */
export type Batch = readonly [first: number, entries: readonly Entry[]]

/** The part of the down log that an exchange asks for in its answer. */
export type Answer = 'none' | 'now' | 'wait'

/** Says whose packet it is: in the first packet of a WebSocket and in every exchange. */
export interface Attach {
  readonly version: number
  /** 128 random bits, as text. Secret: whoever has the key has the session. */
  readonly key: string
  /** Absent: create the session if it does not exist. Present: never create. */
  readonly epoch?: string
  /** The client's counter of attaches and exchanges: 1, 2, 3 … */
  readonly t: number
  /** The lowest `t` that the client still wants. */
  readonly want: number
  /** Generation and random holder of the page, if the session can be resumed. */
  readonly page?: readonly [generation: number, holder: string]
  readonly token?: string
}

/** Header of the bridge's exchanges: the origin of the page around the bridge. PROTOCOL.md 7. */
export const BRIDGE_HEADER = 'rungs-origin'

/** Client → server. */
export interface Up {
  readonly attach?: Attach
  readonly ack?: Position
  readonly batch?: Batch
  readonly volatile?: readonly Entry[]
  readonly answer?: Answer
  /** Number up to which the client knows its log to be accepted. A higher one ends a wait at once. */
  readonly accepted?: number
  /** Asks for a sign of life on every carrier that brings messages down. */
  readonly probe?: 1
  /** Milliseconds within which a wait is to be answered, if that is less than the heartbeat interval. */
  readonly within?: number
  /** Asks for a ticket for a stream. */
  readonly stream?: TransportName
  /** Ends the session after so many seconds, unless it is resumed. */
  readonly bye?: readonly [grace: number, code?: number | null, reason?: string | null]
}

/** Milliseconds after which a client that has lost the server comes back, at least and at most. */
export type RetryBounds = readonly [least: number, most: number]

/** The server's limits for a session, and the name of the session. */
export interface Hello {
  readonly version: number
  /** Public id of the session. */
  readonly id: string
  /** Milliseconds of silence after which a stream gets a heartbeat. */
  readonly heartbeat: number
  /** Milliseconds that the session lives without a carrier. */
  readonly lifetime: number
  /** Bytes of the largest message, before encoding. */
  readonly maxMessage: number
  /** Bytes of messages down that may be unacknowledged; the client acknowledges each quarter of it. */
  readonly window: number
  /** When clients that lose the server come back, if they are so many that they must spread. Absent: `[0, 0]`. */
  readonly retryAfter?: RetryBounds
}

/** Server → client. */
export interface Down {
  readonly hello?: Hello
  /** Epoch; numbers up to which the up log is received and accepted; number of the last message of the down log. */
  readonly ack?: readonly [epoch: string, received: number, accepted: number, head: number]
  readonly batch?: Batch
  /** The store's tag for the last message of the batch. */
  readonly tag?: string
  readonly volatile?: readonly Entry[]
  readonly ticket?: string
  /** The second part of a stream's hello. */
  readonly ready?: 1
  /** Last packet of a carrier that was refused, or whose session ended. */
  readonly end?: readonly [type: EndType, reason: string, then: Then, code?: number]
  /** With `end`: the same for this time, as where a server goes away and all its clients must find another one. */
  readonly retryAfter?: RetryBounds
}

/** The client's next step after an end: try again, begin a new session, or give up. */
export type Then = 'retry' | 'reset' | 'final'

/**
 * Types of ends, with their HTTP status and the client's next step; the close code of a WebSocket is 4000 more.
 * PROTOCOL.md 8.
 */
export const END: { readonly [type in EndType]: readonly [status: number, then: Then] } = {
  malformed: [400, 'retry'],
  'unsupported-version': [400, 'final'],
  unauthorized: [401, 'final'],
  forbidden: [403, 'final'],
  'origin-refused': [403, 'final'],
  'not-found': [404, 'retry'],
  'method-not-allowed': [405, 'retry'],
  timeout: [408, 'retry'],
  superseded: [409, 'retry'],
  taken: [409, 'reset'],
  gap: [409, 'retry'],
  lost: [410, 'reset'],
  gone: [410, 'reset'],
  closed: [410, 'final'],
  'too-large': [413, 'final'],
  'unsupported-encoding': [415, 'retry'],
  'too-many-user-sessions': [429, 'retry'],
  internal: [500, 'retry'],
  'too-many-sessions': [503, 'retry'],
  draining: [503, 'retry'],
}

export type EndType =
  | 'malformed'
  | 'unsupported-version'
  | 'unauthorized'
  | 'forbidden'
  | 'origin-refused'
  | 'not-found'
  | 'method-not-allowed'
  | 'timeout'
  | 'superseded'
  | 'taken'
  | 'gap'
  | 'lost'
  | 'gone'
  | 'closed'
  | 'too-large'
  | 'unsupported-encoding'
  | 'too-many-user-sessions'
  | 'internal'
  | 'too-many-sessions'
  | 'draining'

/** A message of either log. A string body is JSON text. Bytes stay bytes until a carrier needs base64. */
export interface Message {
  readonly body: string | Uint8Array
  /** Bytes before encoding; every limit counts these. */
  readonly size: number
  readonly peer?: Peer
  readonly kind?: number
}

/** A message with a copy of the data that an application sends; `undefined` if it is neither JSON nor binary. */
export function createMessage(data: unknown, peer: Peer = 0, kind = 0): Message | undefined {
  if (data instanceof ArrayBuffer || isView(data)) {
    // A view has a buffer and its place in it; an ArrayBuffer has neither, and is taken whole.
    const { buffer = data as ArrayBuffer, byteOffset, byteLength: size } = data as ArrayBufferView
    return { body: new Uint8Array(new Uint8Array(buffer, byteOffset, size)), size, peer, kind }
  }
  try {
    // `undefined` for a function or a symbol.
    const body = toJSON(data) as string | undefined
    if (body) return { body, size: byteLength(typeof data === 'string' ? data : body), peer, kind }
  } catch {
    // Cycles (TypeError) and BigInt (TypeError) are no JSON.
  }
  return undefined
}

/** An entry as JSON text. `base64` encodes binary messages; without it, the bytes go in a frame of their own. */
export function encodeEntry(
  { body, peer = 0, kind = 0 }: Message,
  base64?: (bytes: Uint8Array) => string,
): string {
  if (typeof body === 'string') return entryOf(body, peer, kind)
  if (base64) return entryOf(`"${base64(body)}"`, peer, kind | BINARY)
  return entryOf('0', peer, kind | BINARY | FRAME)
}

/** The shortest entry: defaults at its end are left out. */
function entryOf(data: string, peer: Peer, kind: number): string {
  if (kind) return `[${data},${toJSON(peer)},${kind}]`
  return peer ? `[${data},${toJSON(peer)}]` : `[${data}]`
}

/** The text of a packet, from fields that are JSON text already. Empty fields are left out. */
export function packet(fields: {
  readonly [name in keyof Up | keyof Down]?: string | number | false | undefined
}): string {
  const texts: string[] = []
  for (const name in fields) {
    const field = fields[name as keyof typeof fields]
    if (field) texts.push(`"${name}":${field}`)
  }
  return `{${texts.join()}}`
}

/** A packet from the server; nothing if some box on the way wrote the text in its place. */
export function readPacket(text: string): Down | null | undefined {
  try {
    return JSON.parse(text) as Down | null
  } catch {
    return undefined
  }
}

/** The entry of a packet whose bytes are in the next frame. The server checks that it is the last one. */
export function awaitsFrame({
  batch,
  volatile,
}: Pick<Up, 'batch' | 'volatile'>): Entry | undefined {
  return (volatile || batch?.[1] || []).filter((entry) => entry[2]! & FRAME)[0]
}
