/** A ladder of fake transports, and all that it says. */
import { createLadder, type Ladder } from '../../src/ladder.ts'
import type { TransportName } from '../../src/protocol.ts'
import type { Link } from '../../src/session.ts'
import { manualClock, type ManualClock } from './clock.ts'
import { fakeTransport, type Attempt, type FakeTransport, type Script } from './transports.ts'

export const HEARTBEAT = 25_000

export type Rungs = { readonly [name in TransportName]?: Script }

/** How a ladder gets its links. */
export type Give = (use: (link: Link) => void, fail: (reason: string) => void) => void

export interface LadderUnderTest {
  readonly clock: ManualClock
  readonly ladder: Ladder
  readonly transports: readonly FakeTransport[]
  /** What it said, as `websocket: opened`, and the failures that it named with it. */
  readonly changes: string[]
  readonly failures: object[]
  /** Whether the carrier of each packet was proven. */
  readonly proofs: boolean[]
  /** A link, and how many of them were given up. */
  link(): Link
  released(): number
  /** The last attempt on a rung. */
  last(name: TransportName): Attempt
  /** Attempts so far, rung by rung. */
  tries(): number[]
  /** Rungs whose carrier is not closed. */
  alive(): TransportName[]
  /** Called with everything that it says. */
  listener: (transport: TransportName | null, reason: string) => void
}

export function ladderOf(scripts: Rungs, give?: Give): LadderUnderTest {
  const clock = manualClock()
  let released = 0
  const link = (): Link => {
    const part: Partial<Link> = {
      heartbeat: () => HEARTBEAT,
      after: clock.after,
      close: () => void released++,
    }
    return part as Link
  }
  const names = Object.keys(scripts) as TransportName[]
  const transports = names.map((name) => fakeTransport(name, scripts[name]))
  const attempts = (name: TransportName): Attempt[] =>
    transports.find((transport) => transport.name === name)!.attempts
  const test: LadderUnderTest = {
    clock,
    transports,
    changes: [],
    failures: [],
    proofs: [],
    link,
    released: () => released,
    last: (name) => attempts(name).at(-1)!,
    tries: () => transports.map((transport) => transport.attempts.length),
    alive: () => names.filter((name) => attempts(name).some(({ closed }) => !closed)),
    listener: () => {},
    ladder: createLadder(clock, {
      link: give ?? ((use) => use(link())),
      packet: (_, __, proven) => void test.proofs.push(proven),
      change(transport, reason, failed) {
        test.changes.push(`${transport}: ${reason}`)
        test.failures.push(failed)
        test.listener(transport, reason)
      },
    }),
  }
  return test
}

/** The same, climbing already. */
export function climbing(scripts: Rungs, give?: Give): LadderUnderTest {
  const test = ladderOf(scripts, give)
  test.ladder.use(test.transports)
  return test
}
