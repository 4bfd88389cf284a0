import type { OutgoingMessage } from './outgoing-message.ts'

/** Volatile messages that a session keeps between two polls (PROTOCOL.md 6.7). */
const MAX_KEPT = 8

/** The latest volatile messages of a session of the memory store that has no reader, each for a while. */
export class KeptVolatile {
  /** The oldest come first. */
  #kept: { readonly message: OutgoingMessage; readonly expiresAt: number }[] = []

  get isEmpty(): boolean {
    return this.#kept.length === 0
  }

  add(message: OutgoingMessage, expiresAt: number): void {
    if (this.#kept.push({ message, expiresAt }) > MAX_KEPT) this.#kept.shift()
  }

  prune(now: number): void {
    this.#kept = this.#kept.filter(({ expiresAt }) => expiresAt > now)
  }

  /** The messages that have not expired. */
  messages(now: number): OutgoingMessage[] {
    this.prune(now)
    return this.#kept.map(({ message }) => message)
  }
}
