/** WebSockets: the first frame, those behind it, and how a connection ends. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openSocket } from './carriers.ts'
import { Client, batch, newSession, randomKey, terms } from './client.ts'
import { atOnce, expectAck, expectClosed, expectNoEntry, expectRefused } from './expect.ts'

const BAD_FIRST =
  'A first frame that is anything else is refused with `malformed`, or `too-large` if it is larger.'

const key = randomKey()
for (const [what, frame] of [
  ['not JSON', 'hello'],
  ['empty', ''],
  ['not an object', '[]'],
  ['without attach', '{"batch":[1,[["x"]]]}'],
  ['binary', Buffer.from(JSON.stringify({ attach: { version: 1, key, t: 1, want: 1 } }))],
] as const) {
  prove(
    '3.3',
    BAD_FIRST,
    async () => {
      const socket = await openSocket()
      socket.sendRaw(frame)
      await expectNoEntry(socket, 'malformed')
    },
    { with: what },
  )
}

prove(
  '3.3',
  BAD_FIRST,
  async () => {
    const client = new Client()
    const socket = await openSocket()
    socket.send({ attach: client.attach(), batch: batch(1, 'x'.repeat(16_384)) })
    await expectNoEntry(socket, 'too-large')
    // The attach made no session.
    expectRefused(await client.exchange({}, { epoch: 'any' }), 'gone')
  },
  { with: 'larger' },
)

prove(
  '3.3',
  'The first frame is a text frame: the attach packet, of at most 16,384 bytes.',
  async () => {
    const client = new Client()
    const packet = JSON.stringify({ attach: client.attach(), batch: batch(1, 'x') })
    const socket = await openSocket()
    socket.sendRaw(packet.replace(/}$/, `${' '.repeat(16_384 - packet.length)}}`))
    expect(await socket.feed.untilData('x')).toEqual(['x'])
  },
)

prove(
  '3.3',
  'A server MAY refuse a connection that sends more than 16,384 bytes before its first frame is complete with `too-large`.',
  async () => {
    const socket = await openSocket()
    socket.sendRaw('x'.repeat(262_144))
    // It is beyond the limit of a packet as well, which has a close code of its own.
    const { code } = await socket.closed
    if (code !== 1_009) await expectNoEntry(socket, 'too-large')
    expect((await newSession()).epoch).toBeDefined()
  },
)

prove(
  '3.3',
  'A client MAY send more frames right behind the first, before hello; a server MUST process them in order, after the attach.',
  async () => {
    const client = new Client()
    const socket = await client.attaching()
    for (let number = 1; number <= 20; number++) socket.send({ batch: batch(number, number) })
    socket.send({ batch: [21, [[0, 0, 5]]] })
    socket.sendRaw(Buffer.from('bytes'))
    socket.send({ batch: batch(22, 'end') })
    const all = await socket.feed.untilData('end')
    expect(all.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(all[20]).toEqual(Buffer.from('bytes'))
    expect(socket.feed.packets[0]!.hello).toBeDefined()
  },
)

prove('3.3', 'It MAY carry messages, but announces no binary frame.', async () => {
  const client = new Client()
  const socket = await client.socket({ ack: [0, ''], batch: batch(1, 'a'), volatile: [['b']] })
  expect(await socket.feed.untilData('b')).toEqual(['a', 'b'])
  const last = await client.attaching({ batch: batch(2, 'c'), bye: [0] })
  await expectClosed(socket, 'closed')
  await expectClosed(last, 'closed')
  expect(socket.feed.messages.map(({ data }) => data)).toEqual(['a', 'b', 'c'])
})

prove(
  '3.3',
  'It completes the handshake before it refuses anything, because a browser tells a page nothing about a handshake ' +
    'that failed.',
  async () => {
    const socket = await openSocket({ Origin: 'http://foreign.example' })
    socket.send({ attach: new Client().attach() })
    await expectNoEntry(socket, 'origin-refused')
  },
)

prove(
  '3.3',
  'The server refuses and ends by a packet with `end`, then closes with 4000 plus the HTTP status of the end (8); the ' +
    'type is the reason of the close frame.',
  async () => {
    const socket = await (await newSession()).socket()
    socket.send({ batch: batch(1, 'close me') })
    expect(await socket.closed).toEqual({ code: 4_410, reason: 'closed' })
    expect(socket.feed.packets.at(-1)!.end).toEqual(['closed', 'as you wish', 'final', 4_321])
  },
)

prove(
  '3.3',
  'A text frame that is not UTF-8 is refused with `malformed`, or closed with 1007 (RFC 6455, 7.4.1).',
  async () => {
    const first = await openSocket()
    first.sendRaw(Buffer.from([0x22, 0xc3, 0x28, 0x22]), false)
    expect([4400, 1007]).toContain((await first.closed).code)
    const client = new Client()
    const later = await client.socket()
    const text = `{"batch":[1,[["?"]]]}`.split('?')
    later.sendRaw(
      Buffer.concat([Buffer.from(text[0]!), Buffer.from([0xff]), Buffer.from(text[1]!)]),
      false,
    )
    expect([4400, 1007]).toContain((await later.closed).code)
    expectAck((await client.exchange()).packet, 0, 0, 0)
  },
)

prove('3.3', 'A frame beyond the limit of a packet (5) is closed with 1009.', async () => {
  const client = await newSession()
  const largest = client.hello!.maxBatch + 20_000
  const packet = JSON.stringify({ batch: batch(1, 'x') })
  const fits = await client.socket()
  fits.sendRaw(packet.replace(/}$/, `${' '.repeat(largest - packet.length)}}`))
  expect(await fits.feed.untilData('x')).toEqual(['x'])
  for (const size of [largest + 1, 20 * largest]) {
    const socket = await client.socket()
    socket.sendRaw(' '.repeat(size))
    expect((await socket.closed).code).toBe(1009)
  }
})

prove(
  '3.3',
  '`attach`, `answer`, `accepted`, `within`, `hello` and `stream` mean nothing in later packets; they are checked and ' +
    'ignored.',
  async () => {
    const client = new Client()
    const socket = await client.socket()
    const stranger = new Client()
    const ignored = { answer: 'now', accepted: 7, within: 1, hello: 1, stream: 'sse' }
    socket.send({ attach: stranger.attach(), ...ignored, batch: batch(1, 'mine') })
    expect(await socket.feed.untilData('mine')).toEqual(['mine'])
    await socket.feed.accepted(1)
    expect(socket.feed.packets.filter(({ ticket, hello }) => ticket ?? hello)).toHaveLength(1)
    expectRefused(await stranger.exchange({}, { epoch: 'any' }), 'gone')
    for (const wrong of [{ answer: 'never' }, { within: 0 }, { hello: 2 }, { attach: 7 }]) {
      const other = await client.socket()
      other.send(wrong)
      await expectClosed(other, 'malformed')
    }
  },
)

const HELLO =
  'On a WebSocket and on a stream, hello is the first thing, and MUST be sent at once. It has two parts, which the ' +
  'server MUST flush one after the other: a packet with `hello` and `ack`, then a packet with `ready`.'

prove(
  '4.7',
  HELLO,
  async () => {
    const socket = await new Client().socket()
    const [hello, ready] = socket.feed.packets
    expect(Object.keys(hello!).toSorted()).toEqual(['ack', 'hello'])
    expect(hello!.hello!.version).toBe(1)
    expect(ready!.ready).toBe(1)
    expect(ready!.hello).toBeUndefined()
  },
  { with: 'WebSocket' },
)

prove(
  '4.7',
  HELLO,
  async () => {
    const client = await newSession()
    // The log has messages already, a handler is at work, and the first frame brings more.
    const answer = await client.exchange({ batch: batch(1, 'a', 'slow', 'b') })
    expectAck(answer.packet, 3, answer.packet.ack![1], answer.packet.ack![2])
    const socket = await client.attaching({ batch: batch(4, 'slow', 'c') })
    await atOnce(socket.feed.field('ready'))
    expect(socket.feed.packets[0]!.hello).toBeDefined()
    expect(socket.feed.packets[0]!.ack![1]).toBeLessThan(3)
    expect(await socket.feed.untilData('c')).toEqual(['a', 'slow', 'b', 'slow', 'c'])
  },
  { with: 'at once' },
)

prove('6.4', 'What arrives on a WebSocket whose reader has ended is ignored.', async () => {
  const client = await newSession()
  const socket = await client.socket()
  await client.exchange({}, { want: client.t + 1 })
  // It is on its way while the server ends the carrier.
  socket.send({ batch: batch(1, 'late'), volatile: [['late']], bye: [0] })
  await expectClosed(socket, 'superseded')
  expectAck((await client.exchange()).packet, 0, 0, 0)
})

prove(
  '4.3',
  '| `hello.maxBatch` | number from 60,000 | Bytes of the largest batch (5). |',
  async () => {
    expect((await terms()).maxBatch).toBeGreaterThanOrEqual(60_000)
  },
)
