/** The log up: what is taken, what is known already, what is missing. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession } from './client.ts'
import { atOnce, expectAck, expectClosed } from './expect.ts'

const TAKEN =
  'A batch that begins at N + 1 or below is taken; numbers up to N in it are not handled again, whatever they contain.'

prove(
  '6.2',
  TAKEN,
  async () => {
    const client = await newSession()
    await client.send(1, 'a', 'b')
    expectAck((await client.send(1, 'A', 'B')).packet, 2, 2, 2)
    expectAck((await client.send(2, 'B', 'c', 'd')).packet, 4, 4, 4)
    expect(await client.readData()).toEqual(['a', 'b', 'c', 'd'])
  },
  { with: 'POST' },
)

prove(
  '6.2',
  TAKEN,
  async () => {
    const socket = await new Client().socket()
    socket.send({ batch: batch(1, 'a', 'b') })
    socket.send({ batch: batch(1, 'A') })
    socket.send({ batch: batch(2, 'fail', 'c') })
    expect(await socket.feed.untilData('c')).toEqual(['a', 'b', 'c'])
  },
  { with: 'WebSocket' },
)

prove(
  '6.2',
  TAKEN,
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    const answers = await Promise.all([
      client.send(1, 'a', 'b'),
      client.send(1, 'a', 'b', 'c'),
      client.send(1, 'a'),
    ])
    for (const { status } of answers) expect(status).toBe(200)
    expect(await socket.feed.untilData('c')).toEqual(['a', 'b', 'c'])
  },
  { with: 'carriers at once' },
)

const GAP =
  'A batch that begins above N + 1, or at N + 1 with a part that begins above what the server has of that message, is ' +
  'not taken. The server answers with `ack` and `gap`, on the carrier that the batch came on.'

prove(
  '6.2',
  GAP,
  async () => {
    const client = await newSession()
    for (const [first, received] of [
      [2, 0],
      [3, 1],
      [Number.MAX_SAFE_INTEGER - 1, 1],
    ] as const) {
      if (received > 0) await client.send(1, 'a')
      const { status, packet } = await client.exchange({ batch: batch(first, 'never') })
      expect([status, packet.gap, packet.ack![0]]).toEqual([200, 1, received])
    }
    expect((await client.exchange()).packet.gap).toBeUndefined()
    expect(await client.readData()).toEqual(['a'])
    await client.send(2, 'b')
    expect(await client.readData()).toEqual(['a', 'b'])
  },
  { with: 'POST' },
)

prove(
  '6.2',
  GAP,
  async () => {
    const client = await newSession()
    const packets = [{ batch: batch(2, 'never') }, { volatile: [['all the same']] }]
    const { packet } = await client.lines([{ attach: client.attach() }, ...packets])
    expect([packet.gap, packet.ack![0]]).toEqual([1, 0])
  },
  { with: 'POST with a packet behind' },
)

prove(
  '6.2',
  GAP,
  async () => {
    const client = new Client()
    const socket = await client.socket()
    const other = await client.socket()
    socket.send({ batch: batch(1, 'a') })
    await socket.feed.accepted(1)
    socket.send({ batch: batch(3, 'never') })
    await atOnce(socket.feed.field('gap'))
    const gap = socket.feed.packets.find((packet) => packet.gap)!
    expectAck(gap, 1, 1, 1)
    // The carrier goes on.
    socket.send({ batch: batch(2, 'b') })
    expect(await socket.feed.untilData('b')).toEqual(['a', 'b'])
    expect(await other.feed.untilData('b')).toEqual(['a', 'b'])
    expect(other.feed.packets.some((packet) => packet.gap)).toBe(false)
  },
  { with: 'WebSocket' },
)

prove(
  '6.2',
  GAP,
  async () => {
    const client = new Client()
    const first = await client.socket({ batch: batch(2, 'never') })
    await first.feed.field('gap')
    const { packet } = await client.exchange({
      batch: batch(2, 'never'),
      volatile: [['volatile all the same']],
      answer: 'now',
    })
    expect(packet.gap).toBe(1)
    expect(await first.feed.untilData('volatile all the same')).toHaveLength(1)
  },
  { with: 'a first frame, and what comes with it' },
)

prove(
  '6.2',
  GAP,
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    await client.exchange({ batch: batch(1, 'slow') })
    const { packet } = await client.exchange({ batch: batch(3, 'never') })
    expect([packet.gap, packet.ack![0]]).toEqual([1, 1])
    await client.send(2, 'b')
    expect(await socket.feed.untilData('b')).toEqual(['slow', 'b'])
  },
  { with: 'while a handler runs' },
)

prove(
  '6.2',
  'Messages are handled one after the other, in the order of their numbers, each once.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    for (const [first, ...data] of [
      [1, 'a'],
      [2, 'slow', 'b'],
      [4, 'c'],
    ] as const) {
      socket.send({ batch: batch(first, ...data) })
    }
    await socket.feed.until('received', () => socket.feed.packets.find(({ ack }) => ack?.[0] === 4))
    await client.send(5, 'd')
    expect(await socket.feed.untilData('d')).toEqual(['a', 'slow', 'b', 'c', 'd'])
  },
)

prove('6.2', 'What arrives again while its handler runs waits for it.', async () => {
  const client = await newSession()
  const socket = await client.socket()
  socket.send({ batch: batch(1, 'slow') })
  await socket.feed.until('received', () => socket.feed.packets.find(({ ack }) => ack?.[0] === 1))
  const again = await client.socket()
  again.send({ batch: batch(1, 'slow', 'after') })
  const { packet } = await client.exchange({ batch: batch(1, 'slow') })
  expect(packet.ack!.slice(1, 3)).toEqual([0, 0])
  expect(await again.feed.untilData('after')).toEqual(['slow', 'after'])
  expect(await socket.feed.untilData('after')).toEqual(['slow', 'after'])
})

const RECEIVED =
  'On a WebSocket, the server MUST acknowledge every batch as received without waiting for its handlers.'

for (const first of [true, false]) {
  prove(
    '6.2',
    RECEIVED,
    async () => {
      const client = new Client()
      const fields = { batch: batch(1, 'slow') }
      const socket = await client.socket(first ? fields : {})
      const { feed } = socket
      if (!first) socket.send(fields)
      const news = await feed.until('news', () => feed.packets.find(({ ack }) => ack && ack[0] > 0))
      expectAck(news, 1, 0, 0)
      expect((await feed.accepted(1))[0]).toBe(1)
    },
    { with: first ? 'the first frame' : 'later' },
  )
}

prove(
  '6.2',
  RECEIVED,
  async () => {
    const client = await newSession()
    await client.send(1, 'a')
    const { feed } = await client.socket()
    const again = await client.socket()
    const before = again.feed.packets.length
    again.send({ batch: batch(1, 'a') })
    const packet = await atOnce(
      again.feed.until('an acknowledgement', () =>
        again.feed.packets.slice(before).find(({ ack }) => ack),
      ),
    )
    expectAck(packet, 1, 1, 1)
    expect(feed.messages.map(({ data }) => data)).toEqual(['a'])
  },
  { with: 'also what it has already' },
)

prove(
  '6.2',
  'When a handler has settled, the server MUST tell every carrier that reads the log down of the session.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    const stream = await client.stream('sse')
    const waiting = client.exchange({ answer: 'wait', accepted: 0 })
    // Nothing comes down with it: it is for somebody who is not there.
    await client.exchange({ batch: [1, [['x', ['friend of nobody']]]] })
    expect((await atOnce(socket.feed.accepted(1))).slice(0, 3)).toEqual([1, 1, 0])
    expect((await atOnce(stream.feed.accepted(1))).slice(0, 3)).toEqual([1, 1, 0])
    expectAck((await atOnce(waiting)).packet, 1, 1, 0)
  },
)

prove(
  '6.2',
  'Only what is accepted may be dropped by the client. Both numbers never go down.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    for (let number = 1; number <= 10; number++) socket.send({ batch: batch(number, number) })
    socket.send({ batch: batch(3, 3) })
    socket.send({ batch: batch(20, 'after a gap') })
    await socket.feed.accepted(10)
    await socket.feed.field('gap')
    const acks = socket.feed.packets.flatMap(({ ack }) => (ack ? [ack] : []))
    for (const [index, ack] of acks.slice(1).entries()) {
      for (const place of [0, 1, 2] as const) {
        expect(ack[place]).toBeGreaterThanOrEqual(acks[index]![place])
      }
      expect(ack[0]).toBeGreaterThanOrEqual(ack[1])
    }
  },
)

prove('6.2', 'If a handler fails, the session ends: `gone`, `handler-failed`.', async () => {
  const client = await newSession()
  const socket = await client.socket()
  const other = await newSession()
  socket.send({ batch: batch(1, 'a', 'fail', 'b') })
  await expectClosed(socket, 'gone')
  expect(socket.feed.packets.at(-1)!.end![1]).toBe('handler-failed')
  // What was sent before it still came, and nothing after it.
  expect(socket.feed.messages.map(({ data }) => data)).toEqual(['a'])
  expectAck((await other.send(1, 'x')).packet, 1, 1, 1)
})

prove(
  '4.3',
  'Every `ack` carries the head of the log down: a client that knows of a head which its stream does not deliver in ' +
    'time knows that the stream is stalled.',
  async () => {
    const client = await newSession()
    expectAck((await client.send(1, 'a', 'b')).packet, 2, 2, 2)
    await client.read()
    const socket = await client.socket({ ack: client.at(2) })
    expectAck(socket.feed.packets[0]!, 2, 2, 2)
    expectAck((await client.exchange()).packet, 2, 2, 2)
  },
)
