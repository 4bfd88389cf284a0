import type { Clock } from '../platform/clock.ts'

const BASE = 250
const CAP = 30_000

/**
 * Full jitter: a random delay below a bound that doubles with every failure, up to a cap. A thousand clients of
 * a server that comes back spread over the whole interval.
 */
export function backoff(failures: number, clock: Clock): number {
  return clock.random() * Math.min(CAP, BASE * Math.pow(2, failures))
}
