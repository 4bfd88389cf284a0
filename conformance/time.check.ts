/** Heartbeats, ghosts, lifetimes, deadlines: what takes its time, all of it side by side. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import {
  Client,
  batch,
  newSession,
  openSocket,
  openStream,
  refusedStream,
  ticketOf,
} from './client.ts'
import { expectClosed, expectRefused, prove } from './prove.ts'
import { connect, drain, head } from './wire.ts'

/** Milliseconds: a server may be late by a second, and the machine by some more. */
const LATE = 6_000

const BEATS =
  'The server sends a packet with `ack` on every WebSocket and stream that was silent for the heartbeat interval.'

const SECOND =
  'A second contact is any other attach or exchange, a stream that is opened, or an acknowledgement on the same ' +
  'WebSocket.'

for (const carrier of ['WebSocket', 'SSE', 'forever-iframe'] as const) {
  prove(
    '6.9',
    BEATS,
    async () => {
      const client = new Client()
      const { heartbeat } = (await client.exchange()).packet.hello!
      const { feed } =
        carrier === 'WebSocket'
          ? await client.socket()
          : await client.stream(carrier === 'SSE' ? 'sse' : carrier)
      await feed.until(
        'hello',
        () => feed.packets[2] ?? (carrier !== 'forever-iframe' && feed.packets[1]) ?? undefined,
      )
      const before = feed.packets.length
      const started = performance.now()
      await feed.until('a beat', () => feed.packets[before])
      expect(performance.now() - started).toBeLessThan(heartbeat + LATE)
      if (carrier !== 'forever-iframe') {
        expect(feed.packets[before]!.ack?.slice(1)).toEqual([0, 0, 0])
      }
    },
    { with: carrier, slow: true },
  )
}

prove(
  '6.9',
  'A packet with `probe` is answered by an acknowledgement on every carrier that reads the log down of the session, at once.',
  async () => {
    const client = new Client()
    const socket = await client.socket()
    const stream = await client.stream('sse')
    await stream.feed.field('ready')
    const { heartbeat } = await socket.feed.field('hello')
    const feeds = [socket.feed, stream.feed]
    const before = feeds.map(({ packets }) => packets.length)
    const started = performance.now()
    await client.exchange({ probe: 1 })
    for (const [index, feed] of feeds.entries()) {
      const packet = await feed.until('a sign of life', () => feed.packets[before[index]!])
      expect(packet.ack?.slice(1)).toEqual([0, 0, 0])
    }
    expect(performance.now() - started).toBeLessThan(heartbeat / 2)
  },
)

prove(
  '6.9',
  'This MUST hold whichever node has the carrier; an exchange that waits is answered.',
  async () => {
    const client = new Client()
    const { heartbeat } = (await client.exchange()).packet.hello!
    const started = performance.now()
    // The probe may arrive first, and then finds nobody who waits.
    const waiting = client.exchange({ answer: 'wait' })
    const asking = setInterval(() => void client.exchange({ probe: 1 }), heartbeat / 20)
    const { packet } = await waiting.finally(() => clearInterval(asking))
    expect(packet).toMatchObject({ ready: 1, ack: [client.epoch, 0, 0, 0] })
    expect(performance.now() - started).toBeLessThan(heartbeat / 2)
  },
)

prove(
  '3.2',
  'With `within`, it answers so after as many milliseconds, if they are fewer.',
  async () => {
    const client = new Client()
    const { heartbeat } = (await client.exchange()).packet.hello!
    const started = performance.now()
    const { packet } = await client.exchange({ answer: 'wait', within: 100 })
    expect(packet).toMatchObject({ ready: 1, ack: [client.epoch, 0, 0, 0] })
    expect(performance.now() - started).toBeLessThan(heartbeat / 2)
  },
)

prove(
  '6.9',
  'A server that has heard nothing from a client for two intervals and 5 seconds drops its readers, without an end.',
  async () => {
    const client = new Client()
    const socket = await client.socket()
    const stream = await client.stream('sse')
    const { heartbeat } = await socket.feed.field('hello')
    const started = performance.now()
    const { code } = await socket.closed
    await stream.ended
    expect(code).toBeLessThan(4_000)
    expect(performance.now() - started).toBeGreaterThan(2 * heartbeat)
    for (const { feed } of [socket, stream]) {
      expect(feed.packets.some(({ end }) => end !== undefined)).toBe(false)
    }
    // The session is still there.
    expect((await client.exchange()).status).toBe(200)
  },
  { slow: true },
)

prove(
  '6.10',
  'With more, the session lives on for so many seconds, unless a page of a higher generation resumes it meanwhile; its ' +
    'readers end with `superseded`.',
  async () => {
    const client = new Client()
    client.page = [0, 'a page']
    const socket = await client.socket()
    socket.send({ batch: batch(1, 'a'), bye: [2] })
    await expectClosed(socket, 'superseded')
    // It is still there, but not for this page; and this does not keep it.
    expectRefused(await client.exchange(), 'superseded')
    await delay(2_000 + LATE)
    const { packet, status } = await client.exchange()
    expect([status, packet.end?.slice(0, 3)]).toEqual([410, ['gone', 'expired', 'reset']])
  },
  { with: 'it ends', slow: true },
)

prove(
  '6.11',
  'A session that its client has contacted only once ends after 10 seconds without a reader.',
  async () => {
    const client = await newSession()
    await delay(10_000 + LATE)
    const { packet, status } = await client.exchange({}, { epoch: undefined })
    expect([status, packet.end?.slice(0, 3)]).toEqual([410, ['gone', 'expired', 'reset']])
  },
  { slow: true },
)

for (const [what, contact] of [
  ['an exchange', (client: Client) => client.exchange()],
  ['an attach', async (client: Client) => (await client.socket()).cut()],
  ['a stream', async (client: Client) => (await client.stream('sse')).cut()],
] as const) {
  prove(
    '6.11',
    SECOND,
    async () => {
      const client = await newSession()
      await contact(client)
      await delay(10_000 + LATE)
      expect((await client.exchange()).status).toBe(200)
    },
    { with: what, slow: true },
  )
}

prove(
  '6.11',
  SECOND,
  async () => {
    const client = new Client()
    const socket = await client.socket()
    socket.send({ ack: [0, ''] })
    socket.send({ ack: [0, ''], batch: batch(1, 'mark') })
    await socket.feed.untilData('mark')
    await socket.cut()
    await delay(10_000 + LATE)
    const { packet } = await client.exchange({ answer: 'now' })
    expect(packet.batch).toEqual([1, [['mark']]])
  },
  { with: 'an acknowledgement', slow: true },
)

prove(
  '6.11',
  'A session without a reader ends after its lifetime: `gone`, `expired`.',
  async () => {
    const client = new Client()
    const { lifetime } = (await client.exchange()).packet.hello!
    await client.exchange()
    await delay(lifetime / 2)
    expect((await client.exchange()).status).toBe(200)
    await delay(lifetime + LATE)
    const { packet, status } = await client.exchange({}, { epoch: undefined })
    expect([status, packet.end?.slice(0, 3)]).toEqual([410, ['gone', 'expired', 'reset']])
    const socket = await openSocket()
    socket.send({ attach: client.attach() })
    await expectClosed(socket, 'gone')
  },
  { slow: true },
)

prove(
  '3.3',
  'A connection whose first frame does not come within 10 seconds is refused with `timeout`.',
  async () => {
    const socket = await openSocket()
    await expectClosed(socket, 'timeout')
  },
  { slow: true },
)

prove(
  '3.2',
  'A body that does not go on for 10 seconds is refused with `timeout`.',
  async () => {
    const socket = await connect()
    const said = drain(socket)
    socket.write(head('POST', { 'Content-Length': '1000' }) + '{"attach":')
    expect(await said).toMatch(/^HTTP\/1\.1 408 [^]*"timeout"/)
  },
  { slow: true },
)

prove(
  '3.4',
  'A ticket is good for one `GET`, of the transport that it was asked for, within 30 seconds.',
  async () => {
    const client = await newSession()
    const ticket = await ticketOf(client, 'sse')
    const sound = await ticketOf(client, 'sse')
    const before = performance.now()
    // The session is kept alive by exchanges that wait; how long they do is the server's choice.
    while (performance.now() - before < 20_000) {
      expect((await client.exchange({ answer: 'wait' })).status).toBe(200)
    }
    await (await openStream('sse', sound)).feed.field('ready')
    while (performance.now() - before < 31_000) {
      expect((await client.exchange({ answer: 'wait' })).status).toBe(200)
    }
    expectRefused(await refusedStream('sse', ticket), 'not-found')
  },
  { slow: true },
)

prove(
  '6.5',
  'A higher generation takes over: the readers of the former one end with `superseded`, the mark is 0 again, and a ' +
    'goodbye with grace (6.10) is revoked.',
  async () => {
    const client = new Client()
    client.page = [0, 'former']
    const former = await client.socket({ batch: batch(1, 'a') })
    former.send({ bye: [1] })
    await expectClosed(former, 'superseded')
    client.page = [1, 'later']
    await client.exchange({}, { t: 1 })
    await client.exchange({}, { t: 2 })
    // That nothing happens has no sign: the second of the goodbye passes, and what a server may be late.
    await delay(3_000)
    expect((await client.exchange({}, { t: 3 })).status).toBe(200)
  },
  { with: 'goodbye', slow: true },
)

prove(
  '3.2',
  'If nothing happens for the heartbeat interval, the server answers with what it has: hello and an acknowledgement.',
  async () => {
    const client = new Client()
    const { heartbeat } = (await client.exchange()).packet.hello!
    const before = performance.now()
    const { status, packet } = await client.exchange({ answer: 'wait' })
    expect(status).toBe(200)
    expect(performance.now() - before).toBeGreaterThan(heartbeat * 0.9)
    expect(packet.ack!.slice(1)).toEqual([0, 0, 0])
    expect(packet.batch).toBeUndefined()
    expect(packet.hello).toBeDefined()
  },
  { slow: true },
)

prove(
  '3.2',
  'It MUST NOT hold an answer other than that of `wait` back for longer than the heartbeat interval.',
  async () => {
    const client = new Client()
    const { heartbeat } = (await client.exchange()).packet.hello!
    // More than an interval of work: the answer comes before the last of it is done.
    const count = Math.ceil(heartbeat / 1_000) + 2
    const first = await client.send(1, ...Array.from({ length: count }, () => 'slow'))
    expect(first.packet.ack!.slice(1, 2)).toEqual([count])
    expect(first.packet.ack![2]).toBeLessThan(count)
  },
  { slow: true },
)
