/** The memory of the server does not grow by what clients do. */
import { Agent, request as send } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batch, randomKey } from './client.ts'
import { BODIES, setupWatched } from './harm.ts'
import { List } from './list.ts'
import { heapUsed } from './memory.ts'

afterEach(() => void vi.useRealTimers())

describe('the memory of the server', () => {
  const MB = 1_048_576
  /** Makes many requests, on 50 connections. */
  async function many(
    url: string,
    count: number,
    body: (i: number) => string,
  ): Promise<List<number>> {
    const agent = new Agent({ keepAlive: true, maxSockets: 50 })
    const statuses = new List<number>()
    for (let i = 0; i < count; i++) {
      const text = body(i)
      send(
        url,
        { method: 'POST', agent, headers: { 'Content-Length': Buffer.byteLength(text) } },
        (response) => {
          response.resume().on('end', () => statuses.push(response.statusCode!))
        },
      ).end(text)
      if (i % 500 === 499) await statuses.count(i + 1)
    }
    await statuses.count(count)
    agent.destroy()
    return statuses
  }

  test('shrinks again after 10,000 sessions of one client have expired', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
    const { url, hub, client } = await setupWatched({ maxSessions: 20_000, log: () => {} })
    const ended = new List<unknown>()
    hub.onClose(() => ended.push(0))
    const attach = (): string =>
      JSON.stringify({ attach: { version: 1, key: randomKey(), t: 1, want: 1 } })
    await many(url, 1_000, attach)
    vi.advanceTimersByTime(11_000)
    await ended.count(1_000)
    vi.advanceTimersByTime(300_000)
    const before = await heapUsed()
    await many(url, 10_000, attach)
    const grown = (await heapUsed()) - before
    expect(grown).toBeGreaterThan(3 * MB)
    vi.advanceTimersByTime(11_000)
    await ended.count(11_000)
    ended.items.length = 0
    // The ends are remembered for a lifetime.
    vi.advanceTimersByTime(300_000)
    expect((await heapUsed()) - before).toBeLessThan(grown / 2)
    expect((await client().exchange()).status).toBe(200)
  }, 60_000)

  test('does not grow by requests that are refused', async () => {
    const { url, client, unharmed } = await setupWatched({ log: () => {} })
    const alice = client()
    await alice.exchange()
    const bodies = [
      ...BODIES.map(([, body]) => body).filter(
        (body) => typeof body === 'string' && body.length < 1_000,
      ),
      alice.body({}, { epoch: 'other' }),
      alice.body({ batch: batch(7, 'gap') }),
      alice.body({ ack: [7, ''] }),
      alice.body({ attach: { version: 1, key: randomKey(), epoch: 'none', t: 1, want: 1 } }),
    ]
    const round = (count: number): Promise<unknown> =>
      many(url, count, (i) => String(bodies[i % bodies.length]))
    await round(1_000)
    const before = await heapUsed()
    await round(4_000)
    expect((await heapUsed()) - before).toBeLessThan(4 * MB)
    await unharmed()
  }, 60_000)
})
