/** Duties of a client: messages up (PROTOCOL.md 9.3). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { messagesOf, openScene, pollScene, untilNumber } from './scenes.ts'
import { HELLO } from './wire.ts'

const KEEPS =
  'A client MUST keep each message until it is accepted, and then drop it. It sends again from there on every new carrier.'

prove(
  '9.3',
  KEEPS,
  async () => {
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
  },
  { with: 'WebSocket' },
)

prove(
  '9.3',
  KEEPS,
  async () => {
    const { server, client } = await pollScene()
    client.send({ data: 'a' })
    const first = await server.upload()
    expect(messagesOf([first.packet])).toEqual([[1, 'a']])
    first.cut()
    const second = await server.upload()
    expect(messagesOf([second.packet])).toEqual([[1, 'a']])
    expect(second.attach.t).toBeGreaterThan(first.attach.t)
  },
  { with: 'an exchange that was cut' },
)

const GOES_ON =
  'A client that gets `gap` MUST go on from what the `ack` with it says, and not at once again if that did not move.'

prove('9.3', GOES_ON, async () => {
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
})

prove(
  '9.3',
  GOES_ON,
  async () => {
    const { client, channel } = await openScene()
    client.send({ data: 'a' }, { data: 'b' }, { data: 'c' })
    await untilNumber(channel, 3)
    channel.send({ ack: [1, 1, 0], gap: 1 })
    expect(await untilNumber(channel, 3)).toEqual([
      [2, 'b'],
      [3, 'c'],
    ])
  },
  { with: 'some were taken' },
)

const NOT_LARGER =
  'A client MUST NOT send a message that is larger than `maxMessage`, has recipients that section 5 does not allow, or is ' +
  'nested deeper than section 4.1 says.'

prove('9.3', NOT_LARGER, async () => {
  const { client, channel } = await openScene({ maxMessage: 70_000 })
  client.send({ data: 'x'.repeat(70_001) })
  client.send({ data: '€'.repeat(23_334) })
  client.send({ bytes: Buffer.alloc(70_001).toString('base64') })
  const deep = JSON.parse('['.repeat(1_001) + ']'.repeat(1_001)) as unknown
  client.send({ data: deep })
  client.send({ data: 'to nobody', to: [] })
  client.send({ data: 'to many', to: Array.from({ length: 101 }, (_, index) => `user-${index}`) })
  client.send({ data: 'to no name', to: [''] })
  client.send({ data: 'to a long name', to: ['x'.repeat(257)] })
  client.send({ data: 'small' })
  expect(await untilNumber(channel, 1)).toEqual([[1, 'small']])
})

prove(
  '5',
  'together at most `maxBatch` bytes of JSON in UTF-8, volatile ones included; of a binary frame count its bytes.',
  async () => {
    // Whether each batch has room for its entries, and not too many of them, is looked at by `rules.ts`.
    const count = 45_000
    const { client, channel } = await openScene({ maxBatch: 400_000, maxMessage: 4_000_000 })
    client.send({ data: 7, times: count })
    for (let received = 0; received < count;) {
      const { batch } = await channel.packet('batch')
      received = batch![0] + batch![1].length - 1
      channel.send({ ack: [received, received, 0] })
    }
    expect(channel.isClosed).toBe(false)
  },
  { with: 'many small messages' },
)

const IN_PARTS =
  'A message that does not fit a batch (5) travels in parts, so that progress through it survives every change of carrier, ' +
  'and heartbeats and other messages pass between them.'

prove('4.6', IN_PARTS, async () => {
  const { server, client, channel } = await openScene()
  const text = 'abcdefghij'.repeat(15_000)
  client.send({ data: text })
  const [data, , kind, offset, size] = (await channel.packet('batch')).batch![1][0]!
  expect([kind, offset, size]).toEqual([8, 0, text.length + 2])
  const { length } = String(data)
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
    whole += piece
    // A client may wait for that, before it goes on.
    next.send({ ack: [0, 0, 1, whole.length] })
  }
  expect(JSON.parse(whole)).toBe(text)
})

prove('4.6', 'A sender SHOULD NOT cut between the two units of a surrogate pair.', async () => {
  const { client, channel } = await openScene()
  const text = `x${'😀'.repeat(40_000)}`
  client.send({ data: text })
  let whole = ''
  while (whole.length < text.length + 2) {
    const [[piece]] = (await channel.packet('batch')).batch![1] as [[string]]
    expect(piece).not.toMatch(/[\ud800-\udbff]$/)
    whole += piece
    channel.send({ ack: [0, 0, 0, whole.length] })
  }
  expect(JSON.parse(whole)).toBe(text)
})

prove(
  '4.1',
  'A sender MUST escape lone surrogates (`\\ud800`), which UTF-8 cannot carry.',
  async () => {
    const { client, channel } = await openScene()
    client.send({ data: '\ud800' }, { data: ['\udc00 and \ud83d'] })
    expect(await untilNumber(channel, 2)).toEqual([
      [1, '\ud800'],
      [2, ['\udc00 and \ud83d']],
    ])
  },
)

const SAME =
  'A message comes out as it went in, on every carrier: a text as the same text, bytes as the same bytes.'
const SENT = [
  { data: 'a text' },
  { data: '' },
  { data: { list: [null, 1.5, '€'] } },
  { data: null },
] as const

prove(
  '4.4',
  SAME,
  async () => {
    const { client, channel } = await openScene()
    client.send(...SENT, { bytes: 'AQID' }, { data: 'last' })
    const messages = await untilNumber(channel, 6)
    expect(messages.slice(0, 4).map(([, data]) => data)).toEqual(SENT.map(({ data }) => data))
    // Up, bytes may go either way.
    const frames = channel.arrivals.all.filter((each) => Buffer.isBuffer(each))
    expect(frames.length > 0 ? frames[0]!.toString('base64') : messages[4]![1]).toBe('AQID')
  },
  { with: 'up a WebSocket' },
)

prove(
  '4.4',
  SAME,
  async () => {
    const { server, client } = await pollScene()
    client.send(...SENT, { bytes: 'AQID' })
    const messages: [number, unknown][] = []
    while (messages.length < 5) {
      const upload = await server.upload()
      messages.push(...messagesOf([upload.packet]))
      upload.answer({ ack: [messages.length, messages.length, 0] })
    }
    expect(messages.map(([, data]) => data)).toEqual([...SENT.map(({ data }) => data), 'AQID'])
  },
  { with: 'up exchanges' },
)

prove(
  '4.1',
  'All numbers are integers from 0 to 2^53 − 1, written without fraction.',
  async () => {
    const { server, client, poll } = await pollScene({ maxBatch: 60_001 })
    const large = 'x'.repeat(60_000)
    poll.answer({ ack: [0, 0, 1], batch: [1, [[large]]], ready: 1 })
    await client.untilMessages(1)
    const slow = await server.exchange()
    for (let count = 0; count < 8; count++) {
      slow.trickle()
      await delay(500)
    }
    // An answer that took long, after one that was quick: `maxBatch` of the next one may be less.
    slow.answer({ ack: [0, 0, 2], batch: [2, [[large]]], ready: 1 })
    const { attach } = await server.exchange()
    expect(attach.maxBatch ?? HELLO.maxBatch).toBeGreaterThanOrEqual(1_000)
  },
  { with: 'maxBatch after an answer that took long' },
)
