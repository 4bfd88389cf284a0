/**
 * Milliseconds of a clock that only goes forward. The clock of the system may be set, and each correction would end sessions
 * or delay heartbeats.
 */
export const monotonicNow = (): number => performance.now()
