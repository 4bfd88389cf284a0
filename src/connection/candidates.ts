/**
 * The order in which transports are tried. A transport that fails, or lives for a short time again and again, cools down:
 * meanwhile it is tried last.
 */
import type { Clock } from '../platform/clock.ts'
import type { TransportName } from '../protocol.ts'
import type { Transport } from '../transports/transport.ts'

/** Milliseconds after which an uptime was long enough to make up for the failures before. */
const LONG_UPTIME = 60_000
/** Milliseconds of the first cool-down, and of the longest. */
const FIRST_COOLDOWN = 20_000
export const LONGEST_COOLDOWN = 600_000
/** Milliseconds until a better transport that does not cool down is tried again. */
const CLIMB_INTERVAL = 30_000
/** Share of the time until then that chance adds, so that clients which fell in step do not climb in step. */
const CLIMB_JITTER = 1 / 4

export interface Cooldown {
  /** Failures in a row. */
  readonly failures: number
  /** Wall time until which the transport is tried last: it outlives the page. */
  readonly until: number
}

export type Cooldowns = { [name in TransportName]?: Cooldown }

/** Notes a failure after so many milliseconds of uptime; 0 if the transport never proved itself. `now`: wall time. */
export function recordFailure(
  cooldowns: Cooldowns,
  name: TransportName,
  now: number,
  uptime: number,
): void {
  const before = (uptime < LONG_UPTIME && cooldowns[name]?.failures) || 0
  // One short life may be an accident, a second one in a row is not.
  const isAccident = uptime > 0 && before === 0
  const cooldown = Math.min(LONGEST_COOLDOWN, FIRST_COOLDOWN * Math.pow(2, before))
  cooldowns[name] = { failures: before + 1, until: isAccident ? now : now + cooldown }
}

export interface Candidates {
  /** The ladder, best first. */
  readonly transports: readonly Transport[]
  setTransports(transports: readonly Transport[]): void
  /** Whether a transport is tried before another one. */
  isBetter(transport: Transport, other: Transport): boolean
  /** The ladder in the order in which it is tried now. */
  inOrder(): Transport[]
  /** Whether a transport is tried last for now. */
  coolsDown(transport: Transport): boolean
  /** When the first of the transports above this one is to be tried again; `Infinity` if there is none. */
  nextClimbAt(current: Transport): number
  recordFailure(transport: Transport, uptime: number): void
  endCooldowns(): void
}

/** `cooldowns` is changed in place. */
export function createCandidates(clock: Clock, cooldowns: Cooldowns): Candidates {
  let transports: readonly Transport[] = []

  /** Milliseconds for which a transport still cools down; 0 if it does not. */
  const cooldownLeft = ({ name }: Transport): number => {
    const left = (cooldowns[name]?.until || 0) - clock.wallTime()
    // A time further away than any cool-down was noted before somebody set the clock back.
    return left > 0 && left <= LONGEST_COOLDOWN ? left : 0
  }
  /** As in the ladder, behind the others during a cool-down, and last for a transport that is not in the ladder any more. */
  const rankOf = (transport: Transport): number => {
    const place = transports.indexOf(transport)
    if (place < 0) return Infinity
    return cooldownLeft(transport) ? place + transports.length : place
  }
  return {
    get transports() {
      return transports
    },
    setTransports(wanted) {
      transports = wanted
    },
    isBetter: (transport, other) => rankOf(transport) < rankOf(other),
    inOrder: () => transports.slice().sort((a, b) => rankOf(a) - rankOf(b)),
    coolsDown: (transport) => cooldownLeft(transport) > 0,
    nextClimbAt(current) {
      const place = transports.indexOf(current)
      const above = place < 0 ? transports : transports.slice(0, place)
      const delay = Math.min(...above.map((each) => Math.max(cooldownLeft(each), CLIMB_INTERVAL)))
      return clock.now() + delay * (1 + CLIMB_JITTER * clock.random())
    },
    recordFailure: ({ name }, uptime) => recordFailure(cooldowns, name, clock.wallTime(), uptime),
    endCooldowns() {
      Object.keys(cooldowns).forEach((name) => delete cooldowns[name as TransportName])
    },
  }
}
