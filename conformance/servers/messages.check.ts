/** What a message may be, and how large. */
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { batch, newSession, terms } from './client.ts'
import { expectAck, expectRefused } from './expect.ts'
import type { Entry } from './wire.ts'

const UNCHANGED =
  'A message comes out as it went in, on every carrier: a text as the same text, bytes as the same bytes.'

const texts = [
  '',
  ' ',
  'äöü €',
  '🙂',
  '\u0000\u001f"\\/',
  '\r\n',
  '\u2028\u2029',
  '</script>',
  '\ufeffbom',
  '\ufffd',
]
const values = [0, -1.5, 1e300, true, false, null, [], {}, [[]], { a: { b: [1, 'c'] } }, { '': '' }]
const bytes = [Buffer.alloc(0), Buffer.from([0]), Buffer.from([255, 254]), randomBytes(1_000)]
const sent = [...texts, ...values, ...bytes, 'end']
const entries = sent.map((each): Entry =>
  Buffer.isBuffer(each) ? [each.toString('base64'), 0, 1] : [each],
)

for (const carrier of ['exchange', 'WebSocket', 'SSE'] as const) {
  prove(
    '4.4',
    UNCHANGED,
    async () => {
      const client = await newSession()
      await client.sendEntries(1, ...entries)
      if (carrier === 'exchange') {
        expect(await client.readData()).toEqual(sent)
      } else {
        const { feed } = carrier === 'SSE' ? await client.stream('sse') : await client.socket()
        expect(await feed.untilData('end')).toEqual(sent)
      }
    },
    { with: carrier },
  )
}

prove(
  '4.4',
  UNCHANGED,
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    const stream = await client.stream('sse')
    for (const [index, entry] of entries.entries()) socket.send({ batch: [index + 1, [entry]] })
    expect(await socket.feed.untilData('end')).toEqual(sent)
    expect(await stream.feed.untilData('end')).toEqual(sent)
  },
  { with: 'on carriers that are open already' },
)

const { maxMessage, maxBatch } = await terms()

for (const [what, message] of [
  ['text', (size: number): Entry => ['x'.repeat(size)]],
  ['two-byte characters', (size: number): Entry => ['é'.repeat(size / 2) + 'x'.repeat(size % 2)]],
  ['bytes', (size: number): Entry => [Buffer.alloc(size).toString('base64'), 0, 1]],
] as const) {
  prove(
    '5',
    'A server MUST take packets and frames of `maxBatch` + 20,000 bytes, and MUST refuse larger ones with `too-large`.',
    async () => {
      const client = await newSession()
      // Whole messages may be larger than a batch, as long as their packet is not too large.
      const size = what === 'bytes' ? maxBatch * 0.75 : maxBatch + 10_000
      const fits = message(Math.floor(size))
      await client.sendEntries(1, fits)
      expectAck((await client.exchange()).packet, 1, 1, 1)
      const answer = await client.lines([
        { attach: client.attach() },
        { batch: [2, [['small'], message(maxMessage + 1)]], volatile: [['x']] },
      ])
      expectRefused(answer, 'too-large')
      const socket = await client.socket()
      socket.send({ batch: [2, [['small'], message(maxMessage + 1)]] })
      expect((await socket.closed).code).toBe(1009)
      expectAck((await client.exchange()).packet, 1, 1, 1)
    },
    { with: what },
  )
}

prove(
  '5',
  'of a binary frame count its bytes',
  async () => {
    const client = await newSession()
    const frame = await client.socket()
    frame.send({ batch: [1, [[0, 0, 5]]] })
    frame.sendRaw(Buffer.alloc(maxBatch + 20_001))
    expect((await frame.closed).code).toBe(1009)
    const largest = await client.socket()
    largest.send({ batch: [1, [[0, 0, 5]]] })
    largest.sendRaw(Buffer.alloc(maxBatch + 20_000))
    await largest.feed.accepted(1)
    expectAck((await client.exchange()).packet, 1, 1, 1)
  },
  { with: 'the largest frame' },
)

prove(
  '6.4',
  'A packet that is refused is not processed at all, except for its goodbye if the packet could be read; packets ' +
    'behind it are not read.',
  async () => {
    const client = await newSession()
    await client.send(1, 'a')
    await client.read()
    // Its last part says that there is more than a message may have.
    const tooLarge: Entry = [Buffer.alloc(200).toString('base64'), 0, 9, 0, maxMessage + 1]
    const answer = await client.lines([
      { attach: client.attach() },
      { ack: client.at(1), batch: [2, [['small'], tooLarge]], volatile: [['x']], probe: 1 },
      { batch: batch(2, 'behind') },
    ])
    expectRefused(answer, 'too-large')
    expect(await client.readData()).toEqual(['a'])
    expectAck((await client.exchange()).packet, 1, 1, 1)
  },
)
