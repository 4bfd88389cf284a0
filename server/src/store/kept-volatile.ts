import type { HeldBytes } from './held-bytes.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** Volatile messages that a session keeps between two polls (PROTOCOL.md 6.7). */
const MAX_KEPT = 8

/** The latest volatile messages of a session of the memory store that has no reader, each for a while. */
export class KeptVolatile {
  /** The oldest come first. */
  readonly #kept: { readonly message: OutgoingMessage; readonly expiresAt: number }[] = []

  readonly #held: HeldBytes

  constructor(held: HeldBytes) {
    this.#held = held
  }

  add(message: OutgoingMessage, expiresAt: number): void {
    this.#held.addMessage(message)
    if (this.#kept.push({ message, expiresAt }) > MAX_KEPT) this.#drop(1)
  }

  /** Drops messages that have expired. Answers whether none is left. */
  prune(now: number): boolean {
    const firstFresh = this.#kept.findIndex((kept) => kept.expiresAt > now)
    this.#drop(firstFresh < 0 ? this.#kept.length : firstFresh)
    return this.#kept.length === 0
  }

  /** Takes the messages that have not expired. */
  take(now: number): OutgoingMessage[] {
    this.prune(now)
    return this.#drop(this.#kept.length)
  }

  #drop(count: number): OutgoingMessage[] {
    const dropped = this.#kept.splice(0, count).map(({ message }) => message)
    for (const message of dropped) this.#held.removeMessage(message)
    return dropped
  }
}
