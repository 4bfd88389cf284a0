/** The log up: what is taken, what is known already, what is missing. */
import { expect } from 'vitest'
import { Client, batch, newSession } from './client.ts'
import { expectClosed, expectRefused, prove } from './prove.ts'

const TAKEN =
  'A batch that begins at N + 1 or below is taken; numbers up to N in it are not handled again, whatever they contain.'

prove(
  '6.2',
  TAKEN,
  async () => {
    const client = await newSession()
    await client.send(1, 'a', 'b')
    const again = await client.send(1, 'A', 'B')
    expect(again.packet.ack!.slice(1)).toEqual([2, 2, 2])
    const overlap = await client.send(2, 'B', 'c', 'd')
    expect(overlap.packet.ack!.slice(1)).toEqual([4, 4, 4])
    const { packet } = await client.exchange({ answer: 'now' })
    expect(packet.batch).toEqual([1, [['a'], ['b'], ['c'], ['d']]])
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
    socket.send({ batch: batch(2, 'B', 'c') })
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

const GAP = 'A batch that begins above N + 1 is refused with `gap`, and nothing of it is handled.'

prove(
  '6.2',
  GAP,
  async () => {
    const client = await newSession()
    expectRefused(await client.send(2, 'b'), 'gap')
    await client.send(1, 'a')
    expectRefused(await client.send(3, 'c'), 'gap')
    expectRefused(await client.send(Number.MAX_SAFE_INTEGER - 1, 'z'), 'gap')
    const { packet } = await client.exchange({ answer: 'now' })
    expect(packet.batch).toEqual([1, [['a']]])
    expect(packet.ack!.slice(1)).toEqual([1, 1, 1])
  },
  { with: 'POST' },
)

prove(
  '6.2',
  GAP,
  async () => {
    const client = new Client()
    const socket = await client.socket()
    socket.send({ batch: batch(1, 'a') })
    await socket.feed.accepted(1)
    socket.send({ batch: batch(3, 'c') })
    await expectClosed(socket, 'gap')
    const again = await client.socket()
    again.send({ batch: batch(2, 'b') })
    expect(await again.feed.untilData('b')).toEqual(['a', 'b'])
  },
  { with: 'WebSocket' },
)

prove(
  '6.2',
  'While handlers of earlier messages run, a server MAY instead answer without a word about it: what it acknowledges ' +
    'shows that the batch was not taken.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    await client.send(1, 'slow')
    const { status, packet } = await client.send(3, 'c')
    expect([200, 409]).toContain(status)
    if (status === 200) expect(packet.ack![1]).toBe(1)
    await client.send(2, 'b')
    expect(await socket.feed.untilData('b')).toEqual(['slow', 'b'])
  },
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
    await client.send(5, 'd')
    expect(await socket.feed.untilData('d')).toEqual(['a', 'slow', 'b', 'c', 'd'])
  },
)

prove('6.2', 'What arrives again while its handler runs waits for it.', async () => {
  const client = await newSession()
  const socket = await client.socket()
  socket.send({ batch: batch(1, 'slow') })
  await socket.feed.until('received', () => socket.feed.packets.find(({ ack }) => ack?.[1] === 1))
  const again = await client.socket()
  again.send({ batch: batch(1, 'slow', 'after') })
  const { packet } = await client.send(1, 'slow')
  expect(packet.ack!.slice(2)).toEqual([0, 0])
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
      const [, received, accepted] = await feed.until(
        'news',
        () => feed.packets.find(({ ack }) => ack && ack[1] > 0)?.ack,
      )
      expect([received, accepted]).toEqual([1, 0])
      expect((await feed.accepted(1))[1]).toBe(1)
    },
    { with: first ? 'the first frame' : 'later' },
  )
}

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
    expect((await socket.feed.accepted(1)).slice(1)).toEqual([1, 1, 0])
    expect((await stream.feed.accepted(1)).slice(1)).toEqual([1, 1, 0])
    expect((await waiting).packet.ack!.slice(1)).toEqual([1, 1, 0])
  },
)

prove('6.2', 'If a handler fails, the session ends: `gone`, `handler-failed`.', async () => {
  const client = await newSession()
  const socket = await client.socket()
  const other = await newSession()
  const answer = await client.send(1, 'a', 'fail', 'b')
  expectRefused(answer, 'gone')
  expect(answer.packet.end![1]).toBe('handler-failed')
  await expectClosed(socket, 'gone')
  // What was sent before it still came, and nothing after it.
  expect(socket.feed.entries.map(([, data]) => data)).toEqual(['a'])
  expect((await other.send(1, 'x')).packet.ack!.slice(1)).toEqual([1, 1, 1])
})

prove(
  '4.3',
  'Every `ack` carries the head of the log down: a client that knows of a head which its stream does not deliver in ' +
    'time knows that the stream is stalled.',
  async () => {
    const client = await newSession()
    expect((await client.send(1, 'a', 'b')).packet.ack![3]).toBe(2)
    const socket = await client.socket({ ack: [2, ''] })
    expect(socket.feed.packets[0]!.ack![3]).toBe(2)
    expect((await client.exchange()).packet.ack![3]).toBe(2)
  },
)
