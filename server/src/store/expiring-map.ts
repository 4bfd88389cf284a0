interface Entry<V> {
  readonly value: V
  readonly expiresAt: number
}

/**
 * A map of bounded size whose entries are gone after a while. All entries of a map have the same lifetime, so they expire in
 * the order in which they were set.
 */
export class ExpiringMap<V> {
  readonly #entries = new Map<string, Entry<V>>()
  readonly #now: () => number
  readonly #maxEntries: number
  /** Goes on where it was: a new iterator would go through all entries that were deleted before the oldest. */
  #oldest: Iterator<string> | undefined
  readonly #onDropped: (key: string) => void

  /** @param onDropped Called with entries that are dropped before their time, because the map is full. */
  constructor(now: () => number, maxEntries: number, onDropped: (key: string) => void = () => {}) {
    this.#now = now
    this.#maxEntries = maxEntries
    this.#onDropped = onDropped
  }

  get size(): number {
    return this.#entries.size
  }

  /** Sets an entry for so many milliseconds. A full map drops its oldest entry. */
  set(key: string, value: V, ms: number): void {
    // A key that is set again moves to the end.
    this.#entries.delete(key)
    if (this.#entries.size >= this.#maxEntries) this.#dropOldest()
    this.#entries.set(key, { value, expiresAt: this.#now() + ms })
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    return entry && entry.expiresAt > this.#now() ? entry.value : undefined
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** Drops entries that have expired. */
  prune(): void {
    // An iterator keeps the former tables of its map alive.
    this.#oldest = undefined
    const now = this.#now()
    for (const [key, { expiresAt }] of this.#entries) {
      if (expiresAt > now) return
      this.#entries.delete(key)
    }
  }

  #dropOldest(): void {
    let next = this.#oldest?.next()
    if (!next || next.done) {
      this.#oldest = this.#entries.keys()
      next = this.#oldest.next()
    }
    if (next.done) return
    this.#entries.delete(next.value)
    this.#onDropped(next.value)
  }
}
