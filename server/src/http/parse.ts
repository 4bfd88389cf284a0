/** Checks what clients send, to the last field (PROTOCOL.md 4). Nothing unchecked goes further into the server. */
import {
  VERSION,
  awaitsFrame,
  type Answer,
  type Attach,
  type Position,
  type TransportName,
  type Up,
} from 'rungs/protocol'
import type { ReceivedBatch, ReceivedMessage } from '../delivery/handler-queue.ts'
import { Refusal } from '../errors.ts'
import { check, isInteger, isObject, isText, malformed } from './checks.ts'
import { checkSize, parseBatch, parseEntries, withData } from './parse-entries.ts'

/** Characters of a token. With the longest one, the first frame of a WebSocket is still below its limit. */
const MAX_TOKEN = 8_192
/** Characters of the reason of a goodbye. */
const MAX_REASON = 256
/** Characters of an epoch, a tag or a holder. */
const MAX_TAG = 64
/** Seconds that a goodbye may ask for. */
const MAX_GRACE = 60

/** A packet of a client, checked. Its fields are those of PROTOCOL.md 4.2, except for `announcesFrame`. */
export interface Packet {
  readonly attach: Attach | undefined
  readonly ack: Position | undefined
  readonly batch: ReceivedBatch | undefined
  readonly volatile: readonly ReceivedMessage[] | undefined
  readonly answer: Answer | undefined
  readonly accepted: number | undefined
  readonly probe: boolean
  readonly within: number | undefined
  readonly stream: TransportName | undefined
  readonly bye: NonNullable<Up['bye']> | undefined
  /** The bytes of the last message are in the frame that must follow. {@link addFrame} adds them. */
  readonly announcesFrame: boolean
}

interface SizeLimit {
  /** Bytes of the largest message. */
  readonly maxMessage: number
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
  { maxMessage }: SizeLimit,
  { mayAnnounceFrame = false }: { readonly mayAnnounceFrame?: boolean } = {},
): Packet {
  const up = parseJson(text)
  check(isObject(up), 'the packet is not an object')
  // JSON.parse makes `__proto__` a field like any other, and no other fields than these are read.
  const { attach, ack, batch, volatile, answer, accepted, probe, within, stream, bye } = up
  check(ack === undefined || isPosition(ack), 'ack is not [number, tag]')
  check(answer === undefined || isAnswer(answer), 'answer is not "none", "now" or "wait"')
  check(accepted === undefined || isInteger(accepted, 0), 'accepted is not a number')
  check(probe === undefined || probe === 1, 'probe is not 1')
  check(within === undefined || isInteger(within, 1), 'within is not a positive number')
  check(
    stream === undefined || stream === 'sse' || stream === 'forever-iframe',
    'stream is not "sse" or "forever-iframe"',
  )
  check(bye === undefined || isBye(bye), 'bye is not [seconds, code, reason]')
  check(
    answer !== 'wait' || (stream === undefined && bye === undefined),
    'an exchange that waits has neither stream nor bye',
  )
  // A character has three bytes at most, so messages are measured one by one only if the packet is large as a whole.
  const maxSize = 3 * text.length > maxMessage ? maxMessage : Infinity
  return {
    attach: attach === undefined ? undefined : parseAttach(attach),
    ack,
    batch:
      batch === undefined
        ? undefined
        : parseBatch(batch, maxSize, mayAnnounceFrame && volatile === undefined),
    volatile:
      volatile === undefined ? undefined : parseEntries(volatile, maxSize, mayAnnounceFrame),
    answer,
    accepted,
    probe: probe === 1,
    within,
    stream,
    bye,
    announcesFrame: mayAnnounceFrame && awaitsFrame(up as Up) !== undefined,
  }
}

/** Adds the binary frame that a packet announced. Throws a {@link Refusal}. */
export function addFrame(
  packet: Packet | undefined,
  bytes: Uint8Array,
  { maxMessage }: SizeLimit,
): Packet {
  check(packet?.announcesFrame === true, 'no packet announced the binary frame')
  checkSize(bytes.length, maxMessage)
  const { batch, volatile } = packet
  return volatile
    ? { ...packet, volatile: withData(volatile, bytes) }
    : {
        ...packet,
        batch: { first: batch!.first, messages: withData(batch!.messages, bytes) },
      }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Syntax, or nested deeper than the engine can read (PROTOCOL.md 5).
    throw malformed('the packet is not JSON')
  }
}

function parseAttach(attach: unknown): Attach {
  check(isObject(attach), 'attach is not an object')
  const { version, key, epoch, t, want, page, token } = attach
  if (version !== VERSION) {
    throw new Refusal('unsupported-version', `this server speaks version ${VERSION} only`)
  }
  check(
    typeof key === 'string' && /^[0-9a-z,]{16,64}$/.test(key),
    'key is not 16 to 64 characters of 0-9, a-z and the comma',
  )
  check(epoch === undefined || isText(epoch, 1, MAX_TAG), 'epoch is not a text')
  check(isInteger(t, 1), 't is not a positive number')
  check(isInteger(want, 1, t), 'want is not a positive number up to t')
  check(page === undefined || isPage(page), 'page is not [generation, holder]')
  check(
    token === undefined || isText(token, 0, MAX_TOKEN),
    `token is not a text of up to ${MAX_TOKEN} characters`,
  )
  return attach as unknown as Attach
}

function isPosition(value: unknown): value is Position {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    isInteger(value[0], 0) &&
    isText(value[1], 0, MAX_TAG)
  )
}

function isPage(value: unknown): value is NonNullable<Attach['page']> {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    isInteger(value[0], 0) &&
    isText(value[1], 1, MAX_TAG)
  )
}

function isAnswer(value: unknown): value is Answer {
  return value === 'none' || value === 'now' || value === 'wait'
}

function isBye(value: unknown): value is NonNullable<Up['bye']> {
  if (!Array.isArray(value)) return false
  const [grace, code, reason] = value as unknown[]
  return (
    isInteger(grace, 0, MAX_GRACE) &&
    (code == null || isInteger(code, 0, 65_535)) &&
    (reason == null || isText(reason, 0, MAX_REASON))
  )
}
