/** The log down: from where it is sent, what a position may be, and two carriers at once. */
import { expect } from 'vitest'
import { Client, batch, newSession } from './client.ts'
import { expectClosed, expectRefused, prove } from './prove.ts'

/** A session with five messages in its log down. */
async function five(): Promise<Client> {
  const client = await newSession()
  await client.send(1, 1, 2, 3, 4, 5)
  return client
}

for (const from of [0, 2, 4]) {
  prove(
    '6.3',
    'On every carrier it sends what is after the position in `ack` of the attach, in order.',
    async () => {
      const client = await five()
      const { feed } = await client.socket({ ack: [from, ''] })
      const rest = [1, 2, 3, 4, 5].slice(from)
      expect(await feed.untilData(5)).toEqual(rest)
      expect(feed.entries[0]![0]).toBe(from + 1)
    },
    { with: `WebSocket from ${from}` },
  )
}

prove(
  '6.3',
  'A position below the base is stale, not lost: the server sends from the base on.',
  async () => {
    const client = await five()
    await client.exchange({ ack: [3, ''] })
    const { packet, status } = await client.exchange({ ack: [1, ''], answer: 'now' })
    expect(status).toBe(200)
    expect(packet.batch).toEqual([4, [[4], [5]]])
    const { feed } = await client.socket()
    expect(await feed.untilData(5)).toEqual([4, 5])
    const stream = await client.stream('sse', { ack: [2, ''] })
    expect(await stream.feed.untilData(5)).toEqual([4, 5])
    // With everything acknowledged, the next message follows on whatever position.
    const late = await client.socket({ ack: [0, ''] })
    await client.exchange({ ack: [5, ''] })
    late.send({ batch: batch(6, 6) })
    const all = await late.feed.untilData(6)
    expect(all.at(-1)).toBe(6)
    const last = await client.socket({ ack: [1, ''] })
    expect(await last.feed.untilData(6)).toEqual([6])
  },
)

const LOST =
  'A position above the head, or with a tag that is not of this log, is answered with `lost`.'

for (const position of [
  [6, ''],
  [Number.MAX_SAFE_INTEGER, ''],
  [3, 'a foreign tag'],
]) {
  prove(
    '6.3',
    LOST,
    async () => {
      const client = await five()
      expectRefused(await client.exchange({ ack: position }), 'lost')
      const socket = await client.socket()
      socket.send({ ack: position })
      await expectClosed(socket, 'lost')
      // It acknowledged nothing.
      const { packet } = await client.exchange({ answer: 'now' })
      expect(packet.batch![0]).toBe(1)
    },
    { with: JSON.stringify(position) },
  )
}

prove(
  '6.3',
  'A position acknowledges everything up to it, and the server MUST drop it.',
  async () => {
    const client = await five()
    const socket = await client.socket({ ack: [1, ''] })
    await socket.feed.untilData(5)
    socket.send({ ack: [4, ''], batch: batch(6, 'mark') })
    await socket.feed.untilData('mark')
    const { packet } = await client.exchange({ answer: 'now' })
    expect(packet.batch).toEqual([5, [[5], ['mark']]])
  },
)

prove(
  '1',
  'Two carriers of a session may work at the same time: both get what is after their own position, and the client ' +
    'drops what it has already seen.',
  async () => {
    const client = await five()
    const first = await client.socket({ ack: [1, ''] })
    const second = await client.stream('sse', { ack: [3, ''] })
    first.send({ batch: batch(6, 6) })
    await client.send(7, 7)
    expect(await first.feed.untilData(7)).toEqual([2, 3, 4, 5, 6, 7])
    expect(await second.feed.untilData(7)).toEqual([4, 5, 6, 7])
    await first.cut()
    await client.send(8, 8)
    expect(await second.feed.untilData(8)).toEqual([4, 5, 6, 7, 8])
  },
)

prove(
  '6.3',
  'The server numbers its messages 1, 2, 3 … and keeps each until it is acknowledged.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    await socket.cut()
    await client.send(1, 'nobody reads')
    const { feed } = await client.socket()
    expect(await feed.untilData('nobody reads')).toEqual(['nobody reads'])
    const again = await client.socket()
    expect(await again.feed.untilData('nobody reads')).toEqual(['nobody reads'])
  },
)

prove(
  '5',
  'Entries of one packet SHOULD be at most 60,000 bytes of JSON in all, or one entry.',
  async () => {
    const client = await newSession()
    const texts = Array.from({ length: 12 }, (_, index) => String(index).repeat(9_000))
    await client.send(1, ...texts)
    await client.send(13, 'x'.repeat(70_000), 'end')
    for (const { feed } of [await client.socket(), await client.stream('sse')]) {
      expect((await feed.untilData('end')).length).toBe(14)
      for (const packet of feed.packets) {
        const entries = packet.batch?.[1] ?? []
        expect(entries.length < 2 || JSON.stringify(entries).length <= 60_200).toBe(true)
      }
    }
    const { packet } = await client.exchange({ answer: 'now' })
    expect(JSON.stringify(packet.batch![1]).length).toBeLessThanOrEqual(60_200)
  },
)
