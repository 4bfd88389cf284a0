/** The fields of packets and the limits of protocol 1 (PROTOCOL.md 4 and 5). */
import type { EndType, Then } from './ends.ts'

export type TransportName = 'websocket' | 'sse' | 'long-poll' | 'short-poll' | 'forever-iframe'

/** Version of the protocol; PROTOCOL.md 2. */
export const VERSION = 1

/** Bytes of the entries of one packet, until a hello says otherwise, and at least. */
export const MAX_BATCH = 60_000

/** Entries of one list of a packet. Small ones cost far more at their receiver than on the wire. */
export const MAX_ENTRIES = 20_000

/** Bytes of the largest message, before encoding, until a hello says otherwise. */
export const MAX_MESSAGE = 1_000_000

/** Characters of a token. */
export const MAX_TOKEN = 8_192

/** User ids that a message may be addressed to, and characters of one. */
export const MAX_RECIPIENTS = 100
export const MAX_USER_ID = 256

/** Arrays and objects in which JSON may be nested. */
export const MAX_DEPTH = 1_000

/**
 * Arrays and objects that a message may have: 100,000, or one for each 10 bytes of the largest message if that is more. Each takes
 * up to 70 bytes in memory, and two on the wire.
 */
export function maxContainers(maxMessage: number): number {
  return Math.max(100_000, maxMessage / 10)
}

/**
 * Bytes that each message counts beside its own against every limit at both ends, because an empty message takes memory,
 * too.
 */
export const MESSAGE_OVERHEAD = 64

/** A position in the down log: the number of a message, and the store's opaque tag for it. */
export type Position = readonly [number: number, tag: string]

/** Up: the user ids that a message is for. Down: the id of the session that it is from. 0: nobody. */
export type Peer = string | readonly string[] | 0

/**
 * A message: `[data]`, `[data, peer]` or `[data, peer, kind]`; or a part of one: `[data, peer, kind, offset, size]`. The kind is
 * a sum of {@link BINARY}, {@link REFUSED}, {@link FRAME} and {@link PART} (PROTOCOL.md 4.4).
 */
export type Entry = [data: unknown, peer?: Peer, kind?: number, offset?: number, size?: number]

/** Entry kind: `data` is base64 (RFC 4648, section 4), or means nothing with {@link FRAME}. */
export const BINARY = 1
/** Entry kind, down only: the server's `relay` hook refused this message of the client; `peer` says to whom. */
export const REFUSED = 2
/**
 * Entry kind, WebSocket only: the bytes are the binary frame after this packet. Only the last entry of a packet may be so,
 * that of `volatile` if there is one.
 */
export const FRAME = 4
/** Entry kind: `data` is a piece of the message, from `offset` on (PROTOCOL.md 4.6). */
export const PART = 8

/** Messages, and the number of the first. */
export type Batch = readonly [first: number, entries: readonly Entry[]]

/** The part of the down log that an exchange asks for in its answer. */
export type Answer = 'none' | 'now' | 'wait'

/** Says whose packet it is: in the first packet of every WebSocket and every exchange. */
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
  /** Milliseconds of the longest heartbeat interval that passes the client's network. */
  readonly heartbeat?: number
  /** Bytes of the largest batch down that suits the client's line. */
  readonly maxBatch?: number
  /** Bytes of padding that push the beginning of a stream, and heartbeats on it, through the client's network. */
  readonly pad?: number
  /** Path and query by which the application was addressed. Like the next two, it counts when the session is created. */
  readonly url?: string
  /** Subprotocols of the application, best first. */
  readonly protocols?: readonly string[]
  /** The application's own description of this client: small JSON. */
  readonly meta?: unknown
  /** Reserved (PROTOCOL.md 2). */
  readonly features?: readonly string[]
}

/** Header of the bridge's exchanges: the origin of the page around the bridge. PROTOCOL.md 7. */
export const BRIDGE_HEADER = 'rungs-origin'

/** Client → server. */
export interface Up {
  readonly attach?: Attach
  /** Position that is acknowledged, and how much of the message after it the client has. */
  readonly ack?: readonly [number: number, tag: string, partial?: number]
  readonly batch?: Batch
  readonly volatile?: readonly Entry[]
  readonly answer?: Answer
  /** Asks for hello in the answer to an exchange. */
  readonly hello?: 1
  /** Number up to which the client knows its log to be accepted. A higher one ends a wait at once. */
  readonly accepted?: number
  /** Asks for a sign of life on every carrier that brings messages down. */
  readonly probe?: 1
  /** Milliseconds within which a wait is to be answered, if that is less than the heartbeat interval. */
  readonly within?: number
  /** Asks for a ticket for a stream. */
  readonly stream?: TransportName
  /** WebSocket only: the new token that the server asked for. */
  readonly token?: string
  /** Ends the session after so many seconds, unless it is resumed. */
  readonly bye?: readonly [grace: number, code?: number | null, reason?: string | null]
}

/** Milliseconds after which a client that has lost the server comes back, at least and at most. */
export type RetryBounds = readonly [least: number, most: number]

/** The server's terms for a session, and the name of the session. */
export interface Hello {
  readonly version: number
  /** Public id of the session. */
  readonly id: string
  readonly epoch: string
  /** Milliseconds of silence after which a stream gets a heartbeat. */
  readonly heartbeat: number
  /** Milliseconds that the session lives without a carrier. */
  readonly lifetime: number
  /** Bytes of the largest message, before encoding. */
  readonly maxMessage: number
  /** Bytes of the entries of one packet. */
  readonly maxBatch: number
  /** Bytes of messages down that may be unacknowledged; the client acknowledges each quarter of it. */
  readonly window: number
  /** Exchanges that do not ask for hello need no token. */
  readonly bound?: 1
  /** The subprotocol that the server chose. */
  readonly protocol?: string
  /** When clients that lose the server come back, if they are so many that they must spread. Absent: `[0, 0]`. */
  readonly retryAfter?: RetryBounds
  /** Reserved (PROTOCOL.md 2). */
  readonly features?: readonly string[]
}

/** Server → client. */
export interface Down {
  readonly hello?: Hello
  /**
   * Numbers up to which the up log is received and accepted; number of the last message of the down log; how much of the
   * message after the last received one the server has; bytes of messages down that are still to come.
   */
  readonly ack?: readonly [
    received: number,
    accepted: number,
    head: number,
    partial?: number,
    outstanding?: number,
  ]
  /** With `ack`: what the client sent was not taken, and it is to go on from there. */
  readonly gap?: 1
  readonly batch?: Batch
  /** The store's tag for the last whole message of the batch. */
  readonly tag?: string
  readonly volatile?: readonly Entry[]
  readonly ticket?: string
  /** The second part of a stream's hello. */
  readonly ready?: 1
  /** The server asks for a new token. */
  readonly token?: 1
  /** Last packet of a carrier that was refused, or whose session ended. */
  readonly end?: readonly [type: EndType, reason: string, then: Then, code?: number]
  /** With `end`: as in hello, for this time, as where a server goes away and all its clients must find another one. */
  readonly retryAfter?: RetryBounds
  /** With `end`: the highest version that the server speaks. */
  readonly version?: number
}

/** The text of a packet, from fields that are JSON text already. Empty fields are left out. */
export function packet(fields: {
  readonly [name in keyof Up | keyof Down]?: string | number | false | undefined
}): string {
  const names = Object.keys(fields) as (keyof typeof fields)[]
  const texts = names.filter((name) => fields[name]).map((name) => `"${name}":${fields[name]}`)
  return `{${texts}}`
}

/** The entry of a packet whose bytes are in the next frame. The server checks that it is the last one. */
export function awaitsFrame({
  batch,
  volatile,
}: Pick<Up, 'batch' | 'volatile'>): Entry | undefined {
  return (volatile || (batch ? batch[1] : [])).filter(([, , kind = 0]) => kind & FRAME)[0]
}
