/** What clients send, checked to the last field. Nothing unchecked goes further into the server. */
import {
  BINARY,
  FRAME,
  MAX_BATCH,
  VERSION,
  awaitsFrame,
  createMessage,
  type Answer,
  type Attach,
  type Batch,
  type Entry,
  type Peer,
  type Position,
  type TransportName,
  type Up,
} from 'rungs/protocol'
import type { ReceivedMessage } from '../delivery/handler-queue.ts'
import { Refusal } from '../errors.ts'

/** Entries of a list: as many as a packet of usual size can have. Small ones cost far more here than on the wire. */
const MAX_ENTRIES = MAX_BATCH / '[0]'.length
/** User ids that one message may be addressed to, and the length of one. */
const MAX_RECIPIENTS = 100
const MAX_NAME = 256
/** Characters: with it, the first frame of a WebSocket is still below its limit. */
const MAX_TOKEN = 8_192
/** Seconds that a goodbye may ask for. */
const MAX_GRACE = 60

/** A packet of a client, decoded. */
export interface Packet {
  readonly attach: Attach | undefined
  readonly ack: Position | undefined
  readonly batch:
    | { readonly first: number; readonly messages: readonly ReceivedMessage[] }
    | undefined
  readonly volatile: readonly ReceivedMessage[] | undefined
  /** The bytes of the last message are in the frame that follows. */
  readonly framed: boolean
  readonly answer: Answer | undefined
  readonly accepted: number | undefined
  readonly probe: boolean
  readonly within: number | undefined
  readonly stream: TransportName | undefined
  readonly bye: NonNullable<Up['bye']> | undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function malformed(what: string): never {
  throw new Refusal('malformed', what)
}

function check(fine: boolean, what: string): asserts fine {
  if (!fine) malformed(what)
}

const isNumber = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most

const isBye = (value: unknown): value is NonNullable<Up['bye']> =>
  Array.isArray(value) &&
  isNumber(value[0], 0, MAX_GRACE) &&
  (value[1] == null || isNumber(value[1], 0, 65_535)) &&
  (value[2] == null || isText(value[2], MAX_NAME))

const isText = (value: unknown, most: number, least = 0): value is string =>
  typeof value === 'string' && value.length >= least && value.length <= most

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPosition = (value: unknown): value is Position =>
  Array.isArray(value) && value.length === 2 && isNumber(value[0], 0) && isText(value[1], 64)

/** A text from bytes that must be UTF-8 (RFC 3629). */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return malformed('the body is not UTF-8')
  }
}

/** A packet as text; `maxMessage` in bytes, `frames` where one may follow it. Throws a {@link Refusal}. */
export function parsePacket(text: string, maxMessage: number, frames: boolean): Packet {
  let up: unknown
  try {
    up = JSON.parse(text)
  } catch {
    malformed('the packet is not JSON')
  }
  check(isObject(up), 'the packet is not an object')
  // JSON.parse makes `__proto__` a field like any other, and only these fields are read.
  const { attach, ack, batch, volatile, answer, accepted, probe, within, stream, bye } = up
  // Only a text that is large as a whole is measured piece by piece: none of its characters is more than three bytes.
  const most = 3 * text.length > maxMessage ? maxMessage : Infinity
  check(ack === undefined || isPosition(ack), 'ack is not [number, tag]')
  check(
    answer === undefined || answer === 'none' || answer === 'now' || answer === 'wait',
    'answer is unknown',
  )
  check(accepted === undefined || isNumber(accepted, 0), 'accepted is not a number')
  check(probe === undefined || probe === 1, 'probe is not 1')
  check(within === undefined || isNumber(within, 1), 'within is not a positive number')
  check(
    stream === undefined || stream === 'sse' || stream === 'forever-iframe',
    'stream is unknown',
  )
  check(bye === undefined || isBye(bye), 'bye is not [seconds, code, reason]')
  check(
    answer !== 'wait' || (stream === undefined && bye === undefined),
    'neither a ticket nor a goodbye waits',
  )
  return {
    attach: attach === undefined ? undefined : parseAttach(attach),
    ack,
    batch:
      batch === undefined ? undefined : parseBatch(batch, most, frames && volatile === undefined),
    volatile: volatile === undefined ? undefined : parseEntries(volatile, most, frames),
    framed: frames && awaitsFrame(up as Up) !== undefined,
    answer,
    accepted,
    probe: probe === 1,
    within,
    stream,
    bye,
  }
}

/** The packet with the binary frame that it announced. Throws a {@link Refusal}. */
export function addFrame(
  packet: Packet | undefined,
  bytes: Uint8Array,
  maxMessage: number,
): Packet {
  check(packet?.framed === true, 'no packet announced the binary frame')
  checkSize(bytes.length, maxMessage)
  const { batch, volatile } = packet
  const messages = volatile ?? batch!.messages
  // A copy: `ws` gives a view of all that one read of the socket brought.
  const whole = [
    ...messages.slice(0, -1),
    { data: new Uint8Array(bytes), recipients: messages.at(-1)!.recipients },
  ]
  return {
    ...packet,
    ...(volatile ? { volatile: whole } : { batch: { first: batch!.first, messages: whole } }),
  }
}

function parseAttach(attach: unknown): Attach {
  check(isObject(attach), 'attach is not an object')
  const { version, key, epoch, t, want, page, token } = attach
  if (version !== VERSION)
    throw new Refusal('unsupported-version', `this server speaks version ${VERSION}`)
  check(
    typeof key === 'string' && /^[0-9a-z,]{16,64}$/.test(key),
    'key is not 16 to 64 of 0-9, a-z and the comma',
  )
  check(epoch === undefined || isText(epoch, 64, 1), 'epoch is not a text')
  check(isNumber(t, 1), 't is not a positive number')
  check(isNumber(want, 1, t), 'want is not a positive number up to t')
  check(
    page === undefined ||
      (Array.isArray(page) && page.length === 2 && isNumber(page[0], 0) && isText(page[1], 64, 1)),
    'page is not [generation, holder]',
  )
  check(token === undefined || isText(token, MAX_TOKEN), 'token is not a text, or too long')
  return attach as unknown as Attach
}

function parseBatch(batch: unknown, most: number, frames: boolean): NonNullable<Packet['batch']> {
  check(
    Array.isArray(batch) && batch.length === 2 && isNumber(batch[0], 1),
    'batch is not [first, entries]',
  )
  const [first, entries] = batch as unknown as Batch
  const messages = parseEntries(entries, most, frames)
  check(
    messages.length > 0 && isNumber(first + messages.length, 1),
    'batch is empty or beyond all numbers',
  )
  return { first, messages }
}

function parseEntries(entries: unknown, most: number, frames: boolean): ReceivedMessage[] {
  check(
    Array.isArray(entries) && entries.length <= MAX_ENTRIES,
    `the entries are not a list of up to ${MAX_ENTRIES}`,
  )
  return entries.map((entry: unknown, index) =>
    parseEntry(entry, most, frames && index === entries.length - 1),
  )
}

function parseEntry(entry: unknown, most: number, mayBeFrame: boolean): ReceivedMessage {
  check(
    Array.isArray(entry) && entry.length >= 1 && entry.length <= 3,
    'an entry is not [data, to, kind]',
  )
  const [data, peer, kind] = entry as unknown as Entry
  const to = recipients(peer)
  if (mayBeFrame && kind === (BINARY | FRAME)) return { data: undefined, recipients: to }
  check(kind === undefined || kind === 0 || kind === BINARY, 'the kind of an entry is unknown here')
  if (kind !== BINARY) {
    if (most !== Infinity) checkSize(sizeOf(data), most)
    return { data, recipients: to }
  }
  check(
    typeof data === 'string' && data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data),
    'a binary entry is not base64',
  )
  const bytes = new Uint8Array(Buffer.from(data, 'base64'))
  checkSize(bytes.length, most)
  return { data: bytes, recipients: to }
}

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data)
  const message = createMessage(data)
  check(message !== undefined, 'an entry is nested too deep')
  return message.size
}

function recipients(peer: Peer | undefined): readonly string[] | undefined {
  if (peer === undefined || peer === 0) return undefined
  check(
    Array.isArray(peer) &&
      peer.length > 0 &&
      peer.length <= MAX_RECIPIENTS &&
      peer.every((id: unknown) => isText(id, MAX_NAME, 1)),
    `the recipients are not a list of 1 to ${MAX_RECIPIENTS} user ids`,
  )
  return peer
}

function checkSize(size: number, most: number): void {
  if (size > most) throw new Refusal('too-large', `a message of ${size} bytes is more than ${most}`)
}
