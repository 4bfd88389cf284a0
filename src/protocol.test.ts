import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEntries, toBase64 } from './transports/base64.ts'
import {
  BINARY,
  END,
  FRAME,
  REFUSED,
  awaitsFrame,
  createMessage,
  encodeWhole,
  packet,
  type Entry,
} from './protocol.ts'

/** Any text that a script can hold, lone surrogates too. */
const text = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe00f })))
  .map((units) => String.fromCharCode(...units))

const bytes = fc.uint8Array({ maxLength: 300 })

test.each([
  ['a text', 'naïve', 6],
  ['an empty text', '', 0],
  ['a text with quotes, which are escaped on the wire only', '""', 2],
  ['an object', { a: 1 }, 7],
  ['null', null, 4],
  ['false', false, 5],
  ['an empty buffer', new ArrayBuffer(0), 0],
  ['a buffer', new ArrayBuffer(3), 3],
  ['a view', new Uint16Array(3), 6],
])('%s has its size before encoding', (_, data, size) => {
  expect(createMessage(data)?.size).toBe(size)
})

const cycle: unknown[] = []
cycle.push(cycle)

test.each([
  ['undefined', undefined],
  ['a function', () => {}],
  ['a symbol', Symbol('no')],
  ['a BigInt', 1n],
  ['a cycle', cycle],
  ['what turns into nothing', { toJSON: () => undefined }],
])('%s is no message', (_, data) => {
  expect(createMessage(data)).toBeUndefined()
})

test('a message is a copy of what was given', () => {
  const list = [1]
  const buffer = new Uint8Array([1, 2]).buffer
  const json = createMessage(list)
  const binary = createMessage(buffer)
  list.push(2)
  new Uint8Array(buffer)[0] = 9
  expect(json?.body).toBe('[1]')
  expect(binary?.body).toEqual(new Uint8Array([1, 2]))
})

test('of a view only the bytes that it shows are taken', () => {
  const all = new Uint8Array([1, 2, 3, 4])
  expect(createMessage(all.subarray(1, 3))?.body).toEqual(new Uint8Array([2, 3]))
  expect(createMessage(new DataView(all.buffer, 3))?.body).toEqual(new Uint8Array([4]))
})

const peer = fc.oneof(
  fc.constant(0 as const),
  text.filter((name) => name !== ''),
  fc.array(text, { minLength: 1 }),
)

test('what is JSON comes out of its entry as it went in, whoever it is for', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), text),
      peer,
      fc.constantFrom(0, REFUSED),
      (data, to, kind) => {
        const entry = JSON.parse(
          encodeWhole(createMessage(data, to, kind)!, toBase64).text,
        ) as Entry
        decodeEntries([entry])
        expect(entry[0]).toEqual(JSON.parse(JSON.stringify(data)))
        expect([entry[1] ?? 0, entry[2] ?? 0]).toEqual([to, kind])
      },
    ),
  )
})

test('binary comes out of its entry as it went in, and says what it is', () => {
  fc.assert(
    fc.property(bytes, peer, fc.constantFrom(0, REFUSED), (data, to, kind) => {
      const entry = JSON.parse(encodeWhole(createMessage(data, to, kind)!, toBase64).text) as Entry
      expect(entry.slice(1)).toEqual([to, kind | BINARY])
      decodeEntries([entry])
      expect(entry[0]).toEqual(data)
    }),
  )
})

test('binary without base64 leaves a place for the frame that follows', () => {
  const entry = JSON.parse(encodeWhole(createMessage(new Uint8Array([1]), ['bob'])!).text) as Entry
  expect(entry).toEqual([0, ['bob'], BINARY | FRAME])
})

test('an entry says no more than it must', () => {
  expect(encodeWhole(createMessage('a')!).text).toBe('["a"]')
  expect(encodeWhole(createMessage('a', 'bob')!).text).toBe('["a","bob"]')
})

test('a lone surrogate travels as an escape, because UTF-8 has no place for it', () => {
  const { text: entry } = encodeWhole(createMessage('\ud800')!)
  expect(entry).toBe(String.raw`["\ud800"]`)
  expect(JSON.parse(entry)).toEqual(['\ud800'])
})

test('a frame is awaited where an entry of the last list says so', () => {
  const frame: Entry = [0, 0, BINARY | FRAME]
  expect(awaitsFrame({ batch: [1, [['a'], frame]] })).toBe(frame)
  expect(awaitsFrame({ volatile: [frame] })).toBe(frame)
  expect(awaitsFrame({ batch: [1, [frame]], volatile: [['a']] })).toBeUndefined()
  expect(awaitsFrame({ batch: [1, [['AA==', 0, BINARY]]] })).toBeUndefined()
  expect(awaitsFrame({ batch: [1, []] })).toBeUndefined()
  expect(awaitsFrame({})).toBeUndefined()
})

test('a packet has only the fields that say something', () => {
  expect(packet({ ack: '[1,""]', batch: '', ticket: undefined, ready: '1' })).toBe(
    '{"ack":[1,""],"ready":1}',
  )
  expect(packet({})).toBe('{}')
})

test('a WebSocket can close with 4000 more than the status of any end', () => {
  for (const [status] of Object.values(END)) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(1_000)
  }
})
