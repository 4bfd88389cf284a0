/** Readers that have something to write: all of a tick together, but no longer than a turn of the event loop may take. */
export class FlushQueue<T> {
  readonly #flush: (reader: T) => void
  readonly #isTurnOver: () => boolean
  readonly #onFlushed: () => void
  #waiting = new Set<T>()
  #isScheduled = false

  constructor(options: {
    readonly flush: (reader: T) => void
    readonly isTurnOver: () => boolean
    /** Called when those of a turn were flushed. */
    readonly onFlushed: () => void
  }) {
    this.#flush = options.flush
    this.#isTurnOver = options.isTurnOver
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
    for (const reader of readers) {
      readers.delete(reader)
      this.#flush(reader)
      if (this.#isTurnOver()) break
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
