/** Duties of a client: messages both ways, in order and once (PROTOCOL.md 9.3). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openScene, untilNumber } from './scenes.ts'
import { HELLO, type Channel } from './server.ts'

const KEEPS =
  'A client MUST keep each message until it is accepted, and then drop it. It sends again from there on every new carrier.'

prove('9.3', KEEPS, async () => {
  const { server, client, channel } = await openScene()
  client.send({ data: 'a' }, { data: 'b' }, { data: 'c' })
  await untilNumber(channel, 3)
  // Received is not accepted.
  channel.send({ ack: [3, 1, 0] })
  channel.send({ batch: [1, [['said']]] })
  await client.untilMessages(1)
  channel.cut()
  const next = await server.channel()
  expect(next.attach.key).toBe(channel.attach.key)
  next.open([1, 1, 1])
  expect(await untilNumber(next, 3)).toEqual([
    [2, 'b'],
    [3, 'c'],
  ])
})

prove(
  '9.3',
  'A client that gets `gap` MUST go on from what the `ack` with it says, and not at once again if that did not move.',
  async () => {
    const { client, channel } = await openScene()
    client.send({ data: 'a' }, { data: 'b' })
    await untilNumber(channel, 2)
    channel.send({ ack: [0, 0, 0], gap: 1 })
    expect(await untilNumber(channel, 2)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    const before = channel.arrivals.all.length
    for (let count = 0; count < 3; count++) channel.send({ ack: [0, 0, 0], gap: 1 })
    await delay(100)
    const again = channel.arrivals.all.slice(before).filter((each) => 'batch' in each)
    expect(again.length).toBeLessThanOrEqual(1)
    expect(channel.isClosed).toBe(false)
  },
)

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
    const { channel } = await openScene({ heartbeat: 60_000 })
    channel.send({ batch: [1, [['a']]] })
    const started = performance.now()
    for (;;) if ((await channel.packet('ack')).ack![0] === 1) break
    expect(performance.now() - started).toBeLessThan(5_000 + 1_500)
  },
  { with: 'after 5 seconds' },
)

prove(
  '9.3',
  ACKNOWLEDGES,
  async () => {
    const { channel } = await openScene({ heartbeat: 60_000 })
    channel.send({ batch: [1, [['x'.repeat(HELLO.window / 4)]]] })
    const started = performance.now()
    for (;;) if ((await channel.packet('ack')).ack![0] === 1) break
    expect(performance.now() - started).toBeLessThan(3_000)
  },
  { with: 'a quarter of the window' },
)

prove(
  '9.3',
  'The number of a message in parts is acknowledged when the whole is taken.',
  async () => {
    const { server, client, channel } = await openScene()
    const text = 'abcdefghij'.repeat(400)
    const json = JSON.stringify(text)
    const part = (from: number, to: number): unknown[] => [
      json.slice(from, to),
      0,
      8,
      from,
      json.length,
    ]
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
    next.send({ batch: [2, [part(2_500, json.length), ['after']]] })
    expect(await client.untilMessages(3)).toEqual(['before', text, 'after'])
  },
)

const RESETS =
  'After a reset (6.6) a client MUST forget the session with its key, epoch, position and every `t`, and draw a new key for ' +
  'the next.'

for (const [what, lose] of [
  ['an end', (channel: Channel) => channel.end({ end: ['gone', 'unknown', 'reset'] })],
  [
    'another epoch',
    (channel: Channel) => channel.send({ hello: { ...HELLO, epoch: 'other' }, ack: [0, 0, 0] }),
  ],
] as const) {
  prove(
    '9.3',
    RESETS,
    async () => {
      const { server, client, channel } = await openScene()
      channel.send({ batch: [1, [['a']]] })
      await client.untilMessages(1)
      client.send({ data: 'in doubt' })
      await channel.packet('batch')
      lose(channel)
      expect((await client.event('reset')).inDoubt).toEqual([{ data: 'in doubt' }])
      const next = await server.channel()
      const { key, epoch, t, want } = next.attach
      expect(key).not.toBe(channel.attach.key)
      expect([epoch, t, want, next.first.ack ?? [0, '']]).toEqual([undefined, 1, 1, [0, '']])
      next.open([0, 0, 0], { epoch: 'the-next' })
      client.send({ data: 'new' })
      // A client MUST NOT send what is in doubt by itself.
      expect(await untilNumber(next, 1)).toEqual([[1, 'new']])
    },
    { with: what },
  )
}

prove(
  '9.3',
  'A client MUST NOT send a message that is larger than `maxMessage`, has recipients that section 5 does not allow, or is ' +
    'nested deeper than section 4.1 says.',
  async () => {
    const { client, channel } = await openScene({ maxMessage: 70_000 })
    client.send({ data: 'x'.repeat(70_001) })
    const deep = JSON.parse('['.repeat(1_001) + ']'.repeat(1_001)) as unknown
    client.send({ data: deep })
    client.send({ data: 'small' })
    expect(await untilNumber(channel, 1)).toEqual([[1, 'small']])
  },
)

prove(
  '4.6',
  'A message that does not fit a batch (5) travels in parts, so that progress through it survives every change of carrier, ' +
    'and heartbeats and other messages pass between them.',
  async () => {
    const { server, client, channel } = await openScene()
    const text = 'abcdefghij'.repeat(15_000)
    client.send({ data: text })
    const [data, , kind, offset, size] = (await channel.packet('batch')).batch![1][0]!
    expect([kind, offset, size]).toEqual([8, 0, text.length + 2])
    const { length } = String(data)
    expect(length).toBeGreaterThanOrEqual(128)
    channel.send({ ack: [0, 0, 0, length] })
    // Messages that the server has are not sent again.
    channel.send({ batch: [1, [['mark']]] })
    await client.untilMessages(1)
    channel.cut()
    const next = await server.channel()
    next.open([0, 0, 1, length])
    let whole = String(data)
    while (whole.length < text.length + 2) {
      const [[piece, , flags, from]] = (await next.packet('batch')).batch![1] as [
        [string, unknown, number, number],
      ]
      expect([flags, from]).toEqual([8, whole.length])
      expect(Buffer.byteLength(JSON.stringify(piece))).toBeLessThanOrEqual(HELLO.maxBatch)
      whole += piece
      // A client may wait for that, before it goes on.
      next.send({ ack: [0, 0, 1, whole.length] })
    }
    expect(JSON.parse(whole)).toBe(text)
  },
)

prove(
  '4.4',
  'A message comes out as it went in, on every carrier: a text as the same text, bytes as the same bytes.',
  async () => {
    const { client, channel } = await openScene()
    channel.send({ batch: [1, [['\ud800€'], [{ __proto__: null, list: [null, 1.5] }]]] })
    channel.send({ batch: [3, [[0, 0, 5]]] }, Buffer.from([1, 2, 3]))
    channel.send({ volatile: [['not numbered']] })
    expect(await client.untilMessages(4)).toEqual([
      '\ud800€',
      { list: [null, 1.5] },
      { bytes: 'AQID' },
      'not numbered',
    ])
  },
)
