/** The log down: what a client has not acknowledged yet, and how it is cut into batches (PROTOCOL.md 6.3, 4.6). */
import { createHmac, randomBytes } from 'node:crypto'
import { End } from './ends.mjs'
import { MAX_BATCH, MAX_LOG, MIN_PART, OVERHEAD } from './limits.mjs'
import { BINARY, FRAME, PART } from './messages.mjs'

/** Bytes of the entries of a batch, without the volatile messages beside them. */
const BATCH_ROOM = MAX_BATCH - 10_000

export class DownLog {
  /** Number of the last message that is not kept any more. */
  base = 0
  #messages = []
  #tagKey

  /** @param {boolean} tags Whether positions have tags, as those of a store that may be rolled back. */
  constructor(tags) {
    this.#tagKey = tags ? randomBytes(16) : undefined
  }

  get head() {
    return this.base + this.#messages.length
  }

  get isTooLarge() {
    return this.sizeAfter({ number: this.base, offset: 0 }) > MAX_LOG
  }

  push(data, peer = 0, kind = 0) {
    const isBinary = Buffer.isBuffer(data)
    const body = isBinary ? data : JSON.stringify(data)
    this.#messages.push({ body, peer, kind: isBinary ? kind | BINARY : kind })
  }

  tagAt(number) {
    if (!this.#tagKey || number === 0) return ''
    return createHmac('sha256', this.#tagKey).update(String(number)).digest('hex').slice(0, 16)
  }

  /** Refuses a position that is not of this log. */
  check([number, tag, partial = 0]) {
    const next = this.#messages[number - this.base]
    const isOfThis = number <= this.head && tag === this.tagAt(number)
    if (!isOfThis || (number >= this.base && partial > (next?.body.length ?? 0))) {
      throw new End('lost', 'the position is not of this log')
    }
  }

  acknowledge(number) {
    this.#messages.splice(0, number - this.base)
    this.base = Math.max(this.base, number)
  }

  /** Where a carrier begins whose client has everything up to a position. */
  cursorAt([number, , partial = 0]) {
    return number < this.base ? { number: this.base, offset: 0 } : { number, offset: partial }
  }

  /** About the bytes that are after a cursor. */
  sizeAfter({ number, offset }) {
    const rest = this.#messages.slice(Math.max(number - this.base, 0))
    return rest.reduce((size, { body }) => size + body.length + OVERHEAD, -offset)
  }

  /**
   * The batch after a cursor: its JSON text, the frame behind it, its tag, and the cursor after it. Nothing if there is none.
   *
   * @param {boolean} frames Whether bytes travel as frames.
   * @param {number} most Bytes of the entries, by the client's line.
   */
  next({ number, offset }, frames, most = BATCH_ROOM) {
    const message = this.#messages[number - this.base]
    if (!message) return undefined
    if (offset > 0 && offset === message.body.length) {
      return this.next({ number: number + 1, offset: 0 }, frames, most)
    }
    const room = Math.min(most, BATCH_ROOM)
    const whole = this.#nextWhole(number, frames, room)
    if (offset === 0 && whole.entries.length > 0) {
      const end = number + whole.entries.length
      return this.#batch(number, whole.entries, whole.frame, { number: end, offset: 0 })
    }
    const part = partEntry(message, offset, frames, room)
    const isLast = part.end === message.body.length
    const cursor = isLast ? { number: number + 1, offset: 0 } : { number, offset: part.end }
    return this.#batch(number, [part.text], part.frame, cursor)
  }

  #batch(number, entries, frame, cursor) {
    const tag = cursor.number > number ? this.tagAt(cursor.number) : ''
    return { text: `[${number + 1},[${entries}]]`, frame, tag, cursor }
  }

  /** As many whole messages after a number as fit. A frame ends its packet. */
  #nextWhole(number, frames, most) {
    const entries = []
    let room = most
    let frame
    for (const message of this.#messages.slice(number - this.base)) {
      const entry = entryOf(message, frames)
      room -= entry.bytes + 1
      if (room < 0) break
      entries.push(entry.text)
      frame = entry.frame
      if (frame) break
    }
    return { entries, frame }
  }
}

/** A message as an entry, and the bytes that it counts. */
export function entryOf({ body, peer, kind }, frames) {
  const frame = frames && kind & BINARY ? body : undefined
  const text = entryText(dataOf(body, frame), peer, frame ? kind | FRAME : kind)
  return { text, frame, bytes: Buffer.byteLength(text) + (frame?.length ?? 0) }
}

/** As much of a message as fits a batch, from an offset on. */
function partEntry({ body, peer, kind }, offset, frames, room) {
  const flags = (offset > 0 ? kind & BINARY : kind) | PART
  let end = Math.min(body.length, offset + room)
  for (;;) {
    // The two units of a surrogate pair stay together.
    if (end < body.length && /^[\ud800-\udbff]/.test(String(body.slice(end - 1, end)))) end--
    const piece = body.slice(offset, end)
    const frame = frames && kind & BINARY ? piece : undefined
    const data = Buffer.isBuffer(piece) ? dataOf(piece, frame) : JSON.stringify(piece)
    const rest = `${frame ? flags | FRAME : flags},${offset},${body.length}`
    const text = `[${data},${JSON.stringify(offset > 0 ? 0 : peer)},${rest}]`
    const bytes = Buffer.byteLength(text) + (frame?.length ?? 0)
    if (bytes <= room || end - offset <= MIN_PART) return { text, frame, end }
    // Escapes, base64 and characters of several bytes take more room than units.
    end = offset + Math.max(MIN_PART, Math.floor((end - offset) * 0.7))
  }
}

/** The data of an entry as JSON text. */
function dataOf(body, frame) {
  if (frame) return '0'
  return Buffer.isBuffer(body) ? `"${body.toString('base64')}"` : body
}

/** The shortest entry: zeros at its end are left out. */
function entryText(data, peer, kind) {
  if (kind) return `[${data},${JSON.stringify(peer)},${kind}]`
  return peer ? `[${data},${JSON.stringify(peer)}]` : `[${data}]`
}
