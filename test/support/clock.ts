import type { Clock } from '../../src/platform/clock.ts'

/** A clock that goes when the test says so. */
export interface ManualClock extends Clock {
  /** Time passes, and timers run on time. */
  advance(ms: number): void
  /** Time passes while nothing can run: the machine sleeps. What is overdue then runs late. */
  suspend(ms: number): void
  /** What `random` answers from now on, one after the other; the last one again and again. */
  chances: number[]
  /** Timers that wait. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

export function manualClock(): ManualClock {
  let now = 1_000_000
  // In the order in which they were set: of two that are due at once the older one goes first.
  const timers = new Set<Timer>()
  const first = (): Timer | undefined => {
    let found: Timer | undefined
    for (const timer of timers) if (!found || timer.at < found.at) found = timer
    return found
  }
  const runUntil = (end: number): void => {
    for (let next; (next = first()) && next.at <= end;) {
      timers.delete(next)
      now = Math.max(now, next.at)
      next.callback()
    }
    now = Math.max(now, end)
  }
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    chances: [0.5],
    random() {
      return this.chances.length > 1 ? this.chances.shift()! : this.chances[0]!
    },
    advance: (ms) => runUntil(now + ms),
    suspend(ms) {
      now += ms
      runUntil(now)
    },
    get pending() {
      return timers.size
    },
  }
}
