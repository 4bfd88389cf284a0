import { MESSAGE_OVERHEAD } from 'rungs/protocol'
import type { OutgoingMessage } from './outgoing-message.ts'

/** Bytes that the sessions of a memory store hold. A message counts once, in however many logs it is. */
export class HeldBytes {
  total = 0

  /** A log has a message. */
  addMessage(message: OutgoingMessage): void {
    this.total += MESSAGE_OVERHEAD
    if (message.holders++ === 0) this.total += message.encodedSize
  }

  /** A log has dropped a message. */
  removeMessage(message: OutgoingMessage): void {
    this.total -= MESSAGE_OVERHEAD
    if (--message.holders === 0) this.total -= message.encodedSize
  }
}
