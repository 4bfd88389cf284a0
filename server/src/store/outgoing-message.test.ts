import { createMessage } from 'rungs/protocol'
import { expect, test } from 'vitest'
import { OutgoingMessage } from './outgoing-message.ts'

const message = (data: unknown, peer?: string | string[], kind?: number): OutgoingMessage =>
  new OutgoingMessage(createMessage(data, peer, kind)!)

test('the entry of an outgoing message is its data and its sender', () => {
  expect(message({ a: 1 }, 'sender').entry).toBe('[{"a":1},"sender"]')
})

test('bytes in an entry are base64, also those of a view into a larger buffer', () => {
  const view = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4)
  expect(message(view).entry).toBe('["AQID",0,1]')
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
    expect(made.entryBytes).toBe(Buffer.byteLength(made.entry))
  }
})
