/** Keeps in `localStorage` how transports fared on this network, so that the next page need not find out again. */
import { toJSON } from '../platform/json.ts'
import type { TransportName } from '../protocol.ts'
import { SMALLEST_BODY } from '../session/body-limit.ts'
import { LONGEST_COOLDOWN, type Cooldown, type Cooldowns } from './candidates.ts'
import { MOST_PADDING } from './stream-padding.ts'

/** Milliseconds after which a record is forgotten: a user who comes back later is likely to be elsewhere. */
const LONGEST_AGE = 86_400_000
/** Milliseconds of the longest round trip that is believed. */
const LONGEST_RTT = 60_000
/** Milliseconds of the shortest heartbeat that the server takes (PROTOCOL.md 4.2). */
const SHORTEST_HEARTBEAT = 1_000
/** Failures in a row that are believed; more make no cool-down longer. */
const MOST_FAILURES = 1_000

/** How transports fared on the way to a server. */
export interface NetworkRecord {
  readonly cooldowns: Cooldowns
  /** Milliseconds of a round trip; 0: not known. */
  readonly rtt: number
  /** Milliseconds of the longest heartbeat that passes; absent: the server's, as far as is known. */
  readonly heartbeat?: number
  /** Bytes of padding without which streams are held back; absent: none, as far as is known. */
  readonly pad?: number
  /** Bytes of the largest body of a request that passes; absent: any does, as far as is known. */
  readonly body?: number
}

/** Storage for the records of all servers. */
export interface NetworkMemory {
  /** The record of a server; `undefined` if there is none. */
  load(server: string): NetworkRecord | undefined
  save(server: string, record: NetworkRecord): void
}

const isBetween = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most

/** The cool-downs of a stored record, without those that cannot be true: storage may hold anything. */
function checkCooldowns(stored: Cooldowns, now: number): Cooldowns {
  const checked: Cooldowns = {}
  const names = Object.keys(stored) as TransportName[]
  names.forEach((name) => {
    const { failures, until } = (stored[name] || {}) as Partial<Cooldown>
    if (isBetween(failures, 1, MOST_FAILURES) && isBetween(until, 0, now + LONGEST_COOLDOWN)) {
      checked[name] = { failures, until }
    }
  })
  return checked
}

/** The round trip in which the page came, as the browser measured it; 0 if that is not known. */
function pageRtt(): number {
  try {
    const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
    const rtt = entry!.responseStart - entry!.requestStart
    return isBetween(rtt, 0, LONGEST_RTT) ? rtt : 0
  } catch {
    // Engines without Navigation Timing 2 throw a TypeError: Safari before 15, PhantomJS.
    return 0
  }
}

/** Remembers in `localStorage`, for a day, which transports failed on the way to a server. */
export function remember(now: () => number = Date.now): NetworkMemory {
  return {
    load(server) {
      try {
        const { cooldowns, rtt, heartbeat, pad, body, savedAt } = JSON.parse(
          localStorage.getItem(`rungs@${server}`)!,
        ) as NetworkRecord & { readonly savedAt: number }
        const isFresh = isBetween(now() - savedAt, 0, LONGEST_AGE - 1)
        if (isFresh && isBetween(rtt, 0, LONGEST_RTT)) {
          return {
            ...{ cooldowns: checkCooldowns(cooldowns, now()), rtt },
            ...(isBetween(heartbeat, SHORTEST_HEARTBEAT, LONGEST_AGE) ? { heartbeat } : {}),
            ...(isBetween(pad, 1, MOST_PADDING) ? { pad } : {}),
            ...(isBetween(body, SMALLEST_BODY, Infinity) ? { body } : {}),
          }
        }
      } catch {
        // Storage is forbidden (SecurityError), empty (TypeError), or another program wrote the entry (SyntaxError).
      }
      return { cooldowns: {}, rtt: pageRtt() }
    },
    save(server, record) {
      try {
        localStorage.setItem(`rungs@${server}`, toJSON({ ...record, savedAt: now() }))
      } catch {
        // Storage is forbidden (SecurityError) or full (QuotaExceededError): the next page finds out again.
      }
    },
  }
}
