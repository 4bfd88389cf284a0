/** Milliseconds between two warnings of a kind. */
const INTERVAL = 60_000

/** Warnings that every request may cause, of each kind one a minute: they are read by people. */
export class RareWarnings {
  readonly #now: () => number
  readonly #lastAt = new Map<string, number>()

  /** @param now A clock in milliseconds that only goes forward. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether it is time for a warning of this kind, which then counts as given. */
  isDue(kind: string): boolean {
    const now = this.#now()
    if (now - (this.#lastAt.get(kind) ?? -Infinity) < INTERVAL) return false
    this.#lastAt.set(kind, now)
    return true
  }
}
