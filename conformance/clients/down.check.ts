/** Duties of a client: messages down, and their acknowledgement (PROTOCOL.md 9.3). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import type { Channel } from './carriers.ts'
import { openScene, pollScene } from './scenes.ts'
import { HELLO } from './wire.ts'

prove('9.3', 'A client MUST drop messages that it has already.', async () => {
  const { server, client, channel } = await openScene()
  channel.send({ batch: [1, [['a'], ['b']]] })
  channel.send({ batch: [1, [['a'], ['b'], ['c']]] })
  channel.send({ batch: [2, [['other']]] })
  await client.untilMessages(3)
  channel.cut()
  const next = await server.channel()
  next.open([0, 0, 4])
  next.send({ batch: [1, [['a'], ['b'], ['c'], ['d']]] })
  expect(await client.untilMessages(4)).toEqual(['a', 'b', 'c', 'd'])
})

for (const [what, packet] of [
  ['a batch', { batch: [3, [['c']]] }],
  ['a part', { batch: [2, [['x'.repeat(200), 0, 8, 500, 2_000]]] }],
] as const) {
  prove(
    '9.3',
    'A client that gets a batch which begins above its last number plus one, or a part which begins above what it has, has ' +
      'lost messages, and resets.',
    async () => {
      const { server, client, channel } = await openScene()
      channel.send({ batch: [1, [['a']]] })
      await client.untilMessages(1)
      channel.send(packet)
      await client.event('reset')
      const next = await server.channel()
      expect(next.attach.key).not.toBe(channel.attach.key)
      expect(client.messages).toEqual(['a'])
    },
    { with: what },
  )
}

const ACKNOWLEDGES =
  'A client MUST acknowledge with everything it sends, and of its own accord as section 5 says.'

prove(
  '9.3',
  ACKNOWLEDGES,
  async () => {
    const { client, channel } = await openScene()
    channel.send({ batch: [1, [['a'], ['b']]], tag: 'a-tag' })
    await client.untilMessages(2)
    client.send({ data: 'up' })
    expect((await channel.packet('batch')).ack).toEqual([2, 'a-tag'])
  },
  { with: 'with what it sends' },
)

prove(
  '9.3',
  ACKNOWLEDGES,
  async () => {
    const { server, client, poll } = await pollScene()
    poll.answer({ ack: [0, 0, 2], batch: [1, [['a'], ['b']]], tag: 'a-tag', ready: 1 })
    await client.untilMessages(2)
    expect((await server.exchange()).packet.ack).toEqual([2, 'a-tag'])
  },
  { with: 'with the next poll' },
)

const BY_ITSELF =
  'Down, a client MUST acknowledge what it took at the latest when it is a quarter of `window`, or 5 seconds old.'

/** Milliseconds until a number, or a higher one, is acknowledged. */
async function timeOf(channel: Channel, number: number): Promise<number> {
  const started = performance.now()
  for (;;) {
    if ((await channel.packet('ack')).ack![0] >= number) return performance.now() - started
  }
}

prove(
  '5',
  BY_ITSELF,
  async () => {
    const { channel } = await openScene({ heartbeat: 60_000 })
    channel.send({ batch: [1, [['a']]] })
    expect(await timeOf(channel, 1)).toBeLessThan(5_000 + 1_500)
  },
  { with: 'after 5 seconds' },
)

prove(
  '5',
  BY_ITSELF,
  async () => {
    const { channel } = await openScene({ heartbeat: 60_000 })
    channel.send({ batch: [1, [['x'.repeat(HELLO.window / 4)]]] })
    expect(await timeOf(channel, 1)).toBeLessThan(3_000)
  },
  { with: 'a quarter of the window' },
)

prove(
  '5',
  BY_ITSELF,
  async () => {
    const { channel } = await openScene({ heartbeat: 60_000 })
    const quarter = 'x'.repeat(HELLO.window / 16)
    for (let number = 1; number <= 5; number++) channel.send({ batch: [number, [[quarter]]] })
    expect(await timeOf(channel, 4)).toBeLessThan(3_000)
  },
  { with: 'a quarter of the window in five messages' },
)

const TAKEN = 'The number of a message in parts is acknowledged when the whole is taken.'
const TEXT = 'abcdefghij'.repeat(400)
const JSON_TEXT = JSON.stringify(TEXT)

/** A part of the text's JSON. */
const part = (from: number, to: number): unknown[] => [
  JSON_TEXT.slice(from, to),
  0,
  8,
  from,
  JSON_TEXT.length,
]

prove('9.3', TAKEN, async () => {
  const { server, client, channel } = await openScene()
  channel.send({ batch: [1, [['before'], part(0, 1_000)]] })
  await client.untilMessages(1)
  client.send({ data: 'up' })
  const { ack } = await channel.packet('batch')
  expect(ack).toEqual([1, '', 1_000])
  channel.cut()
  const next = await server.channel()
  expect(next.first.ack).toEqual([1, '', 1_000])
  next.open([1, 1, 2])
  next.send({ batch: [2, [part(900, 2_500)]] })
  next.send({ batch: [2, [part(2_500, JSON_TEXT.length), ['after']]] })
  expect(await client.untilMessages(3)).toEqual(['before', TEXT, 'after'])
})

prove(
  '4.6',
  'A receiver puts parts together that follow each other.',
  async () => {
    const { client, channel } = await openScene()
    const bytes = Buffer.alloc(300, 'bytes')
    channel.send({ batch: [1, [[0, 0, 13, 0, 300]]] }, bytes.subarray(0, 200))
    channel.send({ batch: [1, [[0, 0, 13, 200, 300]]] }, bytes.subarray(200))
    expect(await client.untilMessages(1)).toEqual([{ bytes: bytes.toString('base64') }])
  },
  { with: 'bytes' },
)

const WRONG_PARTS = [
  ['another size', [part(0, 1_000), [JSON_TEXT.slice(1_000, 2_000), 0, 8, 1_000, 9_000]]],
  ['another kind', [part(0, 1_000), [0, 0, 13, 1_000, JSON_TEXT.length]]],
  ['an empty one', [part(0, 1_000), part(1_000, 1_000)]],
  ['one that is too short', [part(0, 1_000), part(1_000, 1_100)]],
  ['one beyond the end', [[JSON_TEXT, 0, 8, 0, JSON_TEXT.length - 10]]],
  ['a whole that is no JSON', [['x'.repeat(200), 0, 8, 0, 200]]],
] as const

for (const [what, parts] of WRONG_PARTS) {
  prove(
    '4.6',
    'A part whose `size` or kind is not that of the parts before, that is empty or too short, or that reaches beyond its ' +
      '`size`, is refused with `malformed`, as is a whole whose text is not JSON.',
    async () => {
      const { server, client, channel } = await openScene()
      for (const entry of parts) {
        channel.send({ batch: [1, [entry]] }, entry[2] === 13 ? Buffer.alloc(1_000) : undefined)
      }
      const next = await server.channel()
      expect(next.attach.key).toBe(channel.attach.key)
      expect(client.messages).toEqual([])
    },
    { with: what },
  )
}

const SAME =
  'A message comes out as it went in, on every carrier: a text as the same text, bytes as the same bytes.'

prove(
  '4.4',
  SAME,
  async () => {
    const { client, channel } = await openScene()
    channel.send({ batch: [1, [['\ud800€'], [{ __proto__: null, list: [null, 1.5] }]]] })
    channel.send({ batch: [3, [[0, 0, 5]]] }, Buffer.from([1, 2, 3]))
    channel.send({ batch: [4, [[0, 0, 5]]] }, Buffer.from([]))
    channel.send({ volatile: [['not numbered']] })
    expect(await client.untilMessages(5)).toEqual([
      '\ud800€',
      { list: [null, 1.5] },
      { bytes: 'AQID' },
      { bytes: '' },
      'not numbered',
    ])
  },
  { with: 'down a WebSocket' },
)

prove(
  '4.4',
  SAME,
  async () => {
    const { client, poll } = await pollScene()
    const entries = [[''], [null], ['AQID', 0, 1], [0], [['\u2028']]]
    poll.answer({ ack: [0, 0, 5], batch: [1, entries], volatile: [['passing']], ready: 1 })
    expect(await client.untilMessages(6)).toEqual([
      '',
      null,
      { bytes: 'AQID' },
      0,
      ['\u2028'],
      'passing',
    ])
  },
  { with: 'down exchanges' },
)

prove(
  '9.1',
  'So does a packet that is not as section 4 says: with a field of another type, a kind that is not listed, or bytes as ' +
    'base64 on a WebSocket.',
  async () => {
    const { server, client, poll } = await pollScene()
    poll.answer({ ack: [0, 0, 1], batch: [1, [[0, 0, 5]]], ready: 1 })
    const again = await server.exchange()
    expect(again.packet.ack).toEqual([0, ''])
    await delay(200)
    expect(client.messages).toEqual([])
  },
  { with: 'a frame in an answer' },
)
