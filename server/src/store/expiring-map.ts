interface Entry<V> {
  readonly value: V
  readonly until: number
}

/** Values that are good for the same time each; the oldest goes where there are too many. */
export class Expiring<V> {
  readonly #entries = new Map<string, Entry<V>>()
  readonly #now: () => number
  readonly #most: number

  constructor(now: () => number, most: number) {
    this.#now = now
    this.#most = most
  }

  get size(): number {
    return this.#entries.size
  }

  /** @param ms The same for every value, so that the oldest come first. */
  set(key: string, value: V, ms: number): void {
    if (this.#entries.size >= this.#most) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest)
        break
      }
    }
    this.#entries.set(key, { value, until: this.#now() + ms })
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    return entry && entry.until > this.#now() ? entry.value : undefined
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** Lets go of what is no good any more. */
  prune(): void {
    const now = this.#now()
    for (const [key, { until }] of this.#entries) {
      if (until > now) break
      this.#entries.delete(key)
    }
  }
}
