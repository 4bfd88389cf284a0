/** Duties of a client: tokens (PROTOCOL.md 6.1 and 9.4). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client } from './program.ts'
import { WEBSOCKET, openScene, pollScene } from './scenes.ts'
import { startServer } from './server.ts'

const NOT_AGAIN = 'It MUST NOT send a token again that was refused.'
const RENEWS =
  'On a WebSocket the client answers with a packet with `token`, otherwise in `attach.token` of its next exchange.'

prove('9.4', NOT_AGAIN, async () => {
  const server = await startServer()
  const client = new Client(server.url, WEBSOCKET, { token: 'refused' })
  const channel = await server.channel()
  expect(channel.attach.token).toBe('refused')
  channel.end({ end: ['unauthorized', 'why', 'final'] }, 4_401)
  await client.event('closed')
  await delay(1_000)
  expect(server.carriers.length).toBe(1)
})

prove(
  '9.4',
  NOT_AGAIN,
  async () => {
    const { server, client, channel } = await openScene({}, { token: 'too-old' })
    channel.end({ end: ['unauthorized', 'why', 'final'] }, 4_401)
    await client.event('closed')
    await delay(1_000)
    expect(server.carriers.length).toBe(1)
  },
  { with: 'the only one, on a living carrier' },
)

prove(
  '9.4',
  NOT_AGAIN,
  async () => {
    const { server, client, channel } = await openScene({}, { tokens: ['old', 'new'] })
    channel.end({ end: ['unauthorized', 'why', 'final'] }, 4_401)
    // A client may try another one.
    const next = await Promise.race([server.channel(), client.event('closed')])
    if ('attach' in next) expect(next.attach.token).toBe('new')
    await delay(1_000)
    const refused = server.carriers.filter(({ attach }) => attach.token === 'old')
    expect(refused).toEqual([channel])
  },
  { with: 'one of two, on a living carrier' },
)

prove(
  '6.1',
  RENEWS,
  async () => {
    const { channel } = await openScene({}, { tokens: ['old', 'new'] })
    expect(channel.attach.token).toBe('old')
    channel.send({ ack: [0, 0, 0], token: 1 })
    expect((await channel.packet('token')).token).toBe('new')
    expect(channel.isClosed).toBe(false)
  },
  { with: 'WebSocket' },
)

prove(
  '6.1',
  RENEWS,
  async () => {
    const { server, poll } = await pollScene({}, { tokens: ['old', 'new'] })
    expect(poll.attach.token).toBe('old')
    poll.answer({ ack: [0, 0, 0], ready: 1, token: 1 })
    // An exchange that was made before the token was there does not count.
    for (;;) {
      const { attach, ...exchange } = await server.exchange()
      if (attach.token === 'new') return
      expect(attach.token).toBe('old')
      if (!exchange.isAnswered) server.waiting[0]?.answer({ ack: [0, 0, 0], ready: 1 })
    }
  },
  { with: 'exchange' },
)

prove('6.1', 'Without `bound`, every exchange needs one.', async () => {
  const { server, client, poll } = await pollScene({}, { token: 'mine' })
  client.send({ data: 'up' })
  const upload = await server.upload()
  upload.answer({ ack: [1, 1, 0] })
  poll.answer({ ack: [1, 1, 0], ready: 1 })
  const next = await server.exchange()
  for (const { attach } of [poll, upload, next]) expect(attach.token).toBe('mine')
})

prove(
  '9.4',
  'A client that is asked for a new token and has none does nothing: the server ends the carrier.',
  async () => {
    const { server, client, channel } = await openScene({ heartbeat: 60_000 }, { tokens: ['only'] })
    channel.send({ token: 1 })
    await delay(2_000)
    expect(channel.packets.slice(1).filter(({ token }) => token !== undefined)).toEqual([])
    expect([channel.isClosed, client.has('closed'), server.carriers.length]).toEqual([
      false,
      false,
      1,
    ])
  },
)
