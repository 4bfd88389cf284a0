/**
 * Milliseconds of a clock that nobody sets. With the clock of the system, each correction would end sessions or delay
 * heartbeats.
 */
export const monotonicNow = (): number => performance.now()
