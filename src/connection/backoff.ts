import type { Clock } from '../platform/clock.ts'

/** Milliseconds below which the first delay is drawn, and the largest such bound. */
const FIRST_BOUND = 250
const LARGEST_BOUND = 30_000

/**
 * Delays with full jitter: each is drawn at random below a bound that doubles with every delay. The clients of a server
 * that comes back so spread over the whole interval.
 */
export interface Backoff {
  /** The next delay, in milliseconds. */
  next(): number
  /** Milliseconds of the last delay; 0 if there was none since {@link reset}. */
  readonly lastDelay: number
  reset(): void
}

export function createBackoff(clock: Clock): Backoff {
  let delays = 0
  let lastDelay = 0
  return {
    next() {
      lastDelay = clock.random() * Math.min(LARGEST_BOUND, FIRST_BOUND * Math.pow(2, delays))
      delays++
      return lastDelay
    },
    get lastDelay() {
      return lastDelay
    },
    reset() {
      delays = lastDelay = 0
    },
  }
}
