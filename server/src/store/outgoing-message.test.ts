import { createMessage } from 'rungs/protocol'
import { expect, test } from 'vitest'
import { OutgoingMessage } from './outgoing-message.ts'

const message = (data: unknown, peer?: string | string[], kind?: number): OutgoingMessage =>
  new OutgoingMessage(createMessage(data, peer, kind)!)

test('the entry of an outgoing message is its data and its sender', () => {
  expect(message({ a: 1 }, 'sender').encodeWhole(false).text).toBe('[{"a":1},"sender"]')
})

test('bytes in an entry are base64, also those of a view into a larger buffer', () => {
  const view = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4)
  expect(message(view).encodeWhole(false).text).toBe('["AQID",0,1]')
})

test.each([
  ['', undefined],
  ['text', undefined],
  ['grüße 汉字 😀 \ud800 \u2028 <', 'sender'],
  [{ nested: [1, 2, { three: '\u0000' }] }, ['alice', 'böb']],
  [new Uint8Array(0), undefined],
  [new Uint8Array(1), undefined],
  [new Uint8Array(2), 'sender'],
  [new Uint8Array(1_000), ['alice']],
])('the entry of %j from %j is as long as its message says', (data, peer) => {
  for (const kind of [0, 2]) {
    const made = message(data, peer, kind)
    expect(made.entryBytes).toBe(Buffer.byteLength(made.encodeWhole(false).text))
  }
})

test('a message that fits into a batch waits for one with enough room, and has no parts', () => {
  const text = message('x'.repeat(1_000))
  expect(text.encode(0, 2_000, 2_000, false)).toMatchObject({ end: 1_002 })
  expect(text.encode(0, 1_004, 2_000, false)).toMatchObject({ end: 1_002 })
  expect(text.encode(0, 1_003, 2_000, false)).toBeUndefined()
})

test('a message that fits into no batch goes in parts, which fit the room', () => {
  const text = message('x'.repeat(5_000), 'sender')
  const part = text.encode(0, 1_500, 2_000, false)!
  expect(part.bytes).toBeLessThanOrEqual(1_500)
  expect(JSON.parse(part.text)).toEqual([expect.any(String), 'sender', 8, 0, 5_002])
  const rest = text.encode(4_900, 2_000, 2_000, false)!
  expect(JSON.parse(rest.text)).toEqual(['x'.repeat(101) + '"', 0, 8, 4_900, 5_002])
  // So little room is left to the next batch.
  expect(text.encode(0, 999, 2_000, false)).toBeUndefined()
})

test('bytes fit into a batch as a frame that as base64 need parts', () => {
  const bytes = message(new Uint8Array(1_900))
  expect(bytes.encode(0, 2_000, 2_000, true)).toMatchObject({ text: '[0,0,5]', end: 1_900 })
  const part = bytes.encode(0, 2_000, 2_000, false)!
  expect(part.end).toBeLessThan(1_900)
  expect(JSON.parse(part.text).slice(1)).toEqual([0, 9, 0, 1_900])
})
