/** Milliseconds that a client has for a new token, once it was asked for one (PROTOCOL.md 6.1). */
const TOKEN_TIME = 10_000

/** Knows when the client of a carrier is to be asked for a new token, and when it is too late for one. */
export class TokenWatch {
  #expiresAt = Infinity
  /** When the carrier ends, once the client was asked. */
  #deadline = Infinity

  /** The token is good for so many milliseconds; `Infinity`: for ever. */
  renew(now: number, ttl: number): void {
    this.#expiresAt = now + ttl
    this.#deadline = Infinity
  }

  get wasAsked(): boolean {
    return this.#deadline < Infinity
  }

  /** Whether the client is to be asked now. Answers so once. */
  mustAsk(now: number): boolean {
    if (this.#expiresAt > now || this.wasAsked) return false
    this.#deadline = now + TOKEN_TIME
    return true
  }

  isLate(now: number): boolean {
    return this.#deadline <= now
  }
}
