/** Goodbyes: at once, and with grace for a reload. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession } from './client.ts'
import { atOnce, expectClosed, expectEnded, expectNoEntry, expectRefused } from './expect.ts'

const AT_ONCE =
  'With 0 seconds, the session ends when its messages are handled: `closed`, with the reason and the code of the ' +
  'goodbye, or `closed` and 1000.'

prove(
  '6.10',
  AT_ONCE,
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    const { status, packet } = await client.lines([
      { attach: client.attach() },
      { batch: batch(1, 'slow', 'last words'), bye: [0, 4999, 'so long'] },
    ])
    expect([status, packet]).toEqual([200, {}])
    await expectClosed(socket, 'closed')
    expect(socket.feed.packets.at(-1)!.end!.slice(1)).toEqual(['so long', 'final', 4999])
    expect(socket.feed.messages.map(({ data }) => data)).toEqual(['slow', 'last words'])
    expectRefused(await client.exchange(), 'closed')
  },
  { with: 'POST' },
)

prove(
  '6.10',
  AT_ONCE,
  async () => {
    const client = new Client()
    client.page = [0, 'former']
    await client.exchange()
    const socket = await client.socket()
    socket.send({ batch: batch(1, 'slow'), bye: [0] })
    await socket.feed.until('receipt', () => socket.feed.packets.find(({ ack }) => ack?.[0] === 1))
    // The handler works for a second; a page that comes meanwhile does not keep the session.
    const deadline = performance.now() + 5_000
    let answer = await client.exchange({}, { page: [1, 'later'] })
    while (answer.packet.end?.[0] !== 'closed' && performance.now() < deadline) {
      await delay(100)
      answer = await client.exchange({}, { page: [1, 'later'] })
    }
    expectRefused(answer, 'closed')
  },
  { with: 'a later page comes while handlers run' },
)

for (const bye of [[0], [0, null], [0, null, null]]) {
  prove(
    '6.10',
    AT_ONCE,
    async () => {
      const client = await newSession()
      const other = await client.socket()
      const socket = await client.socket()
      socket.send({ batch: batch(1, 'a'), volatile: [['b']], bye })
      for (const each of [socket, other]) {
        await expectClosed(each, 'closed')
        expect(each.feed.packets.at(-1)!.end!.slice(1)).toEqual(['closed', 'final', 1000])
        expect(each.feed.messages.map(({ data }) => data)).toEqual(['a', 'b'])
      }
    },
    { with: `WebSocket ${JSON.stringify(bye)}` },
  )
}

prove(
  '6.10',
  AT_ONCE,
  async () => {
    const client = await newSession()
    for (const [bye, end] of [
      [
        [0, 0],
        ['closed', 'closed', 'final', 0],
      ],
      [
        [0, null, 'only words'],
        ['closed', 'only words', 'final', 1000],
      ],
      [
        [0, 65_535, ''],
        ['closed', '', 'final', 65_535],
      ],
    ] as const) {
      const other = await newSession()
      const waiting = other.exchange({ answer: 'wait' })
      await other.exchange({ bye })
      expect((await waiting).packet.end).toEqual(end)
    }
    expect((await client.exchange()).status).toBe(200)
  },
  { with: 'code and reason' },
)

const GRACE =
  'With more, the session lives on for so many seconds, or its lifetime if that is less, unless a page of a higher ' +
  'generation resumes it meanwhile; its readers end with `superseded`.'

prove(
  '6.10',
  GRACE,
  async () => {
    const client = new Client()
    client.page = [0, 'a page']
    await client.exchange()
    await client.exchange({ bye: [30] })
    client.page = [1, 'reloaded']
    const socket = await client.socket({}, { t: 1 })
    socket.send({ batch: batch(1, 'b') })
    expect(await socket.feed.untilData('b')).toEqual(['b'])
  },
  { with: 'resumed' },
)

for (const carrier of ['exchange', 'WebSocket'] as const) {
  prove(
    '6.10',
    GRACE,
    async () => {
      const client = new Client()
      client.page = [0, 'a page']
      const first = await client.socket()
      const stream = await client.stream('sse')
      const parked = client.exchange({ answer: 'wait', accepted: 9 })
      // The one that waits is a reader when it is known.
      await first.feed.field('ready')
      if (carrier === 'WebSocket') first.send({ batch: batch(1, 'a'), bye: [30] })
      else expect((await client.exchange({ batch: batch(1, 'a'), bye: [30] })).packet).toEqual({})
      await atOnce(expectClosed(first, 'superseded'))
      await atOnce(stream.ended)
      expect(stream.feed.packets.at(-1)!.end?.[0]).toBe('superseded')
      // It may have been answered with the echo before.
      const answer = await atOnce(parked)
      if (!answer.packet.batch) expectEnded(answer, 'superseded')
      client.page = [1, 'reloaded']
      await client.exchange({}, { t: 1 })
      await client.settled(1)
      expect(await client.readData()).toEqual(['a'])
    },
    { with: `all readers, ${carrier}` },
  )
}

prove(
  '6.10',
  'The page that said so is gone: what else it sends is refused with `superseded`.',
  async () => {
    const client = new Client()
    client.page = [0, 'a page']
    await client.send(1, 'a')
    const fields = { batch: batch(2, 'b'), volatile: [['b']], bye: [0] }
    await client.exchange({ bye: [30] })
    expectRefused(await client.exchange(fields), 'superseded')
    expectRefused(await client.exchange({ answer: 'wait' }), 'superseded')
    await expectNoEntry(await client.attaching(fields), 'superseded')
    client.page = [1, 'reloaded']
    const { packet } = await client.exchange({ answer: 'now' }, { t: 1 })
    expect(packet.batch).toEqual([1, [['a']]])
  },
)

prove(
  '6.10',
  'The page that said so is gone: what else it sends is refused with `superseded`.',
  async () => {
    const client = await newSession()
    await client.exchange({ batch: batch(1, 'slow', 'slow'), bye: [0] })
    // The handlers are at work still.
    expectRefused(await client.exchange({ batch: batch(3, 'late') }), 'superseded')
    expectEnded(await client.settledEnd(), 'closed')
  },
  { with: 'while its messages are handled' },
)

const HOLDS = 'A goodbye holds even if the messages that ride along are refused or not taken.'

for (const [what, fields] of [
  ['not taken', { batch: batch(9, 'after a gap') }],
  ['too large', { batch: [1, [['AAAA', 0, 9, 0, 900_000_000]]] }],
  ['a position that is lost', { ack: [99, ''] }],
] as const) {
  for (const carrier of ['exchange', 'WebSocket'] as const) {
    prove(
      '6.10',
      HOLDS,
      async () => {
        const client = await newSession()
        const padded = JSON.parse(JSON.stringify(fields).replace('AAAA', 'A'.repeat(400))) as object
        if (carrier === 'exchange') {
          await client.lines([
            { attach: client.attach() },
            { ...padded, bye: [0, 4000, 'all the same'] },
          ])
        } else {
          const socket = await client.socket()
          socket.send({ ...padded, bye: [0, 4000, 'all the same'] })
          await socket.closed
        }
        const ended = await client.settledEnd()
        expectEnded(ended, 'closed')
        expect(ended.packet.end![1]).toBe('all the same')
      },
      { with: `${what}, ${carrier}` },
    )
  }
}

prove(
  '6.10',
  HOLDS,
  async () => {
    const client = await newSession()
    await client.exchange({ batch: batch(1, 'slow') })
    const { packet } = await client.exchange({ batch: batch(9, 'after a gap'), bye: [0] })
    expect(packet).toEqual({})
    expectEnded(await client.settledEnd(), 'closed')
  },
  { with: 'while a handler runs' },
)
