/** Entries: the messages of a packet (PROTOCOL.md 4.4). */
import {
  BINARY,
  FRAME,
  MAX_BATCH,
  createMessage,
  type Batch,
  type Entry,
  type Peer,
} from 'rungs/protocol'
import type { ReceivedBatch, ReceivedMessage } from '../delivery/handler-queue.ts'
import { Refusal } from '../errors.ts'
import { check, isInteger, isText } from './checks.ts'

/** Entries of a list: as many as fit into a batch. Small ones cost far more here than on the wire. */
const MAX_ENTRIES = MAX_BATCH / '[0]'.length
/** User ids that one message may be addressed to. */
const MAX_RECIPIENTS = 100
/** Characters of a user id. */
const MAX_USER_ID = 256

/** Parses the batch of a packet. Throws a {@link Refusal}. */
export function parseBatch(
  batch: unknown,
  maxSize: number,
  mayAnnounceFrame: boolean,
): ReceivedBatch {
  check(
    Array.isArray(batch) && batch.length === 2 && isInteger(batch[0], 1),
    'batch is not [first number, entries]',
  )
  const [first, entries] = batch as unknown as Batch
  const messages = parseEntries(entries, maxSize, mayAnnounceFrame)
  check(
    messages.length > 0 && isInteger(first + messages.length, 1),
    'batch is empty, or its numbers are too large',
  )
  return { first, messages }
}

/**
 * Parses a list of entries. Throws a {@link Refusal}.
 *
 * @param maxSize Bytes of the largest message; `Infinity` if none of them can be too large.
 * @param mayAnnounceFrame Whether a frame may follow that the last entry announces.
 */
export function parseEntries(
  entries: unknown,
  maxSize: number,
  mayAnnounceFrame: boolean,
): ReceivedMessage[] {
  check(
    Array.isArray(entries) && entries.length <= MAX_ENTRIES,
    `the entries are not a list of up to ${MAX_ENTRIES}`,
  )
  const last = entries.length - 1
  return entries.map((entry: unknown, index) =>
    parseEntry(entry, maxSize, mayAnnounceFrame && index === last),
  )
}

function parseEntry(entry: unknown, maxSize: number, mayAnnounceFrame: boolean): ReceivedMessage {
  check(
    Array.isArray(entry) && entry.length >= 1 && entry.length <= 3,
    'an entry is not [data, peer, kind]',
  )
  const [data, peer, kind = 0] = entry as unknown as Entry
  const recipients = parseRecipients(peer)
  if (mayAnnounceFrame && kind === (BINARY | FRAME)) return { data: undefined, recipients }
  if (kind === BINARY) return { data: parseBase64(data, maxSize), recipients }
  check(kind === 0, 'an entry has a kind that is unknown, or not allowed here')
  if (maxSize !== Infinity) checkSize(sizeOf(data), maxSize)
  return { data, recipients }
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

function parseBase64(data: unknown, maxSize: number): Uint8Array {
  check(
    typeof data === 'string' && data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data),
    'a binary entry is not base64',
  )
  const bytes = new Uint8Array(Buffer.from(data, 'base64'))
  checkSize(bytes.length, maxSize)
  return bytes
}

/** The messages, the last of which gets its data. */
export function withData(
  messages: readonly ReceivedMessage[],
  bytes: Uint8Array,
): ReceivedMessage[] {
  const { recipients } = messages.at(-1)!
  // A copy of the bytes: `ws` gives a view of all that one read of the socket brought.
  return [...messages.slice(0, -1), { data: new Uint8Array(bytes), recipients }]
}

/** Bytes of a message before encoding. */
function sizeOf(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data)
  const message = createMessage(data)
  check(message !== undefined, 'an entry is nested too deep')
  return message.size
}

export function checkSize(size: number, maxSize: number): void {
  if (size <= maxSize) return
  throw new Refusal(
    'too-large',
    `a message of ${size} bytes is larger than the server's ${maxSize}; split it`,
  )
}
