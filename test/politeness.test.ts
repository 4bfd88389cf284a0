/** A server that goes away takes a thousand clients with it, and must be able to come back. */
import { setMaxListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { chance } from '../e2e/faults/chance.mjs'
import { connect } from '../src/client.ts'
import { createBackoff } from '../src/connection/backoff.ts'
import { ladder } from '../src/connection/ladder.ts'
import type { RetryBounds } from '../src/protocol.ts'
import type { Socket, TransportName } from '../src/types.ts'
import { fakeBrowser, settled } from './support/browser.ts'
import { manualClock } from './support/clock.ts'
import { HELLO } from './support/session.ts'
import { fakeTransport, type Attempt } from './support/transports.ts'

const CLIENTS = 1_000
/** Milliseconds that an attempt takes, whether it fails or not. */
const TAKES = 20
const STEP = 100
const SECOND = 1_000
/** The longest time between two attempts of a visible page, and by how much it may seem longer. */
const CAP = 4_500
const SLACK = SECOND

interface Crowd {
  readonly sockets: readonly Socket[]
  /** When each client tried, in milliseconds since the server was lost. */
  readonly tries: readonly number[][]
  /** The server goes: what is open breaks at the same instant, and what is tried fails. Or it is back. */
  lose(): void
  find(): void
  pass(seconds: number): Promise<void>
}

function crowd(names: readonly TransportName[], retryAfter: RetryBounds = [0, 0]): Crowd {
  const { window, connection } = fakeBrowser()
  setMaxListeners(0, window, connection)
  const clock = { ...manualClock(), random: chance(1) }
  let lost = false
  let since = 0
  const open = new Set<Attempt>()
  const tries = Array.from({ length: CLIENTS }, (): number[] => [])

  const sockets = tries.map((own) => {
    const script = (attempt: Attempt): void => {
      own.push(clock.now() - since)
      attempt.link.clock.after(TAKES, () => {
        if (lost) return attempt.fail('refused')
        open.add(attempt)
        attempt.hear({ hello: { ...HELLO, retryAfter }, ready: 1 })
      })
    }
    const transports = names.map((name) => fakeTransport(name, script))
    return connect('/rungs', { transports }, { createStrategy: ladder, known: transports, clock })
  })

  return {
    sockets,
    tries,
    lose() {
      lost = true
      since = clock.now()
      for (const own of tries) own.length = 0
      for (const attempt of open) attempt.fail('cut')
      open.clear()
    },
    find: () => void (lost = false),
    async pass(seconds) {
      for (let left = seconds * SECOND; left > 0; left -= STEP) {
        clock.advance(STEP)
        await settled()
      }
    },
  }
}

/** How many fell into each second. */
function bySecond(times: readonly number[]): number[] {
  const buckets: number[] = []
  for (const time of times) {
    const second = Math.floor(time / SECOND)
    while (buckets.length <= second) buckets.push(0)
    buckets[second]!++
  }
  return buckets
}

const ALONE: readonly TransportName[] = ['websocket']
const ALL: readonly TransportName[] = [
  ...ALONE,
  ...(['sse', 'long-poll', 'short-poll', 'forever-iframe'] as const),
]

/** Attempts of all clients in one second, at most: each tries every 2.25 s on average, mostly with one request. */
describe.each([
  ['one transport', ALONE, CLIENTS],
  ['the whole ladder', ALL, 2.5 * CLIENTS],
])(
  `${CLIENTS} clients that lose the server at the same instant, with %s`,
  { timeout: 120_000 },
  (_, names, most) => {
    test('all try again at once, then less often, each at a time of its own', async () => {
      const { lose, pass, tries, sockets } = crowd(names)
      await pass(10)
      expect(sockets.every(({ state }) => state === 'open')).toBe(true)
      lose()
      await pass(60)

      const seconds = bySecond(tries.flat())
      // A cut mostly concerns one client alone, which wants to be back at once.
      expect(Math.min(...tries.map(([first]) => first!))).toBeLessThan(SECOND)
      expect(seconds[0]).toBeLessThanOrEqual(4 * CLIENTS * names.length)
      expect(Math.max(...seconds.slice(1))).toBeLessThanOrEqual(most)
    })

    test('none ever stops, or waits longer than the cap', async () => {
      const { lose, pass, tries } = crowd(names)
      await pass(10)
      lose()
      await pass(120)
      const waits = tries.map((own) => {
        const times = [...own, 120 * SECOND]
        return Math.max(...times.map((time, index) => time - (times[index - 1] ?? 0)))
      })
      expect(Math.max(...waits)).toBeLessThanOrEqual(CAP + SLACK)
    })

    test('all are back within the cap, one by one', async () => {
      const { lose, find, pass, tries, sockets } = crowd(names)
      await pass(10)
      lose()
      await pass(60)
      find()
      for (const own of tries) own.length = 0
      await pass((CAP + SLACK) / SECOND)
      expect(sockets.filter(({ state }) => state !== 'open')).toEqual([])
      expect(Math.max(...bySecond(tries.flat()))).toBeLessThanOrEqual(most)
    })

    test('a server that spreads them over a minute gets a few at a time, from the first second on', async () => {
      const { lose, find, pass, tries, sockets } = crowd(names, [0, 60_000])
      await pass(10)
      lose()
      await pass(10)
      find()
      await pass(120)
      expect(sockets.filter(({ state }) => state !== 'open')).toEqual([])
      expect(Math.max(...bySecond(tries.flat()))).toBeLessThanOrEqual((most * names.length) / 12)
    })
  },
)

test.each([
  ['of themselves', [0, 0], 22_000, 40_000],
  ['as a server says that spreads them over two minutes', [0, 120_000], 800, 1_700],
] as const)(
  `100,000 clients that come back %s do not come in one second`,
  (_, retryAfter, least, most) => {
    const clock = { ...manualClock(), random: chance(1) }
    const outage = 60 * SECOND
    const returns = Array.from({ length: 100_000 }, () => {
      const backoff = createBackoff(clock, () => true)
      let time = 0
      while (time < outage) time += backoff.next(retryAfter)
      return time - outage
    })
    const seconds = bySecond(returns)
    expect(Math.max(...seconds)).toBeGreaterThan(least)
    expect(Math.max(...seconds)).toBeLessThan(most)
  },
)
