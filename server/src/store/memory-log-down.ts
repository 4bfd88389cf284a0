import { MESSAGE_OVERHEAD } from 'rungs/protocol'
import type { Cursor } from './attach-request.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { HeldBytes } from './held-bytes.ts'
import type { Backlog, End } from './records.ts'

/** The log down of a session of the memory store. Tags of positions are empty, because this log is never rolled back. */
export class MemoryLogDown {
  /** Number of the last message. */
  head = 0
  /** Invariant: the last message here has number `head`. */
  #messages: OutgoingMessage[] = []
  /** Bytes that the messages count. */
  #cost = 0
  readonly held: HeldBytes

  constructor(held: HeldBytes = new HeldBytes()) {
    this.held = held
  }

  /** Whether there is room for a message. An empty log has room for any. */
  hasRoomFor(message: OutgoingMessage, maxMessages: number, maxBytes: number): boolean {
    const isEmpty = this.#messages.length === 0
    return (
      isEmpty ||
      (this.#messages.length < maxMessages && this.#cost + message.encodedSize <= maxBytes)
    )
  }

  /** Whether more than half of the room is taken. */
  isCrowded(maxMessages: number, maxBytes: number): boolean {
    return this.#messages.length > maxMessages / 2 || this.#cost > maxBytes / 2
  }

  /** Whether a sender that can wait may send on. A quarter of the messages is for those that cannot. */
  isBelowMark(bytes: number, maxMessages: number, maxBytes: number): boolean {
    const count = this.#messages.length
    return count === 0 || (count <= (maxMessages * 3) / 4 && this.#cost + bytes <= maxBytes)
  }

  append(message: OutgoingMessage): void {
    this.#messages.push(message)
    this.#cost += message.cost
    this.held.addMessage(message)
    this.head++
  }

  /** Bytes of all messages, and what each counts beside them. */
  get cost(): number {
    return this.#cost
  }

  /** Bytes of all messages. */
  get bytes(): number {
    return this.#cost - this.#messages.length * MESSAGE_OVERHEAD
  }

  /** Messages after a number, of at most so many encoded bytes, but at least one if there is any room. */
  read(after: number, maxBytes: number): Pick<Backlog, 'first' | 'messages' | 'outstanding'> {
    const start = Math.max(after, this.base)
    const messages: OutgoingMessage[] = []
    let room = maxBytes
    let outstanding = this.bytes - sizeOf(this.#messages.slice(0, start - this.base))
    for (let i = start - this.base; room > 0 && i < this.#messages.length; i++) {
      const message = this.#messages[i]!
      room -= message.entryBytes
      if (room < 0 && messages.length > 0) break
      messages.push(message)
      outstanding -= message.encodedSize
    }
    return { first: start + 1, messages, outstanding }
  }

  /** Whether a client can be so far in this log. */
  check([number, tag, partial = 0]: Cursor): End | undefined {
    // The message after a position below the base is not here any more. Such a position is stale, and not lost.
    const following = this.#messages[number - this.base]
    const isStale = number < this.base
    const hasNoMoreThanThere = isStale || partial <= (following?.body.length ?? 0)
    if (number <= this.head && tag === '' && hasNoMoreThanThere) return undefined
    return { type: 'lost', reason: 'the position is not of this log' }
  }

  /** Drops the messages up to a position that was checked. */
  trim([number]: Cursor): void {
    if (number <= this.base) return
    for (const message of this.#messages.splice(0, number - this.base)) {
      this.#cost -= message.cost
      this.held.removeMessage(message)
    }
  }

  /** The session has ended: the log counts no more. */
  release(): void {
    for (const message of this.#messages) this.held.removeMessage(message)
  }

  /** Number of the last message that was acknowledged. */
  get base(): number {
    return this.head - this.#messages.length
  }
}

function sizeOf(messages: readonly OutgoingMessage[]): number {
  return messages.reduce((total, { encodedSize }) => total + encodedSize, 0)
}
