/** One use of a transport: its link, its carrier, its line in the trace, and when it becomes suspect. */
import type { Clock } from '../platform/clock.ts'
import type { Doubt } from '../session/health.ts'
import type { Memory } from './network-memory.ts'
import type { Down, TransportName } from '../protocol.ts'
import type { Session } from '../session/session.ts'
import type { Carrier, LinkRequest, Transport } from '../transports/transport.ts'

/** Milliseconds that a rung has to prove itself, beside what its bytes and round trips take. */
const DEADLINE = 5_000
/** Milliseconds by which the second part of hello may come after the first. */
const PART = 1_000
/** Milliseconds by which a heartbeat may be late. */
const SLACK = 1_500
/** Milliseconds, beside the round trip, for a sign of life from what was asked for one, or has come while the machine slept. */
const ANSWER = 200
/** Milliseconds below which a life was too short for the delays to begin anew. */
export const SHORT = 5_000
/** Milliseconds between two looks at the clock, which may have jumped. */
export const LOOK = 5_000
/** Attempts that are kept. */
const TRACE = 50

/** One use of a transport, as it is now. */
export interface Attempt {
  readonly transport: TransportName
  /** When it began, in milliseconds since 1970. */
  readonly began: number
  /** Milliseconds from its beginning until it carried; absent: it did not yet, or never. */
  readonly opened?: number
  /** Milliseconds from its beginning to its end; absent: it goes on. */
  readonly ended?: number
  /** Why it ended; absent: it goes on. */
  readonly reason?: string
}

/** What changes carriers: `ladder.ts`, or `reconnect.ts` where there is one transport only, and nothing to remember. */
export type CreateStrategy = (
  clock: Clock,
  on: StrategyEvents,
  server: string,
  memory?: Memory,
) => Strategy

export interface StrategyEvents {
  /** Gets a cursor for a new carrier, and the token that proves who we are. */
  link(use: (link: LinkRequest) => void, fail: (reason: string) => void): void
  /** The session as it is now. */
  sessionNow(): Pick<Session, 'roundTrip' | 'work' | 'terms' | 'doubt' | 'probe'>
  packet(down: Down, bytes: number): void
  /** Another transport carries, or none, or one has failed. */
  moved(transport: TransportName | null, reason: string): void
}

export interface Strategy {
  /** What was tried, the latest last. */
  readonly attempts: readonly Attempt[]
  flush(): void
  /** Climbs these rungs, beside what carries now. */
  use(rungs: readonly Transport[]): void
  /** The page runs again, or the network has changed: asks what carries for a sign of life, or tries again at once. */
  wake(changed?: boolean): void
  /** Lets go of all carriers and begins again. */
  restart(reason: string): void
  /** Lets go of all carriers; the one that carries, or else may come to, says goodbye. */
  stop(bye?: string): void
}

export interface Rung {
  readonly transport: Transport
  open(): void
  /** Milliseconds since it was proven; 0: it was not. */
  life(): number
  /** From when on it is suspect, and of what; before it is proven, when its time is over. */
  doubt(): Doubt
  /** Asks for a sign of life, if it was not asked already, and gives it time for one. */
  ask(): void
  flush(): void
  close(reason: string, bye?: string): void
}

/** What makes rungs, and keeps their trace. */
export function createRungs(
  clock: Clock,
  on: StrategyEvents,
  proved: (rung: Rung) => void,
  failed: (rung: Rung, reason: string) => void,
  heard: (rung: Rung) => void,
  /** Milliseconds of a round trip before one was measured; 0: not known. */
  rtt = 0,
): {
  readonly attempts: readonly Attempt[]
  /** Milliseconds of a round trip, as far as is known. */
  trip(): number
  /** `waited`: milliseconds of the last delay. Who waits longer gives more time, for a line may be slow, or the first answer long. */
  make(transport: Transport, waited: number): Rung
} {
  const attempts: Attempt[] = []
  const trip = (): number => on.sessionNow().roundTrip || rtt

  const make = (transport: Transport, waited: number): Rung => {
    const attempt: { -readonly [name in keyof Attempt]: Attempt[name] } = {
      transport: transport.name,
      began: clock.now(),
    }
    let link: LinkRequest | undefined
    let carrier: Carrier | undefined
    let proven = 0
    let asked = false
    /** By when it must have proven itself; once it has, by when a sign of life is expected. */
    let expected = Infinity

    const lasted = (): number => clock.now() - attempt.began
    const fail = (reason: unknown): void => {
      if (!attempt.reason) failed(rung, '' + reason)
    }
    const rung: Rung = {
      transport,
      open() {
        if (attempts.push(attempt) > TRACE) attempts.shift()
        on.link((given) => {
          if (attempt.reason) return
          link = given
          expected = clock.now() + DEADLINE + waited + 8 * trip() + on.sessionNow().work()
          try {
            carrier = transport.open(link, { packet, closed: fail })
          } catch (error) {
            // A browser may refuse to make the object at all: a security policy, mixed content.
            fail(error)
          }
          heard(rung)
        }, fail)
      },
      life: () => proven && clock.now() - proven,
      doubt: () => (proven ? on.sessionNow().doubt(expected, proven) : [expected, 'deadline']),
      ask() {
        if (asked) return
        asked = true
        expected = Math.max(proven ? 0 : expected, clock.now() + ANSWER + trip())
        on.sessionNow().probe()
      },
      flush: () => carrier?.flush(),
      close(reason, bye) {
        attempt.ended = lasted()
        attempt.reason = reason
        link?.release()
        carrier?.close(bye)
      },
    }
    const packet = (down: Down, bytes: number, aside?: boolean): void => {
      on.packet(down, bytes)
      if (down.end) return fail(down.end[0])
      const first = down.ready && !proven && !attempt.reason
      if (first) {
        proven = clock.now()
        attempt.opened = lasted()
      }
      if (!aside) {
        asked = false
        expected = proven
          ? clock.now() + on.sessionNow().terms.heartbeat + Math.max(SLACK, 2 * trip())
          : // The first part of hello: what the server wrote right behind it is held back, if it does not follow.
            Math.min(expected, clock.now() + Math.max(PART, 4 * trip()))
      }
      if (first) proved(rung)
      heard(rung)
    }
    return rung
  }
  return { attempts, trip, make }
}
