import type { Clock } from '../../src/platform/clock.ts'

/** A clock that goes when the test says so. */
export interface ManualClock extends Clock {
  /** Time passes, and timers run on time. */
  advance(ms: number): void
  /** Time passes while nothing can run: the machine sleeps, or a dialog is open. What is overdue then runs late. */
  suspend(ms: number): void
  /** The wall clock jumps: somebody sets it, or a machine has slept whose other clock stood still. */
  jump(ms: number): void
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
  let wallTimeAhead = 1_700_000_000_000
  // Sorted, the next one last. Of two that are due at the same time the older one goes first.
  const timers: Timer[] = []
  const placeOf = (at: number): number => {
    let [low, high] = [0, timers.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (timers[middle]!.at > at) low = middle + 1
      else high = middle
    }
    return low
  }
  const runUntil = (end: number): void => {
    for (let next; (next = timers.at(-1)) && next.at <= end;) {
      timers.pop()
      now = Math.max(now, next.at)
      next.callback()
    }
    now = Math.max(now, end)
  }
  return {
    now: () => now,
    wallTime: () => now + wallTimeAhead,
    after(ms, callback) {
      const timer = { at: now + ms, callback }
      timers.splice(placeOf(timer.at), 0, timer)
      return () => {
        const index = timers.indexOf(timer, placeOf(timer.at))
        if (index >= 0) timers.splice(index, 1)
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
    jump(ms) {
      wallTimeAhead += ms
    },
    get pending() {
      return timers.length
    },
  }
}
