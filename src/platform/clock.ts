/** Time and chance, as arguments: tests need no waiting. */
export interface Clock {
  /** Milliseconds. */
  now(): number
  /** Calls back after so many milliseconds, unless the function that it returns is called before. */
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
