/** Milliseconds of one turn of the event loop that the messages of clients may take, before whoever has more waits for the next. */
const TURN_TIME = 5

/**
 * Shares the event loop: work that has no end of its own, as a batch of 20,000 messages, gives way to sockets, timers and
 * others' messages. In each turn one of those that wait goes on, in the order in which they came.
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

  /** Settles in a later turn of the event loop. */
  next(): Promise<void> {
    if (this.#endsAt === undefined) this.#begin()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #begin(): void {
    this.#endsAt = this.#now() + TURN_TIME
    setImmediate(() => {
      this.#endsAt = undefined
      const resume = this.#waiting.shift()
      if (this.#waiting.length > 0) this.#begin()
      resume?.()
    })
  }
}
