/** Entries: the messages of a packet, and parts of messages (PROTOCOL.md 4.4 and 4.6). */
import {
  BINARY,
  FRAME,
  MAX_ENTRIES,
  MIN_PART_LENGTH,
  PART,
  type Batch,
  type Entry,
  type Peer,
} from 'rungs/protocol'
import { check, isInteger, isText } from '../checks.ts'
import type { ReceivedMessage } from '../delivery/run-handlers.ts'
import type { IncomingBatch, ReceivedPart } from '../delivery/intake.ts'
import { checkSize, sizeOf } from '../delivery/message-value.ts'

/** User ids that one message may be addressed to. */
const MAX_RECIPIENTS = 100
/** Characters of a user id. */
const MAX_USER_ID = 256
/** UTF-16 code units of JSON text for a byte of a text: `\u0001` for U+0001. */
const MAX_UNITS_PER_BYTE = 6

export interface EntryLimits {
  /** Bytes of the largest message. */
  readonly maxMessage: number
  /** Whether a whole message of the packet may be too large. */
  readonly mustMeasure: boolean
}

type BatchEntry = ReceivedMessage | ReceivedPart

/** The bytes of a message whose frame is still to come. */
const NO_BYTES = new Uint8Array()

/**
 * Parses the batch of a packet. Throws a {@link Refusal}.
 *
 * @param mayAnnounceFrame Whether a frame may follow that the last entry announces.
 */
export function parseBatch(
  batch: unknown,
  limits: EntryLimits,
  mayAnnounceFrame: boolean,
): IncomingBatch {
  check(
    Array.isArray(batch) && batch.length === 2 && isInteger(batch[0], 1),
    'batch is not [first number, entries]',
  )
  const [first, list] = batch as unknown as Batch
  checkList(list)
  check(
    list.length > 0 && isInteger(first + list.length, 1),
    'batch is empty, or its numbers are too large',
  )
  const last = list.length - 1
  const entries = list.map((entry: unknown, index) => {
    const mayBeFrame = mayAnnounceFrame && index === last
    return isPartOnWire(entry)
      ? parsePart(entry, limits, mayBeFrame, index === last)
      : parseMessage(entry, limits, mayBeFrame)
  })
  return { first, entries }
}

/** Parses volatile messages, likewise. They have no parts. */
export function parseVolatile(
  list: unknown,
  limits: EntryLimits,
  mayAnnounceFrame: boolean,
): ReceivedMessage[] {
  checkList(list)
  const last = list.length - 1
  return list.map((entry, index) => parseMessage(entry, limits, mayAnnounceFrame && index === last))
}

/** The messages, the last of which gets its data. */
export function withData(
  messages: readonly ReceivedMessage[],
  data: Uint8Array,
): ReceivedMessage[] {
  return [...messages.slice(0, -1), { ...messages.at(-1)!, data }]
}

/** The entries of a batch, the last of which gets its data. Throws a {@link Refusal} if it is a part of another length. */
export function withPiece(entries: readonly BatchEntry[], data: Uint8Array): BatchEntry[] {
  const last = { ...entries.at(-1)!, data }
  if ('offset' in last) checkPiece(last, true)
  return [...entries.slice(0, -1), last]
}

function checkList(list: unknown): asserts list is readonly unknown[] {
  check(
    Array.isArray(list) && list.length <= MAX_ENTRIES,
    `the entries are not a list of up to ${MAX_ENTRIES}`,
  )
}

function isPartOnWire(entry: unknown): entry is readonly unknown[] {
  return Array.isArray(entry) && entry.length === 5
}

function parseMessage(
  entry: unknown,
  { maxMessage, mustMeasure }: EntryLimits,
  mayBeFrame: boolean,
): ReceivedMessage {
  check(
    Array.isArray(entry) && entry.length >= 1 && entry.length <= 3,
    'an entry is neither [data, peer, kind] nor [data, peer, kind, offset, size]',
  )
  const [value, peer, kind = 0] = entry as unknown as Entry
  const recipients = parseRecipients(peer)
  if (mayBeFrame && kind === (BINARY | FRAME)) return { data: NO_BYTES, recipients }
  check(kind === 0 || kind === BINARY, 'an entry has a kind that is unknown, or not allowed here')
  const data = kind === BINARY ? parseBase64(value) : value
  if (mustMeasure) checkSize(sizeOf(data), maxMessage)
  return { data, recipients }
}

function parsePart(
  entry: readonly unknown[],
  { maxMessage }: EntryLimits,
  mayBeFrame: boolean,
  isLastEntry: boolean,
): ReceivedPart {
  const [value, peer, kind, offset, size] = entry as Required<Entry>
  const recipients = parseRecipients(peer)
  check(isInteger(offset, 0) && isInteger(size, 1), 'a part has no offset or no size')
  const isFrame = mayBeFrame && kind === (PART | BINARY | FRAME)
  const isBinary = isFrame || kind === (PART | BINARY)
  check(isBinary || kind === PART, 'a part has a kind that is unknown, or not allowed here')
  check(isBinary || typeof value === 'string', 'the data of a part is not a text')
  // The exact size of a text is known when all of its parts are there.
  checkSize(size, isBinary ? maxMessage : MAX_UNITS_PER_BYTE * maxMessage + '""'.length)
  if (isFrame) return { data: NO_BYTES, recipients, offset, size }
  const part = { data: isBinary ? parseBase64(value) : String(value), recipients, offset, size }
  checkPiece(part, isLastEntry)
  return part
}

function checkPiece({ data, offset, size }: ReceivedPart, isLastEntry: boolean): void {
  const end = offset + data.length
  check(data.length > 0 && end <= size, 'a part is empty, or reaches beyond its message')
  check(
    end === size || (data.length >= MIN_PART_LENGTH && isLastEntry),
    `a part of which more is to come has less than ${MIN_PART_LENGTH} bytes or units, or is not the last of its batch`,
  )
}

function parseRecipients(peer: Peer | undefined): readonly string[] | undefined {
  if (peer === undefined || peer === 0) return undefined
  check(
    Array.isArray(peer) &&
      peer.length > 0 &&
      peer.length <= MAX_RECIPIENTS &&
      peer.every((id: unknown) => isText(id, 1, MAX_USER_ID)),
    `the recipients are not a list of 1 to ${MAX_RECIPIENTS} user ids`,
  )
  return peer
}

function parseBase64(data: unknown): Uint8Array {
  check(
    typeof data === 'string' && data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data),
    'a binary entry is not base64',
  )
  return new Uint8Array(Buffer.from(data, 'base64'))
}
