import { createMessage } from 'rungs/protocol'
import { expect, test } from 'vitest'
import { LogMessage } from './outgoing-message.ts'

const message = (data: unknown, peer?: string | string[], kind?: number): LogMessage =>
  new LogMessage(createMessage(data, peer, kind)!)

test('its text is an entry, made once', () => {
  const made = message({ a: 1 }, 'sender')
  expect(made.text).toBe('[{"a":1},"sender"]')
  expect(made.text).toBe(made.text)
})

test('bytes are base64, also those of a view into something larger', () => {
  const view = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4)
  expect(message(view).text).toBe('["AQID",0,1]')
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
])('it knows the length of its text: %j, from %j', (data, peer) => {
  for (const kind of [0, 2]) {
    const made = message(data, peer, kind)
    expect(made.bytes).toBe(Buffer.byteLength(made.text))
  }
})
