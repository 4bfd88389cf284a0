/** A ladder of fake transports, and all that it says. */
import type { CarrierNeeds } from '../../src/session/link.ts'
import type { ServerLimits } from '../../src/session/session.ts'
import { healthDeadline } from '../../src/session/health.ts'
import { ladder as createLadder } from '../../src/connection/ladder.ts'
import type { NetworkRecord } from '../../src/connection/network-memory.ts'
import type { Down, RetryBounds, TransportName } from '../../src/protocol.ts'
import type { CreateStrategy, Strategy } from '../../src/connection/strategy.ts'
import type { Link } from '../../src/transports/transport.ts'
import { manualClock, type ManualClock } from './clock.ts'
import { fakeTransport, type Attempt, type FakeTransport, type Script } from './transports.ts'

export const HEARTBEAT = 25_000

export type Rungs = { readonly [name in TransportName]?: Script }

/** How a ladder gets its links. */
export type Give = (
  use: (link: Link) => void,
  fail: (reason: string) => void,
  needs: CarrierNeeds,
) => void

export interface LadderUnderTest {
  readonly clock: ManualClock
  readonly ladder: Strategy
  readonly transports: readonly FakeTransport[]
  /** What it said, as `websocket: opened`. */
  readonly changes: string[]
  /** Facts that the session was given. */
  readonly packets: Down[]
  /** A link, and how many of them were given up. */
  link(): Link
  released(): number
  /** The last attempt on a rung. */
  last(name: TransportName): Attempt
  /** Attempts so far, rung by rung. */
  tries(): number[]
  /** Rungs whose carrier is not closed. */
  alive(): TransportName[]
  /** What is remembered of the network, and what the session says of itself; a test may change both. */
  readonly known: NetworkRecord
  readonly session: {
    rtt: number | null
    /** Milliseconds that messages on their way up take. */
    uploadTime: number
    retryBounds: RetryBounds
    serverLimits: ServerLimits
    receiptOwedSince: number
    missingSince: number
    pings: number
  }
  /** Whether somebody looks at the page; true at first. */
  isVisible: boolean
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
  const link = (): Link => {
    const part: Partial<Link> = {
      clock,
      releaseAll: () => void released++,
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
    packets: [],
    link,
    released: () => released,
    last: (name) => attempts(name).at(-1)!,
    tries: () => transports.map((transport) => transport.attempts.length),
    alive: () => names.filter((name) => attempts(name).some(({ closed }) => !closed)),
    listener: () => {},
    isVisible: true,
    known: { cooldowns: {}, rtt },
    session: {
      rtt: null,
      uploadTime: 0,
      serverLimits: {
        heartbeat: HEARTBEAT,
        maxMessage: 1_000_000,
        maxBatch: 60_000,
        window: 65_536,
      },
      retryBounds: [0, 0],
      receiptOwedSince: Infinity,
      missingSince: Infinity,
      pings: 0,
    },
    ladder: undefined as unknown as Strategy,
  }
  const ladder = create(
    clock,
    {
      session() {
        const { serverLimits, uploadTime } = test.session
        return {
          rtt: test.session.rtt,
          serverLimits,
          retryBounds: test.session.retryBounds,
          uploadTime: () => uploadTime,
          ping: () => void test.session.pings++,
          lastSentAt: -Infinity,
          isForeign: ({ end }) => end?.[1] === 'unknown',
          healthDeadline(signOfLifeDue, provenAt) {
            const { missingSince, receiptOwedSince } = test.session
            return healthDeadline({
              ...{
                signOfLifeDue,
                uploadTime,
                downloadTime: 0,
                answerTime: 4 * (test.session.rtt || 0),
              },
              missingSince: Math.max(missingSince, provenAt),
              receiptOwedSince: Math.max(receiptOwedSince, provenAt),
            })
          },
        }
      },
      isVisible: () => test.isVisible,
      openLink: give ?? ((onLink) => onLink(link())),
      onPacket: (down) => test.packets.push(down) > 0,
      onTransportChange(transport, reason) {
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
  test.ladder.setTransports(test.transports)
  return test
}
