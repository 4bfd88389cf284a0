/** Duties of a client: silence, return and goodbye (PROTOCOL.md 9.4). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client } from './program.ts'
import { messagesOf, openScene } from './scenes.ts'
import { startServer, type Up } from './server.ts'

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

prove(
  '9.4',
  'A client MUST answer a heartbeat from the handler of whatever arrived, with any packet or exchange, if it has sent ' +
    'nothing for half an interval.',
  async () => {
    const { channel } = await openScene({ heartbeat: 2_000 })
    for (let beat = 0; beat < 3; beat++) {
      await delay(1_500)
      const before = channel.arrivals.all.length
      channel.send({ ack: [0, 0, 0] })
      await delay(500)
      expect(channel.arrivals.all.length).toBeGreaterThan(before)
    }
  },
)

prove(
  '9.4',
  'It MUST stay within `retryAfter`, if the server has said so: the delay is drawn from the first to the second number, or ' +
    'above it.',
  async () => {
    const { server, channel } = await openScene()
    const started = performance.now()
    channel.end({ end: ['draining', 'again', 'retry'], retryAfter: [2_000, 3_000] }, 4_503)
    await server.channel()
    expect(performance.now() - started).toBeGreaterThan(1_900)
  },
)

prove('9.4', 'It MUST NOT send a token again that was refused.', async () => {
  const server = await startServer()
  const client = new Client(server.url, ['websocket'], 'refused')
  const channel = await server.channel()
  expect(channel.attach.token).toBe('refused')
  channel.end({ end: ['unauthorized', 'why', 'final'] }, 4_401)
  await client.event('closed')
  await delay(1_000)
  expect(server.carriers.length).toBe(1)
})

prove(
  '6.10',
  'A packet with `bye` is the last one. Messages MAY ride along; they are handled first.',
  async () => {
    const { client, channel } = await openScene()
    client.send({ data: 'last' })
    client.close(4_000, 'enough')
    expect((await channel.packet('bye')).bye).toEqual([0, 4_000, 'enough'])
    const told = channel.arrivals.all.filter((each): each is Up => !Buffer.isBuffer(each))
    expect(messagesOf(told)).toEqual([[1, 'last']])
    expect(told.at(-1)!.bye).toBeDefined()
  },
)
