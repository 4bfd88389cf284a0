/** Keeps what is known of a network in `localStorage`, so that the next page does not find it out again. */
import { toJSON } from '../platform/engine.ts'
import type { Scores } from './candidates.ts'

/** Milliseconds after which it is forgotten: who comes back later is likely to be elsewhere. */
const AGE = 86_400_000

/** What is known of the way to a server. */
export interface Known {
  readonly scores: Scores
  /** Milliseconds of a round trip; 0: not known. */
  readonly rtt: number
}

/** Where it is kept, for each server. */
export interface Memory {
  load(server: string): Known | undefined
  save(server: string, known: Known): void
}

/** Remembers, in `localStorage`, which transports failed on the way to a server. */
export function remember(now: () => number = Date.now): Memory {
  return {
    load(server) {
      let rtt = 0
      try {
        const known = (JSON.parse(localStorage.getItem('rungs@' + server)!) || {}) as Known & {
          saved: number
        }
        if (known.scores && now() - known.saved < AGE) return known
        // What the browser measured when it loaded the page, which may be from another server.
        const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
        rtt = page!.responseStart - page!.requestStart || 0
      } catch {
        // Storage is forbidden here (SecurityError), has no entry of ours, or the engine is old: nothing is known.
      }
      return { scores: {}, rtt }
    },
    save(server, known) {
      try {
        localStorage.setItem('rungs@' + server, toJSON({ ...known, saved: now() }))
      } catch {
        // Forbidden (SecurityError) or full (QuotaExceededError): the next page finds it out again.
      }
    },
  }
}
