/** Duties of a client: silence, heartbeats and the way back (PROTOCOL.md 9.4). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, has } from './program.ts'
import { WEBSOCKET, openScene, pollScene } from './scenes.ts'
import { startServer, type Server } from './server.ts'

prove(
  '9.4',
  'A client that has heard nothing for a heartbeat interval and some seconds opens another carrier beside the silent one, ' +
    'and SHOULD NOT give the silent one up before another has proven itself.',
  async () => {
    const { server, client, channel } = await openScene({ heartbeat: 1_000 })
    const beside = await server.channel()
    expect(channel.isClosed).toBe(false)
    expect(beside.attach.want).toBeLessThanOrEqual(channel.attach.t)
    channel.send({ batch: [1, [['it lives']]] })
    expect(await client.untilMessages(1)).toEqual(['it lives'])
  },
)

prove('9.4', 'Any byte is a sign of life.', async () => {
  const { server, client, poll } = await pollScene({ heartbeat: 1_000 })
  const before = server.carriers.length
  for (let count = 0; count < 14; count++) {
    poll.trickle()
    await delay(500)
  }
  // Nothing was opened beside the answer that is on its way.
  expect(server.carriers.length).toBe(before)
  poll.answer({ ack: [0, 0, 1], batch: [1, [['slow']]], ready: 1 })
  expect(await client.untilMessages(1)).toEqual(['slow'])
})

const ANSWERS =
  'A client MUST answer a heartbeat from the handler of whatever arrived, with any packet or exchange, if it has sent ' +
  'nothing for half an interval.'

prove('9.4', ANSWERS, async () => {
  const { channel } = await openScene({ heartbeat: 2_000 })
  for (let beat = 0; beat < 3; beat++) {
    await delay(1_500)
    const before = channel.arrivals.all.length
    channel.send({ ack: [0, 0, 0] })
    await delay(500)
    expect(channel.arrivals.all.length).toBeGreaterThan(before)
  }
})

prove(
  '9.4',
  'A client SHOULD send `probe` when its page or its machine wakes up.',
  async () => {
    const { client, channel } = await openScene({ heartbeat: 60_000 })
    client.wake()
    expect((await channel.packet('probe')).probe).toBe(1)
  },
  { skip: !has('wake') },
)

const STAYS_WITHIN =
  'It MUST stay within `retryAfter`, if the server has said so: the delay is drawn from the first to the second number, or ' +
  'above it.'

prove(
  '9.4',
  STAYS_WITHIN,
  async () => {
    const { server, channel } = await openScene()
    const started = performance.now()
    channel.end({ end: ['draining', 'again', 'retry'], retryAfter: [2_000, 3_000] }, 4_503)
    await server.channel()
    expect(performance.now() - started).toBeGreaterThan(1_900)
  },
  { with: 'of an end' },
)

prove(
  '9.4',
  STAYS_WITHIN,
  async () => {
    const { server, channel } = await openScene({ retryAfter: [2_000, 2_500] })
    const started = performance.now()
    channel.cut()
    await server.channel()
    expect(performance.now() - started).toBeGreaterThan(1_900)
  },
  { with: 'of hello' },
)

prove(
  '9.4',
  STAYS_WITHIN,
  async () => {
    const delays: number[] = []
    for (let count = 0; count < 4; count++) {
      const { server, channel } = await openScene({ retryAfter: [0, 60_000] })
      channel.cut()
      const started = performance.now()
      await Promise.race([server.channel(), delay(4_000)])
      delays.push(performance.now() - started)
    }
    // Drawn from a minute: that four of them come within four seconds has a chance of 1 in 50,000.
    expect(delays.some((each) => each > 3_900)).toBe(true)
  },
  { with: 'up to the second number' },
)

/** Attempts that are looked at. */
const ATTEMPTS = 7

/** Milliseconds between the attempts of a client whose WebSockets are all cut at once. */
async function gapsOf(server: Server): Promise<readonly number[]> {
  const times: number[] = []
  while (times.length < ATTEMPTS) {
    const channel = await server.channel()
    times.push(performance.now())
    channel.cut()
  }
  return times.slice(1).map((time, index) => time - times[index]!)
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

prove(
  '9.4',
  'A client that has lost the server comes back after a random delay, whose bound grows with each failure up to a cap.',
  async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, startServer))
    for (const { url } of servers) void new Client(url, WEBSOCKET)
    const gaps = await Promise.all(servers.map(gapsOf))
    const half = (ATTEMPTS - 1) / 2
    const early = sum(gaps.map((each) => sum(each.slice(0, half))))
    const late = sum(gaps.map((each) => sum(each.slice(half))))
    expect(late).toBeGreaterThan(2 * early)
    // Without a delay that grows, six attempts take next to no time.
    expect(early + late).toBeGreaterThan(6_000)
    const rounded = new Set(gaps.map((each) => Math.round(each.at(-1)! / 20)))
    expect(rounded.size).toBeGreaterThan(1)
  },
  { slow: true },
)
