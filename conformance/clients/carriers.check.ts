/** Duties of a client: exchanges and carriers (PROTOCOL.md 9.2). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client } from './program.ts'
import { LONG_POLL, SHORT_POLL, WEBSOCKET, openScene, pollScene } from './scenes.ts'
import { startServer } from './server.ts'
import { HELLO } from './wire.ts'

const DRAWS =
  'A client MUST draw a higher `t` for every attach and exchange of a session, and keep every `t` that it still works with ' +
  'at or above `want`: carriers that race are both wanted, what was given up is not.'

prove(
  '9.2',
  DRAWS,
  async () => {
    const server = await startServer()
    const client = new Client(server.url, LONG_POLL)
    let last = 0
    for (let count = 0; count < 6; count++) {
      const exchange = await server.exchange()
      if (exchange.attach.t < last) {
        // On a busy machine, requests overtake each other.
        exchange.answer({ hello: HELLO, ack: [0, 0, 0], ready: 1 })
        count--
        continue
      }
      expect(exchange.attach.t).toBeGreaterThan(last)
      last = exchange.attach.t
      for (const other of server.waiting) {
        expect(other.attach.t).toBeGreaterThanOrEqual(exchange.attach.want)
      }
      const hello = count === 0 ? { hello: HELLO } : {}
      exchange.answer({ ...hello, ack: [0, 0, count], batch: [count + 1, [[count]]], ready: 1 })
    }
    expect(await client.untilMessages(6)).toEqual([0, 1, 2, 3, 4, 5])
    // Answered exchanges are not worked with any more.
    expect((await server.exchange()).attach.want).toBeGreaterThan(1)
  },
  { with: 'polls' },
)

prove(
  '9.2',
  DRAWS,
  async () => {
    const { server, client, channel } = await openScene({ heartbeat: 1_000 })
    const beside = await server.channel()
    expect(beside.attach.want).toBeLessThanOrEqual(channel.attach.t)
    expect(beside.attach.t).toBeGreaterThan(channel.attach.t)
    beside.open()
    await channel.closed
    beside.cut()
    const next = await server.channel()
    expect(next.attach.want).toBeGreaterThan(beside.attach.t)
    expect(client.has('reset')).toBe(false)
  },
  { with: 'WebSockets beside each other' },
)

const ONE_AT_A_TIME =
  'A client MUST NOT have more than one exchange with messages in flight; what is sent meanwhile goes into the next.'

prove('9.2', ONE_AT_A_TIME, async () => {
  const { server, client } = await pollScene()
  for (const data of ['a', 'b', 'c']) {
    client.send({ data })
    // Whether it would send another one has no sign.
    await delay(200)
  }
  expect(server.waiting.filter(({ packet }) => packet.batch).length).toBe(1)
  const first = await server.upload()
  expect(first.packet.batch).toEqual([1, [['a']]])
  first.answer({ ack: [1, 1, 0] })
  expect((await server.upload()).packet.batch).toEqual([2, [['b'], ['c']]])
})

const ASKS =
  'A client MUST ask for hello in the first exchange of each carrier, and wait for `ready` before it trusts a carrier.'

prove(
  '9.2',
  ASKS,
  async () => {
    const server = await startServer()
    const client = new Client(server.url, WEBSOCKET)
    const channel = await server.channel()
    channel.send({ hello: HELLO, ack: [0, 0, 0] })
    await delay(500)
    expect(client.has('open')).toBe(false)
    channel.send({ ready: 1 })
    await client.event('open')
  },
  { with: 'WebSocket' },
)

prove(
  '9.2',
  ASKS,
  async () => {
    const server = await startServer()
    const client = new Client(server.url, LONG_POLL)
    const first = await server.exchange()
    expect([first.attach.epoch, first.packet.hello]).toEqual([undefined, 1])
    first.answer({ hello: HELLO, ack: [0, 0, 0], ready: 1 })
    await client.event('open')
    const next = await server.exchange()
    expect([next.attach.epoch, next.packet.hello]).toEqual([HELLO.epoch, undefined])
  },
  { with: 'exchange' },
)

prove(
  '9.2',
  ASKS,
  async () => {
    const { server, poll } = await pollScene()
    poll.answer('<html>Gateway time-out</html>', 504)
    // Another carrier, of the same session.
    let next = await server.exchange()
    while (next.attach.t < poll.attach.t) next = await server.exchange()
    expect([next.attach.epoch, next.packet.hello]).toEqual([HELLO.epoch, 1])
  },
  { with: 'a carrier after another one' },
)

prove(
  '6.1',
  'The client learns the epoch from hello, and says it in every attach from then on.',
  async () => {
    const { server, client, poll } = await pollScene()
    client.send({ data: 'up' })
    const upload = await server.upload()
    poll.cut()
    upload.cut()
    const next = [await server.exchange(), await server.exchange()]
    for (const { attach } of [poll, upload, ...next]) expect(attach.epoch).toBe(HELLO.epoch)
  },
)

prove('9.2', 'A client that gets `superseded` for what it has given up ignores it.', async () => {
  const { server, client, channel } = await openScene({ heartbeat: 1_000 })
  const beside = await server.channel()
  beside.open([0, 0, 0], { heartbeat: 60_000 })
  channel.end({ end: ['superseded', 'why', 'retry'] }, 4_409)
  client.send({ data: 'over the other' })
  await beside.packet('batch')
  await delay(1_000)
  expect(beside.isClosed).toBe(false)
  expect(server.carriers.length).toBe(2)
  expect([client.has('reset'), client.has('closed')]).toEqual([false, false])
})

const PAUSES =
  'After an answer that brings nothing and does not wait, a client MUST pause before it polls again.'

prove(
  '9.2',
  PAUSES,
  async () => {
    const server = await startServer()
    const client = new Client(server.url, SHORT_POLL)
    ;(await server.exchange()).answer({ hello: HELLO, ack: [0, 0, 0], ready: 1 })
    const until = performance.now() + 2_000
    let polls = 0
    for (; performance.now() < until; polls++) {
      ;(await server.exchange()).answer({ ack: [0, 0, 0], ready: 1 })
    }
    expect(polls).toBeLessThan(40)
    client.close()
  },
  { with: 'short polls' },
)

prove(
  '9.2',
  PAUSES,
  async () => {
    const { server, poll } = await pollScene()
    poll.answer({ ack: [0, 0, 0], ready: 1 })
    const until = performance.now() + 2_000
    let polls = 0
    for (; performance.now() < until; polls++) {
      // A server, or a box before it, that does not hold back.
      ;(await server.exchange()).answer({ ack: [0, 0, 0], ready: 1 })
    }
    expect(polls).toBeLessThan(40)
  },
  { with: 'long polls that are not held' },
)
