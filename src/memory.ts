/** Keeps what is known of a network in `localStorage`, so that the next page does not find it out again. */
import type { Scores } from './scores.ts'

/** Milliseconds after which it is forgotten: who comes back later is likely to be elsewhere. */
const AGE = 86_400_000

/** What is known of the way to a server. */
export interface Known {
  readonly scores: Scores
  /** Milliseconds of a round trip. */
  readonly rtt: number | null
}

/** Where it is kept, for each server. */
export interface Memory {
  load(server: string): Known | undefined
  save(server: string, known: Known): void
}

/** The round trip that the browser measured when it loaded the page, which may be from another server. */
function pageTrip(): number | null {
  const [page] = (performance.getEntriesByType?.('navigation') ||
    []) as PerformanceNavigationTiming[]
  return (page && page.responseStart - page.requestStart) || null
}

/** Remembers, in `localStorage`, which transports failed on the way to a server. */
export function remember(now: () => number = Date.now): Memory {
  return {
    load(server) {
      try {
        const known = JSON.parse(localStorage.getItem('rungs@' + server)!) as Known & {
          saved: number
        }
        if (now() - known.saved < AGE && Object(known.scores) === known.scores) return known
      } catch {
        // Storage is forbidden here (SecurityError), or there is no entry of ours: nothing is known.
      }
      return { scores: {}, rtt: pageTrip() }
    },
    save(server, known) {
      try {
        localStorage.setItem('rungs@' + server, JSON.stringify({ ...known, saved: now() }))
      } catch {
        // Forbidden (SecurityError) or full (QuotaExceededError): the next page finds it out again.
      }
    },
  }
}
