/** Time and chance as arguments, so that tests need no waiting. */
export interface Clock {
  /** Whole milliseconds since some time. Goes on evenly whatever somebody sets the clock to, but may stand still in sleep. */
  now(): number
  /** Milliseconds since 1970, as the machine believes. */
  wallTime(): number
  /** Calls back after so many milliseconds. Returns the function that cancels the call. */
  after(ms: number, callback: () => void): () => void
  /** 0 ≤ random < 1. */
  random(): number
}

/** High Resolution Time, 7; PhantomJS 1.9 has no such method. */
const isMonotonic = typeof performance !== 'undefined' && !!performance.now

export const systemClock: Clock = {
  now: isMonotonic ? () => Math.floor(performance.now()) : Date.now,
  wallTime: Date.now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}
