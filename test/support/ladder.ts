/** A ladder of fake transports, and all that it says. */
import { suspicion } from '../../src/session/health.ts'
import { ladder as createLadder } from '../../src/connection/ladder.ts'
import type { Known } from '../../src/connection/network-memory.ts'
import type { TransportName } from '../../src/protocol.ts'
import type { CreateStrategy, Strategy } from '../../src/connection/attempt.ts'
import type { LinkRequest } from '../../src/transports/transport.ts'
import { manualClock, type ManualClock } from './clock.ts'
import { fakeTransport, type Attempt, type FakeTransport, type Script } from './transports.ts'

export const HEARTBEAT = 25_000

export type Rungs = { readonly [name in TransportName]?: Script }

/** How a ladder gets its links. */
export type Give = (use: (link: LinkRequest) => void, fail: (reason: string) => void) => void

export interface LadderUnderTest {
  readonly clock: ManualClock
  readonly ladder: Strategy
  readonly transports: readonly FakeTransport[]
  /** What it said, as `websocket: opened`. */
  readonly changes: string[]
  /** A link, and how many of them were given up. */
  link(): LinkRequest
  released(): number
  /** The last attempt on a rung. */
  last(name: TransportName): Attempt
  /** Attempts so far, rung by rung. */
  tries(): number[]
  /** Rungs whose carrier is not closed. */
  alive(): TransportName[]
  /** What is remembered of the network, and what the session says of itself; a test may change both. */
  readonly known: Known
  readonly session: {
    roundTrip: number | null
    /** Milliseconds that what is on its way up takes. */
    work: number
    terms: { id: string | null; heartbeat: number; maxMessage: number; window: number }
    unreceived: number
    behind: number
    probes: number
  }
  /** Called with everything that it says. */
  listener: (transport: TransportName | null, reason: string) => void
}

export function ladderOf(
  scripts: Rungs,
  give?: Give,
  create: CreateStrategy = createLadder,
  rtt = 0,
): LadderUnderTest {
  const clock = manualClock()
  let released = 0
  const link = (): LinkRequest => {
    const part: Partial<LinkRequest> = {
      now: clock.now,
      after: clock.after,
      release: () => void released++,
    }
    return part as LinkRequest
  }
  const names = Object.keys(scripts) as TransportName[]
  const transports = names.map((name) => fakeTransport(name, scripts[name]))
  const attempts = (name: TransportName): Attempt[] =>
    transports.find((transport) => transport.name === name)!.attempts
  const test: LadderUnderTest = {
    clock,
    transports,
    changes: [],
    link,
    released: () => released,
    last: (name) => attempts(name).at(-1)!,
    tries: () => transports.map((transport) => transport.attempts.length),
    alive: () => names.filter((name) => attempts(name).some(({ closed }) => !closed)),
    listener: () => {},
    known: { scores: {}, rtt },
    session: {
      roundTrip: null,
      work: 0,
      terms: { id: null, heartbeat: HEARTBEAT, maxMessage: 1_000_000, window: 65_536 },
      unreceived: Infinity,
      behind: Infinity,
      probes: 0,
    },
    ladder: undefined as unknown as Strategy,
  }
  const ladder = create(
    clock,
    {
      sessionNow: () => ({
        ...test.session,
        doubt(expected, since) {
          const { behind, unreceived, work, roundTrip } = test.session
          const from = (time: number): number => Math.max(time, since)
          return suspicion(expected, from(behind), from(unreceived), work, roundTrip || 0)
        },
        work: () => test.session.work,
        probe: () => void test.session.probes++,
      }),
      link: give ?? ((use) => use(link())),
      packet: () => {},
      moved(transport, reason) {
        test.changes.push(`${transport}: ${reason}`)
        test.listener(transport, reason)
      },
    },
    'https://server.example/rungs',
    { load: () => test.known, save: (_, known) => void Object.assign(test.known, known) },
  )
  return Object.assign(test, { ladder })
}

/** The same, climbing already. */
export function climbing(scripts: Rungs, give?: Give, create?: CreateStrategy): LadderUnderTest {
  const test = ladderOf(scripts, give, create)
  test.ladder.use(test.transports)
  return test
}
