import { MAX_ENTRIES } from 'rungs/protocol'
import type { OutgoingMessage } from '../store/outgoing-message.ts'
import type { Backlog, Cursor } from '../store/store.ts'

/** Entries for one packet. */
export interface Entries {
  readonly texts: readonly string[]
  /** Bytes of the packet's entries until now: the texts in UTF-8, with a comma for each, and the frame. */
  readonly bytes: number
  /** The binary frame that the last entry announces. */
  readonly frame: Uint8Array | undefined
}

/** A batch of the log down. */
export interface LogEntries extends Entries {
  /** Number of the first entry. */
  readonly first: number
  /** Tag of the position at the last whole message; empty if there is none. */
  readonly tag: string
}

/** How bytes go in a packet: in a frame behind it, as base64, or not at all, because the frame behind it is another's. */
export type BinaryForm = 'frame' | 'base64' | 'later'

/** Messages of a log down that wait for one carrier, and how far it is in them. */
export class PendingLog {
  /** Invariant: `#messages[0]` has number `#writtenUpTo + 1`, and `#tags[i]` is the tag of the position at `#messages[i]`. */
  #messages: OutgoingMessage[] = []
  #tags: string[] = []
  /** Number of the last message that was written whole. */
  #writtenUpTo: number
  /** How much of the message after that was written. */
  #offset: number
  /** Bytes of the messages here. */
  #bytes = 0

  constructor([number, , partial = 0]: Cursor) {
    this.#writtenUpTo = number
    this.#offset = partial
  }

  get length(): number {
    return this.#messages.length
  }

  /** Number of the last message that is here, or was written. */
  get last(): number {
    return this.#writtenUpTo + this.#messages.length
  }

  /**
   * About how many bytes are still to be written.
   *
   * @param unread Bytes of the messages that are in the log and not here.
   */
  outstandingWith(unread: number): number {
    return Math.max(0, this.#bytes + unread - this.#offset)
  }

  push(message: OutgoingMessage, tag: string): void {
    if (this.#offset > 0 && this.#messages.length === 0 && this.#offset >= message.body.length) {
      // The client has all of it, and has not taken it yet.
      this.#writtenUpTo++
      this.#offset = 0
      return
    }
    this.#messages.push(message)
    this.#tags.push(tag)
    this.#bytes += message.encodedSize
  }

  /** Adds messages that were read after the last one here. */
  pushAll({ first, messages, tags }: Pick<Backlog, 'first' | 'messages' | 'tags'>): void {
    if (first > this.last + 1) {
      // The log begins above the cursor, because another carrier acknowledged more. The client judges whether it lost any.
      this.#messages = []
      this.#tags = []
      this.#bytes = 0
      this.#writtenUpTo = first - 1
      this.#offset = 0
    }
    for (const [index, message] of messages.entries()) this.push(message, tags?.[index] ?? '')
  }

  /**
   * Takes as many messages from the front as a packet has room for, and perhaps a part of one that fits into none.
   *
   * @param taken Bytes of the packet that volatile messages have taken.
   * @param maxBatch Bytes of the entries of a packet.
   */
  take(taken: number, maxBatch: number, binaryForm: BinaryForm): LogEntries {
    const first = this.#writtenUpTo + 1
    const texts: string[] = []
    let bytes = taken
    let whole = 0
    let frame: Uint8Array | undefined
    for (const message of this.#messages) {
      const isBinary = typeof message.body !== 'string'
      if (isBinary && binaryForm === 'later') break
      const room = maxBatch - bytes
      const entry = message.encode(this.#offset, room, maxBatch, binaryForm === 'frame')
      if (!entry) break
      texts.push(entry.text)
      bytes += entry.bytes + 1
      frame = entry.frame
      const isUnfinished = entry.end < message.body.length
      this.#offset = isUnfinished ? entry.end : 0
      if (!isUnfinished) whole++
      // A part of which more is to come, and an entry that announces a frame, are the last (PROTOCOL.md 4.5, 4.6).
      if (isUnfinished || frame || texts.length === MAX_ENTRIES) break
    }
    for (const { encodedSize } of this.#messages.splice(0, whole)) this.#bytes -= encodedSize
    this.#writtenUpTo += whole
    return { first, texts, bytes, frame, tag: this.#tags.splice(0, whole).at(-1) ?? '' }
  }
}

/** Removes as many volatile messages from the front of a queue as a packet has room for. It has room for one in any case. */
export function shiftVolatile(
  queue: OutgoingMessage[],
  room: number,
  takesFrames: boolean,
): Entries {
  const texts: string[] = []
  let bytes = 0
  let frame: Uint8Array | undefined
  for (const message of queue) {
    const entry = message.encodeWhole(takesFrames)
    if (texts.length > 0 && bytes + entry.bytes > room) break
    texts.push(entry.text)
    bytes += entry.bytes + 1
    frame = entry.frame
    if (frame || texts.length === MAX_ENTRIES) break
  }
  queue.splice(0, texts.length)
  return { texts, bytes, frame }
}
