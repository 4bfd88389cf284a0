/** Large messages down: in parts, which go on where the client has them. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import type { Socket, Stream } from './carriers.ts'
import { newSession, type Client } from './client.ts'
import { atOnce, expectAck } from './expect.ts'
import { Feed } from './feed.ts'
import { LARGE, bodyOf, inPieces, legible, maxBatch, sendParts } from './parts.ts'
import type { Ack, Down } from './wire.ts'

/** A session whose log down has `before`, a large message, and `after`. The position before the large one is known. */
async function withLarge(data: unknown): Promise<Client> {
  const client = await newSession('user:friendly')
  await client.send(1, 'before')
  await client.read()
  await sendParts(client, 2, inPieces(data))
  await client.send(3, 'after')
  return client
}

const dataOf = ({ messages }: Feed): unknown[] => messages.map(({ data }) => legible(data))

const REST =
  'The client says in the third element of `ack` how much it has of the message after its position, and the server ' +
  'sends the rest.'

/** Opens a carrier, reads until a condition holds, and cuts it. */
type Carrier = (client: Client, fields: object, begun?: Feed) => Promise<Socket | Stream>

const CARRIERS: Readonly<Record<string, Carrier>> = {
  WebSocket: (client, fields, begun) => client.socket({ ...fields }, {}, begun),
  SSE: (client, fields, begun) => client.stream('sse', { ...fields }, begun),
}

for (const [what, data] of Object.entries(LARGE)) {
  prove(
    '4.6',
    'A message that does not fit a batch (5) travels in parts, so that progress through it survives every change of ' +
      'carrier, and heartbeats and other messages pass between them.',
    async () => {
      const client = await withLarge(data)
      for (const open of Object.values(CARRIERS)) {
        const { feed } = await open(client, {})
        // Single packets are checked by the feed.
        await feed.untilData('after')
        expect(dataOf(feed)).toEqual(['before', legible(data), 'after'])
        expect(feed.parts.length).toBeGreaterThan(1)
        expect(new Set(feed.parts.map(({ number }) => number))).toEqual(new Set([2]))
      }
    },
    { with: `${what}, WebSocket and SSE` },
  )

  prove(
    '4.6',
    REST,
    async () => {
      const client = await withLarge(data)
      let feed: Feed | undefined
      let polls = 0
      const { length } = bodyOf(data)
      while (!feed?.messages.some(({ number }) => number === 2)) {
        const before: number = feed?.partialLength ?? 0
        feed = await client.poll(client.at(1, before), feed)
        polls++
        // Each goes on where the one before has ended, and brings as much as fits.
        expect(feed.parts[0]).toMatchObject({ number: 2, offset: before, size: length })
        expect(feed.parts[0]!.length).toBeGreaterThanOrEqual(Math.min(8_000, length - before))
        if (polls > 100) break
      }
      expect(dataOf(feed)[0]).toEqual(legible(data))
      expect(polls).toBeGreaterThan(1)
      // What is acknowledged is the whole, and then the next one comes.
      expect(await client.readData(client.at(2))).toEqual(['after'])
    },
    { with: `${what}, polls` },
  )

  for (const [from, first] of Object.entries(CARRIERS)) {
    for (const [to, second] of Object.entries(CARRIERS)) {
      prove(
        '4.6',
        REST,
        async () => {
          const client = await withLarge(data)
          const half = await client.poll(client.at(1))
          const { partialLength } = half
          expect(partialLength).toBeGreaterThan(0)
          const fields = { ack: client.at(1, partialLength) }
          const one = await first(client, fields, half)
          const { feed } = one
          await feed.until('a part', () => feed.parts.length > 0 || feed.messages[0] || undefined)
          expect(feed.parts[0]).toMatchObject({ number: 2, offset: partialLength })
          // The first carrier goes on to read; the second begins where the poll has ended, or the first was.
          const other = await second(client, fields, half)
          await other.feed.untilData('after')
          expect(dataOf(other.feed)).toEqual([legible(data), 'after'])
          expect(other.feed.parts[0]).toMatchObject({ number: 2, offset: partialLength })
          await feed.untilData('after')
          expect(dataOf(feed)).toEqual([legible(data), 'after'])
        },
        { with: `${what}, from a poll to ${from} and ${to}` },
      )
    }
  }
}

const text = 'abcdefghij'.repeat(Math.ceil(maxBatch / 8))
const { length } = JSON.stringify(text)

for (const have of [1, 127, 128, 5_000, length - 129, length - 1]) {
  prove(
    '4.6',
    REST,
    async () => {
      const client = await withLarge(text)
      const ack = client.at(1, have)
      const begun = Feed.having(2, bodyOf(text), have)
      for (const open of [CARRIERS.WebSocket!, CARRIERS.SSE!, undefined]) {
        const feed = open
          ? (await open(client, { ack }, begun)).feed
          : await client.poll(ack, begun)
        const { offset, size, length: got } = await feed.until('a part', () => feed.parts[0])
        // The smallest part that is allowed may be more than the rest.
        expect([offset, size]).toEqual([Math.min(offset, have), length])
        expect(offset).toBeGreaterThan(have - 128)
        expect(offset + got).toBeGreaterThan(have)
      }
    },
    { with: `${have} of ${length}` },
  )
}

prove(
  '4.6',
  REST,
  async () => {
    const client = await withLarge(text)
    // It has all of it, but its application has not taken it yet.
    const { feed } = await client.socket({ ack: client.at(1, length) })
    expect(await feed.untilData('after')).toEqual(['after'])
    expect(feed.messages[0]!.number).toBe(3)
  },
  { with: 'all of it' },
)

prove(
  '4.6',
  REST,
  async () => {
    const client = await newSession()
    const small = 'abcdefghij'.repeat(100)
    await client.send(1, small, 'after')
    for (const open of Object.values(CARRIERS)) {
      const begun = Feed.having(1, bodyOf(small), 700)
      const { feed } = await open(client, { ack: [0, '', 700] }, begun)
      const part = await feed.until('a part', () => feed.parts[0])
      expect(part).toEqual({ number: 1, offset: 700, length: 302, size: 1_002 })
      expect(await feed.untilData('after')).toEqual([small, 'after'])
    }
  },
  { with: 'of a message that would fit a batch' },
)

prove(
  '4.6',
  'A client that has lost what it had, as by a reload, leaves the third element out, and gets the message from its ' +
    'beginning.',
  async () => {
    const client = await withLarge(text)
    const first = await client.poll(client.at(1))
    await client.exchange({ ack: client.at(1, first.partialLength) })
    const again = await client.poll(client.at(1))
    expect(again.parts[0]!.offset).toBe(0)
    const { feed } = await client.socket({ ack: client.at(1) })
    expect((await feed.until('a part', () => feed.parts[0])).offset).toBe(0)
    await feed.untilData('after')
    expect(feed.messages.map(({ data }) => data)).toEqual([text, 'after'])
  },
)

prove('4.6', 'Down, the server keeps the message until its number is acknowledged.', async () => {
  const client = await withLarge(text)
  const socket = await client.socket({ ack: client.at(1) })
  await socket.feed.untilData('after')
  // Some of it is not all of it; also on a carrier that is under way.
  socket.send({ ack: client.at(1, 5_000), batch: [4, [['mark']]] })
  socket.send({ ack: client.at(1, length) })
  await socket.feed.untilData('mark')
  expect(socket.feed.messages.map(({ data }) => data)).toEqual([text, 'after', 'mark'])
  const again = await client.socket()
  expect((await again.feed.untilData('mark'))[0]).toEqual(text)
  socket.send({ ack: client.at(2), batch: [5, [['end']]] })
  await socket.feed.untilData('end')
  expect(await client.readData()).toEqual(['after', 'mark', 'end'])
})

prove('4.6', '`peer`, and 2 of the kind, count in the part with offset 0.', async () => {
  const client = await newSession('user:sender')
  const to = ['foe']
  await sendParts(client, 1, inPieces(text, 8_000, to))
  await client.sendEntries(2, ['end'])
  for (const open of Object.values(CARRIERS)) {
    const { feed } = await open(client, {})
    await feed.untilData('end')
    expect(feed.messages[0]).toMatchObject({ data: text, peer: to, kind: 2 })
  }
})

/** Bytes of the entries of a batch. */
const bytesOf = ([, entries]: NonNullable<Down['batch']>): number =>
  Buffer.byteLength(JSON.stringify(entries).slice(1, -1))

const ASKED =
  "If the attach of an exchange names a smaller `maxBatch`, neither the answer's `batch` nor one of its stream may have more " +
  'bytes: they MUST NOT.'

for (const [what, data] of Object.entries({
  ...LARGE,
  'small ones': Array(40).fill('x'.repeat(400)),
})) {
  for (const [answer, most] of [
    ['now', 1_000],
    ['wait', 5_000],
  ] as const) {
    prove(
      '5',
      ASKED,
      async () => {
        const client = await newSession()
        if (what === 'small ones') await client.send(1, ...(data as unknown[]))
        else await sendParts(client, 1, inPieces(data))
        const { packet } = await client.exchange({ answer }, { maxBatch: most })
        const bytes = bytesOf(packet.batch!)
        expect(bytes).toBeLessThanOrEqual(most)
        // Small is not next to nothing.
        expect(bytes).toBeGreaterThan(most / 3)
      },
      { with: `${what}, ${answer}, ${most}` },
    )
  }
  prove(
    '5',
    ASKED,
    async () => {
      const most = 2_000
      const client = await newSession()
      const small = what === 'small ones' ? (data as unknown[]) : []
      if (small.length > 0) await client.send(1, ...small)
      else await sendParts(client, 1, inPieces(data))
      await client.send((small.length || 1) + 1, 'end')
      const { feed } = await client.stream('sse', {}, undefined, { maxBatch: most })
      await feed.untilData('end')
      const sizes = feed.packets.flatMap(({ batch }) => (batch ? [bytesOf(batch)] : []))
      expect(Math.max(...sizes)).toBeLessThanOrEqual(most)
      // Small is not next to nothing.
      expect(Math.max(...sizes)).toBeGreaterThan(most / 3)
    },
    { with: `${what}, SSE` },
  )
}

const OUTSTANDING =
  'Then about how many bytes of messages down are still to come: on a stream or WebSocket after this packet, in the ' +
  'answer to an exchange after the position that it named and what the answer brings.'

prove('4.3', OUTSTANDING, async () => {
  const client = await withLarge(text)
  const about = (ack: Ack | undefined): number => ack?.[4] ?? 0
  for (const open of Object.values(CARRIERS)) {
    const { feed } = await open(client, { ack: client.at(1) })
    const outstanding = about(await atOnce(feed.field('ack')))
    expect(outstanding).toBeGreaterThan(0.5 * length)
    expect(outstanding).toBeLessThan(2 * length + 10_000)
  }
  const first = await client.exchange({ answer: 'now', ack: client.at(1) })
  expectAck(first.packet, 3, 3, 3)
  const brought = (await client.poll(client.at(1))).parts[0]!.length
  expect(about(first.packet.ack)).toBeGreaterThan(0.5 * (length - brought))
  expect(about(first.packet.ack)).toBeLessThan(2 * (length - brought) + 10_000)
  expect(about((await client.exchange({ ack: client.at(1) })).packet.ack)).toBeGreaterThan(
    0.5 * length,
  )
  // With everything acknowledged, there is nothing left.
  const socket = await client.socket({ ack: client.at(1) })
  await socket.feed.untilData('after')
  expect(about((await client.exchange({ ack: client.at(3) })).packet.ack)).toBe(0)
  expect(about((await client.exchange()).packet.ack)).toBe(0)
})
