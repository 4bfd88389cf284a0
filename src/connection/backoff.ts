import type { Clock } from '../platform/clock.ts'
import type { RetryBounds } from '../protocol.ts'

/** Milliseconds below which the first delay is drawn. */
const FIRST_BOUND = 250
/** Milliseconds of the largest bound for a page that is visible: with connecting, it is back 5 s after an outage. */
const VISIBLE_BOUND = 4_500
/** Milliseconds of the largest bound for a page that nobody looks at. */
const HIDDEN_BOUND = 30_000

/**
 * Delays with full jitter: each is drawn at random below a bound that doubles with every delay. The clients of a server
 * that comes back so spread over the whole interval.
 */
export interface Backoff {
  /** The next delay, in milliseconds. `bounds`: the server's own, for clients that are many. */
  next(bounds: RetryBounds): number
  /** Milliseconds of the last delay; 0 if there was none since {@link reset}. */
  readonly lastDelay: number
  reset(): void
}

/** `isVisible`: whether somebody looks at the page. `startsAtOnce`: the first delay is 0. */
export function createBackoff(
  clock: Clock,
  isVisible: () => boolean,
  startsAtOnce = false,
): Backoff {
  let delays = 0
  let lastDelay = 0
  return {
    next([least, most]) {
      const largest = isVisible() ? VISIBLE_BOUND : HIDDEN_BOUND
      const doublings = startsAtOnce ? delays - 1 : delays
      const bound = doublings < 0 ? 0 : Math.min(largest, FIRST_BOUND * Math.pow(2, doublings))
      lastDelay = least + clock.random() * (Math.max(most, bound) - least)
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
