/** Milliseconds for which a handshake that was changed is told to those who ask. */
const RECENT = 10_000

/** Handshakes of WebSockets whose `Upgrade` was taken away. Their browsers are told nothing, so a diagnosis asks for them. */
export class StrippedHandshakes {
  readonly #now: () => number
  #lastAt = -Infinity

  /** @param now A clock in milliseconds that only goes forward. */
  constructor(now: () => number) {
    this.#now = now
  }

  note(): void {
    this.#lastAt = this.#now()
  }

  /** Whether there was one within the last ten seconds. */
  isRecent(): boolean {
    return this.#now() - this.#lastAt < RECENT
  }
}
