/** A server that goes away takes a thousand clients with it, and must be able to come back. */
import { setMaxListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { chance } from '../e2e/faults/chance.mjs'
import { connect } from '../src/client.ts'
import { ladder } from '../src/ladder.ts'
import type { Socket } from '../src/types.ts'
import { fakeBrowser, settled } from './support/browser.ts'
import { manualClock } from './support/clock.ts'
import { fakeNetwork, type FakeRequest } from './support/requests.ts'
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
  /** Requests besides, with which clients may help themselves meanwhile. */
  readonly requests: readonly FakeRequest[]
  /** The server goes: what is open breaks at the same instant, and what is tried fails. Or it is back. */
  lose(): void
  find(): void
  pass(seconds: number): Promise<void>
}

function crowd(): Crowd {
  const { window } = fakeBrowser()
  setMaxListeners(0, window)
  const network = fakeNetwork()
  const clock = { ...manualClock(), random: chance(1) }
  let lost = false
  let since = 0
  const open = new Set<Attempt>()
  const tries = Array.from({ length: CLIENTS }, (): number[] => [])

  const sockets = tries.map((own) => {
    const websocket = fakeTransport('websocket', (attempt) => {
      own.push(clock.now() - since)
      attempt.link.after(TAKES, () => {
        if (lost) return attempt.fail('refused')
        open.add(attempt)
        attempt.ready()
      })
    })
    return connect('/rungs', { transports: [websocket] }, ladder, clock)
  })

  let answered = 0
  return {
    sockets,
    tries,
    requests: network.requests,
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
        // Plain requests have no luck at all here.
        while (answered < network.requests.length) network.requests[answered++]!.breaks()
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

describe(`${CLIENTS} clients that lose the server at the same instant`, () => {
  test('all try again at once, then ever less often, each at a time of its own', async () => {
    const { lose, pass, tries, sockets } = crowd()
    await pass(10)
    expect(sockets.every(({ state }) => state === 'open')).toBe(true)
    lose()
    await pass(120)

    const seconds = bySecond(tries.flat())
    // A cut mostly concerns one client alone, who wants to be back at once.
    expect(Math.min(...tries.map(([first]) => first!))).toBeLessThan(SECOND)
    expect(seconds[0]).toBeLessThanOrEqual(4 * CLIENTS)
    expect(Math.max(...seconds.slice(1))).toBeLessThanOrEqual(CLIENTS)
    expect(Math.max(...seconds.slice(10))).toBeLessThanOrEqual(CLIENTS / 4)
    // From here on the cap holds: every 15 s on average, so 67 a second if they are spread well.
    expect(Math.max(...seconds.slice(60))).toBeLessThanOrEqual(CLIENTS / 8)
  })

  test('never stop, and never wait longer than the cap', async () => {
    const { lose, pass, tries } = crowd()
    await pass(10)
    lose()
    await pass(600)
    const waits = tries.map((own) => {
      const times = [...own, 600 * SECOND]
      return Math.max(...times.map((time, index) => time - (times[index - 1] ?? 0)))
    })
    expect(Math.max(...waits)).toBeLessThanOrEqual(CAP + SLACK)
  })

  test('ask no more of it by plain requests than by connections', async () => {
    const { lose, pass, tries, requests } = crowd()
    await pass(10)
    const before = requests.length
    lose()
    await pass(120)
    expect(requests.length - before).toBeLessThanOrEqual(tries.flat().length)
  })

  test('come back one by one when it is back, within the cap', async () => {
    const { lose, find, pass, tries, sockets } = crowd()
    await pass(10)
    lose()
    await pass(120)
    find()
    for (const own of tries) own.length = 0
    await pass((CAP + SLACK) / SECOND)
    expect(sockets.filter(({ state }) => state !== 'open')).toEqual([])
    expect(Math.max(...bySecond(tries.flat()))).toBeLessThanOrEqual(CLIENTS / 8)
  })
})
