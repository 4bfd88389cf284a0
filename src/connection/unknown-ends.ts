import type { Clock } from '../platform/clock.ts'

/** Milliseconds within which resets are in a row. */
const ROW = 60_000
/** Resets in a row from which on several servers are likely, of which each knows its own sessions. One may be a restart. */
const SEVERAL = 2

/**
 * Counts sessions that the server did not know in a row. Behind a balancer without stickiness, the exchange that opens a session
 * makes it at one server, and the next carrier asks another one; a WebSocket alone would live.
 */
export interface UnknownEnds {
  /** A session was reset. Answers true if carriers are to open one by one. */
  add(reason: string): boolean
}

export function createUnknownEnds(clock: Clock): UnknownEnds {
  let count = 0
  let lastAt = -Infinity
  return {
    add(reason) {
      if (reason !== 'unknown' || clock.now() - lastAt > ROW) count = 0
      if (reason === 'unknown') count++
      lastAt = clock.now()
      return count >= SEVERAL
    },
  }
}
