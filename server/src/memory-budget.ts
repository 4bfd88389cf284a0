/** Memory that clients hold in this process, against the option `maxMemory`. */
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from './errors.ts'

/** Milliseconds between two looks of a body that waits for room. */
const PAUSE = 50
/** Milliseconds after which a newcomer who was refused comes back, at least and at most. */
const RETRY_AFTER = [1_000, 10_000] as const

/**
 * The memory that clients hold: bodies while they are read, and what others say that they keep, as the logs of the store. What
 * is counted are bytes as they were sent. Over the budget, newcomers are refused, and whoever holds much is slowed.
 */
export class MemoryBudget {
  readonly #maxBytes: number
  readonly #gauges: readonly (() => number)[]
  #held = 0

  /**
   * @param maxBytes The option `maxMemory`.
   * @param gauges Answer the bytes that other parts of the hub keep.
   */
  constructor(maxBytes: number, gauges: readonly (() => number)[] = []) {
    this.#maxBytes = maxBytes
    this.#gauges = gauges
  }

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#gauges.reduce((total, gauge) => total + gauge(), this.#held)
  }

  get isOver(): boolean {
    return this.bytes > this.#maxBytes
  }

  hold(bytes: number): void {
    this.#held += bytes
  }

  release(bytes: number): void {
    this.#held -= bytes
  }

  /** Counts bytes until a function has settled. */
  async holdWhile<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    this.hold(bytes)
    try {
      return await work()
    } finally {
      this.release(bytes)
    }
  }

  /** Settles when the budget is kept. Fails with a {@link Refusal} if that takes longer than so many milliseconds. */
  async waitForRoom(ms: number): Promise<void> {
    for (let waited = 0; this.isOver; waited += PAUSE) {
      if (waited >= ms) throw overloaded()
      await delay(PAUSE, undefined, { ref: false })
    }
  }
}

/** The refusal of whoever would need more memory than there is (PROTOCOL.md 8). */
export function overloaded(): Refusal {
  const type = 'too-many-sessions'
  const reason = 'the server has no memory to spare; try again later'
  return new Refusal(type, reason, { type, reason, retryAfter: RETRY_AFTER })
}
