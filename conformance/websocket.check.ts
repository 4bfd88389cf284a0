/** Frames: the first, those behind it, binary ones, and how a connection ends. */
import { expect } from 'vitest'
import { Client, batch, newSession, openSocket, randomKey } from './client.ts'
import { expectClosed, expectEnd, prove } from './prove.ts'

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
      await expectClosed(socket, 'malformed')
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
    await expectClosed(socket, 'too-large')
    // It made no session.
    expect((await client.exchange({}, { epoch: 'any' })).packet.end?.[0]).toBe('gone')
  },
  { with: 'larger' },
)

prove(
  '3.3',
  'A server MAY refuse a connection that sends more than 16,384 bytes before its first frame is complete with `too-large`.',
  async () => {
    const socket = await openSocket()
    socket.sendRaw('x'.repeat(262_144))
    expectEnd({ end: await socket.feed.field('end') }, 'too-large')
    expect((await newSession()).epoch).toBeDefined()
  },
)

prove(
  '3.3',
  'A client MAY send more frames right behind the first, before hello; a server MUST process them in order, after the attach.',
  async () => {
    const client = new Client()
    const socket = await openSocket()
    socket.send({ attach: client.attach() })
    for (let number = 1; number <= 20; number++) socket.send({ batch: batch(number, number) })
    socket.send({ batch: [21, [[0, 0, 5]]] })
    socket.sendRaw(Buffer.from('bytes'))
    socket.send({ batch: batch(22, 'end') })
    const all = await socket.feed.untilData('end')
    expect(all.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(socket.feed.packets[0]!.hello).toBeDefined()
  },
)

prove(
  '3.3',
  'It MAY carry `ack`, `batch`, `volatile` and `bye`, but announces no binary frame.',
  async () => {
    const client = new Client()
    const socket = await client.socket({ ack: [0, ''], batch: batch(1, 'a'), volatile: [['b']] })
    const all = await socket.feed.untilData('b')
    expect(all).toEqual(['a', 'b'])
    const last = await openSocket()
    last.send({ attach: client.attach(), bye: [0] })
    await expectClosed(socket, 'closed')
    await expectClosed(last, 'closed')
  },
)

prove(
  '3.3',
  'It completes the handshake before it refuses anything, because a browser tells a page nothing about a handshake ' +
    'that failed.',
  async () => {
    const socket = await openSocket({ Origin: 'http://foreign.example' })
    socket.send({ attach: new Client().attach() })
    await expectClosed(socket, 'origin-refused')
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
    expect((await client.exchange()).packet.ack!.slice(1)).toEqual([0, 0, 0])
  },
)

prove('3.3', 'A frame beyond the limit of a body (5) is closed with 1009.', async () => {
  const socket = await new Client().socket()
  const { maxMessage } = await socket.feed.field('hello')
  socket.sendRaw(' '.repeat(6 * maxMessage + 240_001))
  expect((await socket.closed).code).toBe(1009)
})

prove(
  '3.3',
  '`attach`, `answer`, `accepted`, `within` and `stream` mean nothing in later packets; they are checked and ignored.',
  async () => {
    const client = new Client()
    const socket = await client.socket()
    const stranger = new Client().attach()
    const ignored = { answer: 'now', accepted: 7, stream: 'sse' }
    socket.send({ attach: stranger, ...ignored, batch: batch(1, 'mine') })
    expect(await socket.feed.untilData('mine')).toEqual(['mine'])
    expect(socket.feed.packets.some(({ ticket }) => ticket !== undefined)).toBe(false)
    socket.send({ answer: 'never' })
    await expectClosed(socket, 'malformed')
  },
)

prove(
  '4.6',
  'On a WebSocket and on a stream it has two parts, which the server MUST flush one after the other: a packet with ' +
    '`hello` and `ack`, then a packet with `ready`.',
  async () => {
    const socket = await new Client().socket()
    const [hello, ready] = socket.feed.packets
    expect(Object.keys(hello!).toSorted()).toEqual(['ack', 'hello'])
    expect(hello!.hello!.version).toBe(1)
    expect(ready!.ready).toBe(1)
  },
  { with: 'WebSocket' },
)

prove('4.6', 'Hello is the first thing on every carrier, and MUST be sent at once.', async () => {
  const client = await newSession()
  await client.send(1, 'a', 'slow', 'b')
  // The log has messages already, and a handler is at work.
  const socket = await client.socket()
  expect(socket.feed.packets[0]!.hello).toBeDefined()
  expect(socket.feed.packets[0]!.ack![2]).toBeLessThan(3)
  expect(await socket.feed.untilData('b')).toEqual(['a', 'slow', 'b'])
})

prove('4.5', 'The packet is processed when it has arrived.', async () => {
  const socket = await new Client().socket()
  const bytes = Buffer.from([0, 255, 10, 13, 128, 0])
  socket.send({ batch: [1, [['before'], [0, 0, 5]]] })
  socket.sendRaw(bytes)
  socket.send({ batch: batch(3, 'after') })
  await socket.feed.untilData('after')
  const [, [, data, , kind = 0]] = socket.feed.entries as [
    unknown,
    [number, unknown, unknown, number],
  ]
  expect(kind & 1).toBe(1)
  expect(kind & 4 ? socket.frames[0] : Buffer.from(String(data), 'base64')).toEqual(bytes)
})

prove(
  '4.5',
  'Only the last entry of a packet may announce a frame: of `volatile` if the packet has one, else of `batch`.',
  async () => {
    const socket = await new Client().socket()
    socket.send({ batch: batch(1, 'a'), volatile: [['b'], [0, 0, 5]] })
    socket.sendRaw(Buffer.from('c'))
    socket.send({ batch: batch(2, 'd') })
    await socket.feed.untilData('d')
    expect(socket.feed.entries.map(([, data]) => data).slice(0, 2)).toEqual(['a', 'b'])
    const [, , third] = socket.feed.entries
    expect(third![3]! & 4 ? String(socket.frames[0]) : atob(String(third![1]))).toBe('c')
  },
)

for (const [what, frames] of [
  ['a binary frame that no packet announced', [Buffer.from('x')]],
  ['a text frame instead', ['{"batch":[1,[[0,0,5]]]}', '{"ack":[0,""]}']],
  ['two binary frames', ['{"batch":[1,[[0,0,5]]]}', Buffer.from('x'), Buffer.from('y')]],
] as const) {
  prove(
    '4.5',
    'A binary frame that no packet announced, or another text frame where a binary one was announced, is refused with ' +
      '`malformed`.',
    async () => {
      const socket = await new Client().socket()
      for (const frame of frames) socket.sendRaw(frame)
      await expectClosed(socket, 'malformed')
    },
    { with: what },
  )
}

const NO_FRAME_HERE =
  'An entry that announces a frame is refused with `malformed` where no frame can follow: in an exchange, in the ' +
  'first frame of a WebSocket, and before the end of a list.'

prove(
  '4.5',
  NO_FRAME_HERE,
  async () => {
    const client = await newSession()
    for (const fields of [{ batch: [1, [[0, 0, 5]]] }, { volatile: [[0, 0, 5]] }]) {
      const { status, packet } = await client.exchange(fields)
      expect([status, packet.end?.[0]]).toEqual([400, 'malformed'])
    }
    expect((await client.exchange()).packet.ack!.slice(1)).toEqual([0, 0, 0])
  },
  { with: 'exchange' },
)

for (const [what, attach, fields] of [
  ['first frame', true, { batch: [1, [[0, 0, 5]]] }],
  ['first frame, volatile', true, { volatile: [[0, 0, 5]] }],
  ['before the end', false, { batch: [1, [[0, 0, 5], ['x']]] }],
  ['in both lists', false, { batch: [1, [[0, 0, 5]]], volatile: [['x']] }],
  ['without binary', false, { batch: [1, [['x', 0, 4]]] }],
] as const) {
  prove(
    '4.5',
    NO_FRAME_HERE,
    async () => {
      const client = new Client()
      const socket = attach ? await openSocket() : await client.socket()
      socket.send(attach ? { attach: client.attach(), ...fields } : fields)
      await expectClosed(socket, 'malformed')
    },
    { with: what },
  )
}

prove(
  '5',
  'A message larger than `maxMessage` is refused with `too-large`.',
  async () => {
    const client = new Client()
    const socket = await client.socket()
    const { maxMessage } = await socket.feed.field('hello')
    socket.send({ batch: [1, [[0, 0, 5]]] })
    socket.sendRaw(Buffer.alloc(maxMessage + 1))
    await expectClosed(socket, 'too-large')
    const largest = await client.socket()
    largest.send({ batch: [1, [[0, 0, 5]]] })
    largest.sendRaw(Buffer.alloc(maxMessage))
    await largest.feed.accepted(1)
  },
  { with: 'binary frame' },
)
