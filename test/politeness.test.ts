/** A server that goes away takes a thousand clients with it, and must be able to come back. */
import { setMaxListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { chance } from '../e2e/faults/chance.mjs'
import { connect } from '../src/client.ts'
import { ladder } from '../src/connection/ladder.ts'
import type { Socket, TransportName } from '../src/types.ts'
import { fakeBrowser, settled } from './support/browser.ts'
import { manualClock } from './support/clock.ts'
import { fakeTransport, type Attempt } from './support/transports.ts'

const CLIENTS = 1_000
/** Milliseconds that an attempt takes, whether it fails or not. */
const TAKES = 20
const STEP = 100
const SECOND = 1_000
/** The longest time between two attempts, and by how much it may seem longer. */
const CAP = 30_000
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

function crowd(names: readonly TransportName[]): Crowd {
  const { window } = fakeBrowser()
  setMaxListeners(0, window)
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
        attempt.ready()
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

const LADDERS: readonly (readonly TransportName[])[] = [
  ['websocket'],
  ['websocket', 'sse', 'long-poll', 'short-poll', 'forever-iframe'],
]

describe.each(LADDERS)(
  `${CLIENTS} clients that lose the server at the same instant: %s`,
  (...names) => {
    /** Each round is an attempt on every rung. */
    const all = CLIENTS * names.length

    test('all try again at once, then ever less often, each at a time of its own', async () => {
      const { lose, pass, tries, sockets } = crowd(names)
      await pass(10)
      expect(sockets.every(({ state }) => state === 'open')).toBe(true)
      lose()
      await pass(120)

      const seconds = bySecond(tries.flat())
      // A cut mostly concerns one client alone, who wants to be back at once.
      expect(Math.min(...tries.map(([first]) => first!))).toBeLessThan(SECOND)
      expect(seconds[0]).toBeLessThanOrEqual(4 * all)
      expect(Math.max(...seconds.slice(1))).toBeLessThanOrEqual(all)
      expect(Math.max(...seconds.slice(10))).toBeLessThanOrEqual(all / 4)
      // From here on the cap holds: a round every 15 s on average, so 67 a second if they are spread well.
      expect(Math.max(...seconds.slice(60))).toBeLessThanOrEqual(all / 8)
    })

    test('never stop, and never wait longer than the cap', async () => {
      const { lose, pass, tries } = crowd(names)
      await pass(10)
      lose()
      await pass(600)
      const waits = tries.map((own) => {
        const times = [...own, 600 * SECOND]
        return Math.max(...times.map((time, index) => time - (times[index - 1] ?? 0)))
      })
      expect(Math.max(...waits)).toBeLessThanOrEqual(CAP + SLACK)
    })

    test('come back one by one when it is back, within the cap', async () => {
      const { lose, find, pass, tries, sockets } = crowd(names)
      await pass(10)
      lose()
      await pass(120)
      find()
      for (const own of tries) own.length = 0
      await pass((CAP + SLACK) / SECOND)
      expect(sockets.filter(({ state }) => state !== 'open')).toEqual([])
      expect(Math.max(...bySecond(tries.flat()))).toBeLessThanOrEqual(all / 8)
    })
  },
)
