/** Signs of life: heartbeats, probes, ghosts, and what a server does not wait for. Most of it takes its time, side by side. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openSocket, openStream, refusedStream } from './carriers.ts'
import { Client, batch, newSession } from './client.ts'
import { atOnce, expectAck, expectNoEntry, expectRefused } from './expect.ts'
import { connect, drain, head } from './wire.ts'

/** Milliseconds: a server may be late by a second, and the machine by some more. */
const LATE = 5_000

const PROBE =
  'A packet with `probe` is answered by an acknowledgement on every carrier that reads the log down of the session, at ' +
  'once.'

for (const carrier of ['exchange', 'second packet', 'WebSocket', 'first frame'] as const) {
  prove(
    '6.9',
    PROBE,
    async () => {
      const client = await newSession()
      const socket = await client.socket()
      const other = await client.socket()
      const stream = await client.stream('sse')
      await stream.feed.field('ready')
      const feeds = [socket.feed, other.feed, stream.feed]
      const before = feeds.map(({ packets }) => packets.length)
      if (carrier === 'exchange') await client.exchange({ probe: 1 })
      if (carrier === 'second packet')
        await client.lines([{ attach: client.attach() }, { probe: 1 }])
      if (carrier === 'WebSocket') socket.send({ probe: 1 })
      if (carrier === 'first frame') {
        feeds.shift()
        before.shift()
        // A fourth one takes the place of the first.
        await client.socket({ probe: 1 })
      }
      for (const [index, feed] of feeds.entries()) {
        const sign = feed.until('a sign of life', () => feed.packets[before[index]!])
        expectAck(await atOnce(sign), 0, 0, 0)
      }
    },
    { with: carrier },
  )
}

const BEATS =
  'The server sends a packet with `ack` on every WebSocket and stream that was silent for the heartbeat interval.'

for (const carrier of ['WebSocket', 'SSE'] as const) {
  prove(
    '6.9',
    BEATS,
    async () => {
      const client = await newSession()
      const { heartbeat } = client.hello!
      const { feed } = carrier === 'WebSocket' ? await client.socket() : await client.stream('sse')
      await feed.field('ready')
      for (let beat = 1; beat <= 2; beat++) {
        const before = feed.packets.length
        const started = performance.now()
        expectAck(await feed.until('a beat', () => feed.packets[before]), 0, 0, 0)
        expect(performance.now() - started).toBeLessThan(heartbeat + LATE)
        await client.exchange()
      }
    },
    { with: carrier, slow: true },
  )
}

prove(
  '6.9',
  BEATS,
  async () => {
    const client = await newSession()
    const stream = await client.stream('forever-iframe')
    await stream.script(2)
    const before = stream.scripts
    const started = performance.now()
    await stream.script(before + 1)
    expect(performance.now() - started).toBeLessThan(client.hello!.heartbeat + LATE)
  },
  { with: 'forever-iframe', slow: true },
)

const ASKED =
  "The interval is the server's own, or `attach.heartbeat` if that is less. Hello says which."

/** Less than any server's own; README.md. */
const SHORT = 1_000

for (const carrier of ['WebSocket', 'SSE'] as const) {
  prove(
    '6.9',
    ASKED,
    async () => {
      const client = await newSession()
      const ticket = await client.ticket('sse', {}, { heartbeat: SHORT })
      const { feed } =
        carrier === 'SSE'
          ? await openStream('sse', ticket)
          : await client.socket({}, { heartbeat: SHORT })
      expect((await feed.field('hello')).heartbeat).toBe(SHORT)
      const started = performance.now()
      const before = feed.packets.length
      await feed.until('three beats', () => feed.packets[before + 2])
      // A client that says nothing counts as a ghost soon.
      await client.exchange()
      // Each may be late by a second. By its own interval the server sends no more than four.
      await feed.until('six beats', () => feed.packets[before + 5])
      expect(performance.now() - started).toBeLessThan(6 * 2 * SHORT + 2_000)
    },
    { with: carrier, slow: true },
  )
}

prove(
  '6.9',
  ASKED,
  async () => {
    const client = new Client()
    const { heartbeat } = (await client.exchange()).packet.hello!
    const asked = await client.exchange({ hello: 1 }, { heartbeat: 1_500 })
    expect(asked.packet.hello!.heartbeat).toBe(1_500)
    const more = await client.exchange({ hello: 1 }, { heartbeat: 3_600_000 })
    expect(more.packet.hello!.heartbeat).toBe(heartbeat)
    const started = performance.now()
    expectAck((await client.exchange({ answer: 'wait' }, { heartbeat: SHORT })).packet, 0, 0, 0)
    expect(performance.now() - started).toBeLessThan(heartbeat - 500)
    // It is asked for one carrier, not for the session.
    expect((await client.exchange({ hello: 1 })).packet.hello!.heartbeat).toBe(heartbeat)
  },
  { with: 'exchange', slow: true },
)

const GHOST =
  'A server that has heard nothing from a client for two intervals and 5 seconds drops its readers, without an end.'

prove(
  '6.9',
  GHOST,
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    const stream = await client.stream('sse')
    const { heartbeat } = client.hello!
    const started = performance.now()
    const { code } = await socket.closed
    await stream.ended
    expect(code).toBeLessThan(4_000)
    expect(performance.now() - started).toBeGreaterThan(2 * heartbeat + 4_500)
    expect(performance.now() - started).toBeLessThan(2 * heartbeat + 5_000 + LATE)
    for (const { feed } of [socket, stream]) {
      expect(feed.packets.some(({ end }) => end !== undefined)).toBe(false)
    }
    // The session is still there.
    expect((await client.exchange()).status).toBe(200)
  },
  { slow: true },
)

for (const [what, speak] of [
  ['an exchange', (client: Client) => client.exchange()],
  ['a packet on a WebSocket', undefined],
] as const) {
  prove(
    '6.9',
    'Whatever arrives from the client on any carrier counts as heard.',
    async () => {
      const client = await newSession()
      const socket = await client.socket()
      const stream = await client.stream('sse')
      const { heartbeat } = client.hello!
      const end = performance.now() + 2 * heartbeat + 5_000 + LATE
      while (performance.now() < end) {
        if (speak) await speak(client)
        else socket.send({})
        await delay(heartbeat)
      }
      socket.send({ batch: batch(1, 'still here') })
      expect(await socket.feed.untilData('still here')).toEqual(['still here'])
      expect(await stream.feed.untilData('still here')).toEqual(['still here'])
    },
    { with: what, slow: true },
  )
}

prove(
  '3.2',
  'If nothing happens for the heartbeat interval, the server answers with an acknowledgement.',
  async () => {
    const client = await newSession()
    const { heartbeat } = client.hello!
    for (const fields of [{}, { within: 100 * heartbeat }, { accepted: 7 }]) {
      const before = performance.now()
      const { status, packet } = await client.exchange({ answer: 'wait', ...fields })
      expect(status).toBe(200)
      expect(performance.now() - before).toBeGreaterThan(heartbeat * 0.9)
      expect(performance.now() - before).toBeLessThan(heartbeat + LATE)
      expectAck(packet, 0, 0, 0)
      expect([packet.batch, packet.hello]).toEqual([undefined, undefined])
    }
  },
  { slow: true },
)

prove(
  '3.2',
  'It MUST NOT hold an answer other than that of `wait` back for longer than the heartbeat interval.',
  async () => {
    const client = await newSession()
    const { heartbeat } = client.hello!
    // More than an interval of work: the answer comes before the last of it is done.
    const count = Math.ceil(heartbeat / 1_000) + 2
    const work = Array.from({ length: count }, () => 'slow')
    const { packet } = await client.exchange({ batch: batch(1, ...work) })
    expect(packet.ack![0]).toBe(count)
    expect(packet.ack![1]).toBeLessThan(count)
  },
  { slow: true },
)

prove(
  '3.3',
  'A connection whose first frame does not come within 10 seconds is refused with `timeout`.',
  async () => {
    const started = performance.now()
    await expectNoEntry(await openSocket(), 'timeout')
    expect(performance.now() - started).toBeGreaterThan(9_000)
    expect(performance.now() - started).toBeLessThan(10_000 + LATE)
  },
  { slow: true },
)

for (const [what, text] of [
  ['in the first packet', () => '{"attach":'],
  ['behind it', () => `${JSON.stringify({ attach: new Client().attach() })}\n{"batch":`],
] as const) {
  prove(
    '3.2',
    'A body that does not go on for 10 seconds is refused with `timeout`.',
    async () => {
      const socket = await connect()
      const said = drain(socket)
      const started = performance.now()
      socket.write(head('POST', { 'Content-Length': '1000' }) + text())
      expect(await said).toMatch(/^HTTP\/1\.1 408 [^]*"timeout"/)
      expect(performance.now() - started).toBeGreaterThan(9_000)
      expect(performance.now() - started).toBeLessThan(10_000 + LATE)
    },
    { with: what, slow: true },
  )
}

prove(
  '3.4',
  'A ticket is good for one `GET`, of the transport that it was asked for, within 30 seconds.',
  async () => {
    const client = await newSession()
    const ticket = await client.ticket('sse')
    const sound = await client.ticket('sse')
    const before = performance.now()
    // The session is kept alive by exchanges that wait; how long they do is the server's choice.
    while (performance.now() - before < 25_000) {
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
  '6.7',
  'What is older is dropped.',
  async () => {
    const client = await newSession()
    await client.send(1, 'volatile')
    await delay(client.hello!.heartbeat + 1_500)
    expect((await client.exchange({ answer: 'now' })).packet.volatile).toBeUndefined()
  },
  { slow: true },
)
