/**
 * Milliseconds of one turn of the event loop that the messages of clients may take, before whoever has more waits for the next;
 * and as many that writing to readers may take.
 */
export const TURN_TIME = 5

/**
 * Shares the event loop: work that has no end of its own, as a batch of 20,000 messages, gives way to sockets, timers and
 * others' messages. In each turn those that wait go on, in the order in which they came, as long as it has time.
 */
export class Turns {
  readonly #now: () => number
  /** When this turn is over; `undefined`: nobody has asked yet. */
  #endsAt: number | undefined
  readonly #waiting: (() => void)[] = []

  /** @param now A clock in milliseconds that only goes forward. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether this turn of the event loop has taken long enough. Then {@link next} is to be waited for. */
  get isOver(): boolean {
    if (this.#endsAt === undefined) this.#begin()
    return this.#now() >= this.#endsAt!
  }

  /** Settles when those that came before have gone on, in this turn of the event loop or in a later one. */
  next(): Promise<void> {
    if (this.#endsAt === undefined) this.#begin()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #begin(): void {
    this.#endsAt = this.#now() + TURN_TIME
    setImmediate(() => {
      this.#endsAt = undefined
      if (this.#waiting.length === 0) return
      this.#begin()
      this.#resumeNext()
    })
  }

  /** Hundreds may wait that have next to nothing to do, as connections of which a frame was read: a turn for each were seconds. */
  #resumeNext(): void {
    const resume = this.#waiting.shift()
    if (!resume) return
    resume()
    // A tick comes after all microtasks, so after all that the resumed one does in this turn.
    queueMicrotask(() => {
      process.nextTick(() => {
        if (!this.isOver) this.#resumeNext()
      })
    })
  }
}
