/** Parts of messages that are refused: what is not of its message, and what is too large. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { newSession } from './client.ts'
import { expectAck, expectClosed, expectRefused } from './expect.ts'
import { inPieces, maxBatch, maxMessage, partOf, sendParts } from './parts.ts'
import type { Entry } from './wire.ts'

const text = 'abcdefghij'.repeat(200)
const { length } = JSON.stringify(text)

const NOT_OF_IT =
  'A part whose `size` or kind is not that of the parts before, that is empty or too short, or that reaches beyond its ' +
  '`size`, is refused with `malformed`, as is a whole whose text is not JSON.'

const json = JSON.stringify(text)
const base64 = Buffer.alloc(300).toString('base64')
for (const [what, entry] of [
  ['another size', [json.slice(500, 800), 0, 8, 500, length + 1]],
  ['another size, from the beginning', [json.slice(0, 800), 0, 8, 0, length - 1]],
  ['bytes', [base64, 0, 9, 500, length]],
  ['too short', [json.slice(500, 627), 0, 8, 500, length]],
  ['empty', ['', 0, 8, 500, length]],
  ['empty, at its end', ['', 0, 8, length, length]],
  ['beyond its size', [`${json.slice(500)}x`, 0, 8, 500, length]],
  ['a text that is not JSON', [json.slice(500).replace(/"$/, 'x'), 0, 8, 500, length]],
  ['two texts', [json.slice(500).replace('abc', '","'), 0, 8, 500, length]],
] satisfies [string, Entry][]) {
  prove(
    '4.6',
    NOT_OF_IT,
    async () => {
      const client = await newSession()
      await client.exchange({ batch: [1, [partOf(text, 0, 500)]] })
      const packet = { batch: [1, [entry]], volatile: [['x']] }
      expectRefused(await client.lines([{ attach: client.attach() }, packet]), 'malformed')
      const socket = await client.socket()
      socket.send(packet)
      await expectClosed(socket, 'malformed')
      // Nothing of it was taken: the message can still be sent as it is.
      const { ack } = (await client.exchange()).packet
      expect([ack![0], ack![3]]).toEqual([0, 500])
      await client.sendEntries(1, partOf(text, 500, length))
      expect(await client.readData()).toEqual([text])
    },
    { with: what },
  )
}

prove(
  '4.6',
  NOT_OF_IT,
  async () => {
    const client = await newSession()
    const deep = '['.repeat(1_001) + ']'.repeat(1_001)
    const part = (offset: number, end: number): Entry => [
      deep.slice(offset, end),
      0,
      8,
      offset,
      deep.length,
    ]
    await client.exchange({ batch: [1, [part(0, 1_000)]] })
    expectRefused(await client.exchange({ batch: [1, [part(1_000, 2_002)]] }), 'malformed')
  },
  { with: 'JSON that is nested too deep' },
)

prove(
  '4.6',
  'A part that does not reach the end of its message has at least 128 bytes or units, and is the last entry of its batch.',
  async () => {
    const client = await newSession()
    const packet = { batch: [1, [partOf(text, 0, 500), partOf(text, 500, 900)]] }
    expectRefused(await client.lines([{ attach: client.attach() }, packet]), 'malformed')
    const socket = await client.socket()
    socket.send({ batch: [1, [partOf(text, 0, 500), ['x']]] })
    await expectClosed(socket, 'malformed')
    expectAck((await client.exchange()).packet, 0, 0, 0)
    // A message of a few bytes may come in parts, too.
    await client.sendEntries(1, ['"tiny"', 0, 8, 0, 6])
    await client.sendEntries(2, ['AQID', 0, 9, 0, 3])
    expect(await client.readData()).toEqual(['tiny', Buffer.from([1, 2, 3])])
  },
)

const TOO_LARGE =
  'Of a message in parts, the server refuses with `too-large` the first part from which it sees that.'

for (const [what, largest, larger] of [
  ['a text', 'x'.repeat(maxMessage), 'x'.repeat(maxMessage + 1)],
  ['characters of two bytes', 'é'.repeat(maxMessage / 2), `${'é'.repeat(maxMessage / 2)}x`],
  ['escapes', '\u0001'.repeat(maxMessage), '\u0001'.repeat(maxMessage + 1)],
  ['JSON', ['x'.repeat(maxMessage - 4)], ['x'.repeat(maxMessage - 3)]],
  ['bytes', Buffer.alloc(maxMessage), Buffer.alloc(maxMessage + 1)],
] as const) {
  prove(
    '5',
    TOO_LARGE,
    async () => {
      const client = await newSession()
      const pieces = (data: unknown): Entry[] => inPieces(data, Math.floor(maxBatch / 2.5))
      const answer = await sendParts(client, 1, pieces(larger))
      expectRefused(answer, 'too-large')
      const other = await newSession()
      const received = await sendParts(other, 1, pieces(largest))
      expect(received.packet.ack?.[0]).toBe(1)
      expectAck((await other.settled(1)).packet, 1, 1, 1)
    },
    { with: what },
  )
}

prove(
  '5',
  TOO_LARGE,
  async () => {
    const client = await newSession()
    const [base] = inPieces(Buffer.alloc(maxMessage + 1))
    expectRefused(
      await client.lines([{ attach: client.attach() }, { batch: [1, [base]] }]),
      'too-large',
    )
    const socket = await client.socket()
    socket.send({ batch: [1, [base]] })
    await expectClosed(socket, 'too-large')
    expectAck((await client.exchange()).packet, 0, 0, 0)
  },
  { with: 'bytes, at the first part' },
)
