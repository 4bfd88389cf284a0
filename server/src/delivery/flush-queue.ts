import { TURN_TIME } from './turns.ts'

/**
 * Readers that have something to write: all of a tick together, but no longer than {@link TURN_TIME} in a turn of the event loop. This
 * time is their own: handlers that use theirs up in each turn do not keep readers from what was sent to them.
 */
export class FlushQueue<T> {
  readonly #flush: (reader: T) => void
  readonly #now: () => number
  readonly #onFlushed: () => void
  #waiting = new Set<T>()
  #isScheduled = false

  constructor(options: {
    readonly flush: (reader: T) => void
    /** A clock in milliseconds that only goes forward. */
    readonly now: () => number
    /** Called when those of a turn were flushed. */
    readonly onFlushed: () => void
  }) {
    this.#flush = options.flush
    this.#now = options.now
    this.#onFlushed = options.onFlushed
  }

  add(reader: T): void {
    this.#waiting.add(reader)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#flushTurn())
  }

  #flushTurn(): void {
    this.#isScheduled = false
    const readers = this.#waiting
    this.#waiting = new Set()
    const endsAt = this.#now() + TURN_TIME
    for (const reader of readers) {
      readers.delete(reader)
      this.#flush(reader)
      if (this.#now() >= endsAt) break
    }
    if (readers.size > 0) {
      // Those that were added meanwhile come last.
      for (const reader of this.#waiting) readers.add(reader)
      this.#waiting = readers
      this.#schedule()
    }
    this.#onFlushed()
  }
}
