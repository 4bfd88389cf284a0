import type { MemorySession } from './memory-session.ts'

/** Milliseconds that a client has to come back, even if others want the place. */
const MIN_AGE = 2_000
/** Sessions that are looked at to find one that nobody is connected to. */
const MAX_LOOKS = 1_000

/**
 * Sessions whose clients have contacted them only once. They cost whoever makes them one small request, so where the store is
 * full they make room for others, the oldest first.
 */
export class UnconfirmedSessions {
  readonly #now: () => number
  /** When they were made, or a request of theirs was last worked on. The oldest come first. */
  readonly #since = new Map<MemorySession, number>()
  /** Goes on where it was: a new iterator would go through all entries that were deleted before the oldest. */
  #entries: IterableIterator<[MemorySession, number]> | undefined
  /** The entry that was looked at last. */
  #next: readonly [MemorySession, number] | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  add(session: MemorySession): void {
    this.#since.set(session, this.#now())
  }

  delete(session: MemorySession): void {
    this.#since.delete(session)
  }

  /** A carrier or a request of a session lives: others go before it. */
  renew(session: MemorySession): void {
    if (this.#since.delete(session)) this.add(session)
  }

  /** The oldest that has no carrier; `undefined` if there is none that is old enough. */
  oldest(): MemorySession | undefined {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      this.#next ??= this.#takeNext()
      if (!this.#next) return undefined
      const [session, since] = this.#next
      const hasCarrier = session.readers.newest !== undefined
      const isThere = this.#since.get(session) === since
      if (isThere && !hasCarrier) return this.#now() - since < MIN_AGE ? undefined : session
      this.#next = undefined
      if (isThere) this.renew(session)
    }
    return undefined
  }

  /** To be called now and then: an iterator keeps the former tables of its map alive. */
  prune(): void {
    this.#entries = undefined
    this.#next = undefined
  }

  #takeNext(): readonly [MemorySession, number] | undefined {
    this.#entries ??= this.#since.entries()
    const { done, value } = this.#entries.next()
    if (!done) return value
    this.#entries = undefined
    return undefined
  }
}
