import type { Clock } from '../../src/clock.ts'

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

export function manualClock(): ManualClock {
  let now = 1_000_000
  let timers: { readonly at: number; readonly callback: () => void }[] = []
  const runUntil = (end: number): void => {
    for (;;) {
      const [next] = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
      if (!next) break
      timers = timers.filter((other) => other !== next)
      now = Math.max(now, next.at)
      next.callback()
    }
    now = Math.max(now, end)
  }
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
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
      return timers.length
    },
  }
}
