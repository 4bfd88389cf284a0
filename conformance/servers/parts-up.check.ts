/** Large messages up: parts that are put together, wherever they are cut and whatever brings them. */
import { randomInt } from 'node:crypto'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { newSession, type Client } from './client.ts'
import { atOnce, expectAck } from './expect.ts'
import { LARGE, PIECE, bodyOf, cutAt, inPieces, legible, partOf, sendParts } from './parts.ts'
import type { Entry } from './wire.ts'

const TOGETHER = 'A receiver puts parts together that follow each other.'
const ONCE =
  'The message is received when its last part is: only then it is handled, or taken, as one message, and once.'
const LIKES = 'A sender cuts as it likes, smaller messages too, and MAY cut anew on each carrier.'

/** What comes back of messages that are large themselves, over a WebSocket. */
async function echoes(client: Client, count: number): Promise<unknown[]> {
  const { feed } = await client.socket()
  await feed.until(`${count} messages`, () => feed.messages.length >= count || undefined)
  return feed.messages.map(({ data }) => legible(data))
}

for (const [what, data] of Object.entries(LARGE)) {
  prove(
    '4.6',
    TOGETHER,
    async () => {
      const client = await newSession()
      const answer = await sendParts(client, 1, inPieces(data))
      expect(answer.packet.ack![0]).toBe(1)
      await client.send(2, 'after')
      expect(await echoes(client, 2)).toEqual([legible(data), 'after'])
    },
    { with: `${what}, exchange` },
  )

  prove(
    '4.6',
    TOGETHER,
    async () => {
      const client = await newSession()
      const socket = await client.socket()
      for (const part of inPieces(data)) {
        if (!Buffer.isBuffer(data)) {
          socket.send({ batch: [1, [part]] })
          continue
        }
        const [base64, peer, kind, offset, size] = part
        socket.send({ batch: [1, [[0, peer, kind! | 4, offset, size]]] })
        socket.sendRaw(Buffer.from(String(base64), 'base64'))
      }
      socket.send({ batch: [2, [['after']]] })
      await socket.feed.untilData('after')
      expect(legible(socket.feed.messages[0]!.data)).toEqual(legible(data))
      expect(socket.feed.messages.length).toBe(2)
    },
    { with: `${what}, WebSocket` },
  )

  prove(
    '4.6',
    LIKES,
    async () => {
      const client = await newSession()
      const { length } = bodyOf(data)
      // The smallest parts that are allowed, large ones, a last one of a single unit; between the units of pairs and in
      // the middle of escapes.
      const cuts = [128, 256, 385, 600, 601 + 128]
      for (let at = 800; at < length - PIECE; at += randomInt(128, PIECE)) cuts.push(at + 128)
      const last = cuts.at(-1)!
      for (let at = last + PIECE; at < length - 129; at += PIECE) cuts.push(at)
      cuts.push(length - 1)
      const answer = await sendParts(client, 1, cutAt(data, [...new Set(cuts)]))
      expect([cuts, answer.packet.ack?.[0]]).toEqual([cuts, 1])
      expect(await echoes(client, 1)).toEqual([legible(data)])
    },
    { with: `${what}, cut anywhere` },
  )
}

const KNOWN =
  'A part that begins at or below what the receiver has of its message is taken from there on; one that begins above is ' +
  'missing something, as a batch that begins too high (6.2, 6.3).'
const SAYS =
  'Up, the server keeps parts with the session until the message is accepted, and says in the fourth element of `ack` how ' +
  'much it has of the message after the last received one.'

const text = 'abcdefghij'.repeat(200)
const { length } = JSON.stringify(text)

for (const carrier of ['exchange', 'WebSocket'] as const) {
  prove(
    '4.6',
    SAYS,
    async () => {
      const client = await newSession()
      const socket = carrier === 'WebSocket' ? await client.socket() : undefined
      /** How much the server says that it has after a part. */
      const after = async (entry: Entry): Promise<readonly number[]> => {
        if (!socket) {
          const { packet } = await client.exchange({ batch: [1, [entry]] })
          return [packet.ack![0], packet.ack![3] ?? 0]
        }
        const before = socket.feed.packets.length
        socket.send({ batch: [1, [entry]] })
        const { feed } = socket
        const find = () => feed.packets.slice(before).find(({ ack }) => ack)?.ack
        const ack = await atOnce(feed.until('an acknowledgement', find))
        return [ack[0], ack[3] ?? 0]
      }
      expect(await after(partOf(text, 0, 500))).toEqual([0, 500])
      expect(await after(partOf(text, 500, 700))).toEqual([0, 700])
      // Known already, in part or as a whole.
      expect(await after(partOf(text, 0, 600))).toEqual([0, 700])
      expect(await after(partOf(text, 100, 700))).toEqual([0, 700])
      expect(await after(partOf(text, 650, 900))).toEqual([0, 900])
      expect(await after(partOf(text, 0, 1_000))).toEqual([0, 1_000])
      const [whole, left] = await after(partOf(text, 1_000, length))
      expect([whole, left]).toEqual([1, 0])
      await client.settled(1)
      expect(await client.readData()).toEqual([text])
    },
    { with: carrier },
  )
}

prove(
  '4.6',
  SAYS,
  async () => {
    const client = await newSession()
    await client.exchange({ batch: [1, [partOf(text, 0, 500)]] })
    // Every acknowledgement says so, on every carrier.
    expect((await client.exchange()).packet.ack![3]).toBe(500)
    expect((await client.exchange({ answer: 'now' })).packet.ack![3]).toBe(500)
    const socket = await client.socket()
    expect((await socket.feed.field('ack'))[3]).toBe(500)
    const stream = await client.stream('sse')
    expect((await stream.feed.field('ack'))[3]).toBe(500)
  },
  { with: 'every acknowledgement' },
)

prove('4.6', KNOWN, async () => {
  const client = await newSession()
  const gap = async (entry: Entry, first = 1): Promise<readonly unknown[]> => {
    const { packet } = await client.exchange({ batch: [first, [entry]] })
    return [packet.gap, packet.ack![0], packet.ack![3] ?? 0]
  }
  expect(await gap(partOf(text, 128, 300))).toEqual([1, 0, 0])
  expect(await gap(partOf(text, 0, 300))).toEqual([undefined, 0, 300])
  expect(await gap(partOf(text, 301, 600))).toEqual([1, 0, 300])
  expect(await gap(partOf(text, length - 1, length))).toEqual([1, 0, 300])
  expect(await gap(partOf(text, 0, 300), 2)).toEqual([1, 0, 300])
  const socket = await client.socket()
  socket.send({ batch: [1, [partOf(text, 301, 600)]] })
  await atOnce(socket.feed.field('gap'))
  const { ack } = socket.feed.packets.find((packet) => packet.gap)!
  expect([ack![0], ack![3]]).toEqual([0, 300])
  // The carrier goes on.
  socket.send({ batch: [1, [partOf(text, 300, length)]] })
  expect(await socket.feed.untilData(text)).toEqual([text])
})

prove('4.6', ONCE, async () => {
  const client = await newSession()
  const first = await client.socket()
  first.send({ batch: [1, [['before'], partOf(text, 0, 500)]] })
  await first.feed.accepted(1)
  await first.cut()
  const stream = await client.stream('sse')
  const { packet } = await client.exchange({ batch: [2, [partOf(text, 500, 900)]] })
  expectAck(packet, 1, 1, 1)
  const second = await client.socket({ batch: [2, [partOf(text, 400, 1_500)]] })
  second.send({ batch: [2, [partOf(text, 1_500, length)]] })
  second.send({ batch: [2, [partOf(text, 1_500, length)]] })
  await client.lines([{ attach: client.attach() }, { batch: [1, [['x'], partOf(text, 0, 800)]] }])
  second.send({ batch: [3, [['after']]] })
  expect(await second.feed.untilData('after')).toEqual(['before', text, 'after'])
  expect(await stream.feed.untilData('after')).toEqual(['before', text, 'after'])
  expectAck((await client.settled(3)).packet, 3, 3, 3)
})

prove(
  '4.6',
  LIKES,
  async () => {
    const client = await newSession()
    await client.exchange({ batch: [1, [partOf(text, 0, 500)]] })
    // With another batch limit it may fit as a whole.
    await client.send(1, text, 'after')
    expect(await client.readData()).toEqual([text, 'after'])
    const ack = (await client.exchange()).packet.ack!
    expect([ack[0], ack[3] ?? 0]).toEqual([2, 0])
  },
  { with: 'or not at all' },
)

prove(
  '4.6',
  'A message that does not fit a batch (5) travels in parts, so that progress through it survives every change of ' +
    'carrier, and heartbeats and other messages pass between them.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    socket.send({ batch: [1, [partOf(text, 0, 500)]], volatile: [['between']] })
    expect(await socket.feed.untilData('between')).toEqual(['between'])
    socket.send({ batch: [1, [partOf(text, 500, length)]], volatile: [['behind']] })
    expect(await socket.feed.untilData('behind')).toEqual(['between', text, 'behind'])
  },
)

prove(
  '4.6',
  'A part that does not reach the end of its message has at least 128 bytes or units, and is the last entry of its batch.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    const [first, second] = cutAt(text, [700])
    socket.send({ batch: [1, [['before'], first]] })
    // One that does may be followed by others.
    socket.send({ batch: [2, [second, ['between'], first]] })
    socket.send({ batch: [4, [second]], volatile: [['behind']] })
    expect(await socket.feed.untilData('behind')).toEqual([
      'before',
      text,
      'between',
      text,
      'behind',
    ])
    expectAck((await client.settled(4)).packet, 4, 4, 5)
  },
  { with: 'whole messages around it' },
)

prove('4.6', '`peer`, and 2 of the kind, count in the part with offset 0.', async () => {
  const client = await newSession('user:alice')
  const [first, second] = cutAt(text, [1_000], ['foe'])
  const others: Entry = [second![0], ['friend'], 8, 1_000, length]
  await client.exchange({ batch: [1, [first]] })
  await client.exchange({ batch: [1, [others]] })
  await client.sendEntries(2, ['after'])
  expect(await client.read()).toMatchObject([
    { data: text, peer: ['foe'], kind: 2 },
    { data: 'after', peer: 0 },
  ])
})
