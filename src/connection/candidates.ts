/** How transports fared on this network: one that fails, or lives for a short time again and again, has a cool-down. */
import type { TransportName } from '../protocol.ts'

/** Milliseconds after which a life was long enough to forget what was before. */
const LONG = 60_000
/** Milliseconds of the first cool-down, and of the longest. */
const FIRST = 20_000
const CAP = 600_000

/** Failures in a row, and the time until which the transport goes last. */
export type Scores = { [name in TransportName]?: readonly [strikes: number, until: number] }

/** Notes a failure, after a life of so many milliseconds; 0 if it was never proven. */
export function strike(scores: Scores, name: TransportName, now: number, life: number): void {
  const strikes = (life < LONG && scores[name]?.[0]) || 0
  // One short life may be an accident; a second one in a row is not.
  const cool = life && !strikes ? 0 : Math.min(CAP, FIRST * Math.pow(2, strikes))
  scores[name] = [strikes + 1, now + cool]
}
