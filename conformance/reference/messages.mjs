/** Messages of clients: entries that are whole, or parts of one (PROTOCOL.md 4.4 to 4.6). */
import { End } from './ends.mjs'
import { MAX_ENTRIES, MAX_MESSAGE, MIN_PART } from './limits.mjs'
import { isListOf, isNumber, isText } from './values.mjs'

export const BINARY = 1
export const REFUSED = 2
export const FRAME = 4
export const PART = 8

/**
 * The messages of a packet. A message has `data`, which is bytes if it is `binary`, and the users that it is `to`. A part has
 * `offset` and `size` as well. One that announces a frame has no data yet.
 */
export function readMessages({ batch, volatile }, frames) {
  const lists = {}
  if (batch !== undefined) {
    if (!isListOf(batch, 2, 2, () => true) || !isNumber(batch[0], 1)) {
      throw new End('malformed', 'batch is not [number, entries]')
    }
    const messages = readList(batch[1], 'batch', frames && volatile === undefined)
    if (!isNumber(batch[0] + messages.length)) throw new End('malformed', 'a number too large')
    lists.batch = { first: batch[0], messages }
  }
  if (volatile !== undefined) lists.volatile = readList(volatile, 'volatile', frames)
  return lists
}

function readList(entries, list, frames) {
  if (!isListOf(entries, 1, MAX_ENTRIES, Array.isArray)) {
    throw new End('malformed', `${list} is not a list of entries`)
  }
  const messages = entries.map(readEntry)
  for (const [index, message] of messages.entries()) {
    const isLast = index === messages.length - 1
    if (message.awaitsFrame && !(isLast && frames)) {
      throw new End('malformed', 'an entry announces a frame that cannot follow')
    }
    if (message.isPart && (list !== 'batch' || (isCut(message) && !isLast))) {
      throw new End('malformed', 'a part is not the last entry of a batch')
    }
  }
  return messages
}

/** Whether a part does not reach the end of its message. */
const isCut = ({ data, offset, size }) => data !== undefined && offset + data.length < size

function readEntry(entry) {
  const [data, peer = 0, kind = 0, offset, size] = entry
  const isPart = isNumber(kind) && (kind & PART) > 0
  const hasLength = isPart ? entry.length === 5 : entry.length >= 1 && entry.length <= 3
  if (!hasLength || ![0, 1, 5, 8, 9, 13].includes(kind)) throw new End('malformed', 'an entry')
  if (peer !== 0 && !isListOf(peer, 1, 100, (user) => isText(user, 1, 256))) {
    throw new End('malformed', 'recipients are not 1 to 100 texts of 1 to 256 characters')
  }
  if (isPart && !(isNumber(offset) && isNumber(size, 1))) throw new End('malformed', 'a part')
  const binary = (kind & BINARY) > 0
  const message = { binary, to: peer || undefined, isPart, offset, size }
  if (kind & FRAME) return { ...message, awaitsFrame: true }
  if (binary) return { ...message, data: decode(data) }
  if (isPart && typeof data !== 'string') throw new End('malformed', 'a piece is not a text')
  return { ...message, data }
}

function decode(base64) {
  const bytes = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined
  if (bytes?.toString('base64') !== base64) throw new End('malformed', 'data is not base64')
  return bytes
}

/** The message of a packet that announces a frame. */
export const announced = ({ batch, volatile }) =>
  [...(batch?.messages ?? []), ...(volatile ?? [])].find(({ awaitsFrame }) => awaitsFrame)

/** Bytes of a message before it is encoded. */
function sizeOf({ binary, data }) {
  if (binary) return data.length
  return Buffer.byteLength(typeof data === 'string' ? data : JSON.stringify(data))
}

/** Refuses what is too large, and parts whose length is wrong. */
export function checkSizes({ batch, volatile }) {
  for (const message of [...(batch?.messages ?? []), ...(volatile ?? [])]) {
    if (message.isPart) checkPart(message)
    else checkSize(message)
  }
}

export function checkSize(message) {
  if (sizeOf(message) > MAX_MESSAGE) {
    throw new End('too-large', `a message has more than ${MAX_MESSAGE} bytes`)
  }
}

function checkPart({ binary, data, offset, size }) {
  const end = offset + data.length
  const isTooShort = data.length < MIN_PART && end < size
  if (data.length === 0 || isTooShort || end > size) {
    throw new End('malformed', 'the length of a part')
  }
  // A byte of text is at most six units of JSON, as in \u0001; beside it stand two quotes.
  if (size > (binary ? MAX_MESSAGE : 6 * MAX_MESSAGE + 2)) {
    throw new End('too-large', `a message has more than ${MAX_MESSAGE} bytes`)
  }
}
