/** Time and chance as arguments, so that tests need no waiting. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back after so many milliseconds. Returns the function that cancels the call. */
  after(ms: number, callback: () => void): () => void
  /** 0 ≤ random < 1. */
  random(): number
}

export const systemClock: Clock = {
  now: Date.now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  random: Math.random,
}
