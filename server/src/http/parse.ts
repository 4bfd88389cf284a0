/** Checks what clients send, to the last field (PROTOCOL.md 4). Nothing unchecked goes further into the server. */
import {
  MAX_DEPTH,
  awaitsFrame,
  maxContainers,
  type Answer,
  type Attach,
  type TransportName,
  type Up,
} from 'rungs/protocol'
import { check, isInteger, isObject, isText, malformed } from '../checks.ts'
import type { ReceivedMessage } from '../delivery/run-handlers.ts'
import type { IncomingBatch } from '../delivery/intake.ts'
import { checkSize, parseJson, type ParsedJson } from '../delivery/message-value.ts'
import { Refusal } from '../errors.ts'
import type { Cursor } from '../store/store.ts'
import { MAX_NAME, NOT_A_TOKEN, checkVersion, isToken, parseAttach } from './parse-attach.ts'
import { parseBatch, parseVolatile, withData, withPiece } from './parse-entries.ts'

/** Arrays and objects around the data of a message: the packet, `batch`, its entries, the entry. A volatile one has one less. */
const BATCH_DEPTH = 4
const VOLATILE_DEPTH = 3
/** Bytes of entries for each array or object that a packet may have, where `maxBatch` is large: less is no message of anybody. */
const MIN_BYTES_PER_CONTAINER = 4
/** Characters of the reason of a goodbye. */
const MAX_REASON = 256
/** Seconds that a goodbye may ask for. */
const MAX_GRACE = 60

export type Goodbye = NonNullable<Up['bye']>

/** A packet of a client, checked. Its fields are those of PROTOCOL.md 4.2, except for `announcesFrame`. */
export interface Packet {
  readonly attach: Attach | undefined
  readonly ack: Cursor | undefined
  readonly batch: IncomingBatch | undefined
  readonly volatile: readonly ReceivedMessage[] | undefined
  readonly answer: Answer | undefined
  readonly hello: boolean
  readonly accepted: number | undefined
  readonly probe: boolean
  readonly within: number | undefined
  readonly stream: TransportName | undefined
  readonly token: string | undefined
  readonly bye: Goodbye | undefined
  /** The bytes of the last message are in the frame that must follow. {@link addFrame} adds them. */
  readonly announcesFrame: boolean
  /** Arrays and objects that the packet was parsed to. */
  readonly containers: number
}

export interface SizeLimits {
  /** Bytes of the largest message. */
  readonly maxMessage: number
  /** Bytes of the messages of one packet. */
  readonly maxBatch: number
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Decodes a text from bytes that must be UTF-8 (RFC 3629). Throws a {@link Refusal}. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    // Not UTF-8, or longer than a string can be.
    throw malformed('the packet is not UTF-8')
  }
}

/**
 * Parses a packet. Throws a {@link Refusal}.
 *
 * @param mayAnnounceFrame Whether a frame can follow. Default `false`.
 */
export function parsePacket(
  text: string,
  { maxMessage, maxBatch }: SizeLimits,
  { mayAnnounceFrame = false }: { readonly mayAnnounceFrame?: boolean } = {},
): Packet {
  const { value: up, containers } = parseUp(text, { maxMessage, maxBatch })
  check(isObject(up), 'the packet is not an object')
  // JSON.parse makes `__proto__` a field like any other, and no other fields than these are read.
  const { attach, batch, volatile, answer, stream, ack, hello, accepted, within, token } = up
  checkVersion(attach)
  check(ack === undefined || isCursor(ack), 'ack is not [number, tag] or [number, tag, part]')
  check(answer === undefined || isAnswer(answer), 'answer is not "none", "now" or "wait"')
  check(isFlag(hello), 'hello is not 1')
  check(accepted === undefined || isInteger(accepted, 0), 'accepted is not a number')
  check(isFlag(up.probe), 'probe is not 1')
  check(within === undefined || isInteger(within, 1), 'within is not a positive number')
  check(stream === undefined || isStream(stream), 'stream is not "sse" or "forever-iframe"')
  check(token === undefined || isToken(token), NOT_A_TOKEN)
  const { bye } = up
  check(bye === undefined || isGoodbye(bye), 'bye is not [seconds, code, reason]')
  // A character has three bytes at most, so messages are measured one by one only if the packet is large as a whole.
  const limits = { maxMessage, mustMeasure: 3 * text.length > maxMessage }
  const batchMayAnnounce = mayAnnounceFrame && volatile === undefined
  return {
    attach: attach === undefined ? undefined : parseAttach(attach),
    ack,
    batch: batch === undefined ? undefined : parseBatch(batch, limits, batchMayAnnounce),
    volatile:
      volatile === undefined ? undefined : parseVolatile(volatile, limits, mayAnnounceFrame),
    answer,
    hello: hello === 1,
    accepted,
    probe: up.probe === 1,
    within,
    stream,
    token,
    bye,
    announcesFrame: mayAnnounceFrame && awaitsFrame(up as Up) !== undefined,
    containers,
  }
}

/** Adds the binary frame that a packet announced. Throws a {@link Refusal}. */
export function addFrame(
  packet: Packet | undefined,
  frame: Uint8Array,
  { maxMessage }: Pick<SizeLimits, 'maxMessage'>,
): Packet {
  check(packet?.announcesFrame === true, 'no packet announced the binary frame')
  const { batch, volatile } = packet
  // A copy: `ws` gives a view of all that one read of the socket brought.
  const bytes = new Uint8Array(frame)
  checkSize(bytes.length, maxMessage)
  if (volatile) return { ...packet, volatile: withData(volatile, bytes) }
  return { ...packet, batch: { ...batch!, entries: withPiece(batch!.entries, bytes) } }
}

/** A packet with nothing but its envelope: as JSON text, its messages take a twentieth of the memory. */
export function withoutMessages<P extends Packet>(packet: P): P {
  return { ...packet, batch: undefined, volatile: undefined }
}

/** The goodbye of a packet that was refused, if the packet can be read: it holds all the same (PROTOCOL.md 6.10). */
export function goodbyeIn(text: string, limits: SizeLimits): Goodbye | undefined {
  try {
    const { value: up } = parseUp(text, limits)
    return isObject(up) && isGoodbye(up.bye) ? up.bye : undefined
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

function parseUp(text: string, { maxMessage, maxBatch }: SizeLimits): ParsedJson {
  const limit = Math.max(maxContainers(maxMessage), maxBatch / MIN_BYTES_PER_CONTAINER)
  return parseJson(text, limit, depthIn)
}

/** Arrays and objects that may be in one another in a field of a packet. What is around a message does not count (PROTOCOL.md 4.1). */
function depthIn(field: string): number {
  if (field === '"batch"') return MAX_DEPTH + BATCH_DEPTH
  return field === '"volatile"' ? MAX_DEPTH + VOLATILE_DEPTH : MAX_DEPTH
}

function isFlag(value: unknown): value is 1 | undefined {
  return value === undefined || value === 1
}

function isCursor(value: unknown): value is Cursor {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return false
  const [number, tag, partial = 0] = value as unknown[]
  return isInteger(number, 0) && isText(tag, 0, MAX_NAME) && isInteger(partial, 0)
}

function isAnswer(value: unknown): value is Answer {
  return value === 'none' || value === 'now' || value === 'wait'
}

function isStream(value: unknown): value is TransportName {
  return value === 'sse' || value === 'forever-iframe'
}

function isGoodbye(value: unknown): value is Goodbye {
  if (!Array.isArray(value) || value.length < 1 || value.length > 3) return false
  const [grace, code = null, reason = null] = value as unknown[]
  return (
    isInteger(grace, 0, MAX_GRACE) &&
    (code === null || isInteger(code, 0, 65_535)) &&
    (reason === null || isText(reason, 0, MAX_REASON))
  )
}
