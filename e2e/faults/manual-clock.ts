import type { Clock } from './types.d.ts'

/** A clock that goes when the test says so. */
export interface ManualClock extends Clock {
  pass(ms: number): void
}

export function manualClock(): ManualClock {
  let now = 0
  let timers: { at: number; callback: () => void }[] = []
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + Math.max(1, ms), callback }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    pass(ms) {
      const end = now + ms
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        timers = timers.filter((other) => other !== next)
        now = next.at
        next.callback()
      }
      now = end
    },
  }
}
