import { Buffer, File } from 'node:buffer'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { decodeEntries, toBase64 } from './transports/base64.ts'
import {
  BINARY,
  END,
  FRAME,
  REFUSED,
  awaitsFrame,
  byteLength,
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
  ['a Blob', new Blob(['bytes'])],
  ['a File', new File(['bytes'], 'name')],
  ['a form', new FormData()],
  ['a Map', new Map([[1, 2]])],
  ['a Set', new Set([1])],
  ['a Promise', Promise.resolve(1)],
  ['a regular expression', /a/],
  ['an Error', new Error('oh')],
  ['a Map deep inside', { list: [{ map: new Map() }] }],
  ['a Promise beside data', [{}, Promise.resolve(1)]],
  ['bytes inside', { bytes: new Uint8Array(2) }],
  ['an empty view inside', [new Uint8Array(0)]],
  ['a buffer inside', [new ArrayBuffer(2)]],
  ['a Map that a conversion answers', { toJSON: () => new Map() }],
])('%s is no message', (_, data) => {
  expect(createMessage(data)).toBeUndefined()
})

test('a buffer that was transferred is no message', () => {
  const buffer = new ArrayBuffer(2)
  structuredClone(buffer, { transfer: [buffer] })
  expect(createMessage(buffer)).toBeUndefined()
})

class Point {
  x = 1
  tags = {}
}

test.each([
  ['an empty object', {}, '{}'],
  ['an object without prototype', Object.create(null), '{}'],
  ['an instance of a class', new Point(), '{"x":1,"tags":{}}'],
  ['a proxy', new Proxy([{}], {}), '[{}]'],
  ['a date beside an empty object', [{}, new Date(0)], '[{},"1970-01-01T00:00:00.000Z"]'],
  ['primitive values as objects', [{}, Object('a'), Object(1), Object(true)], '[{},"a",1,true]'],
  ['an object with a number as its first name', { 0: 'a' }, '{"0":"a"}'],
  ['a text that looks like an object', '{}', '"{}"'],
  ['data of another frame', runInNewContext('({ list: [{}] })'), '{"list":[{}]}'],
  ['a field that is a function', { f() {}, a: {} }, '{"a":{}}'],
])('%s is data', (_, data, json) => {
  expect(createMessage(data)?.body).toBe(json)
})

test.each(['new Uint8Array([1, 2]).buffer', 'new Uint8Array([0, 1, 2, 3]).subarray(1, 3)'])(
  'bytes of another frame are bytes: %s',
  (code) => {
    expect(createMessage(runInNewContext(code))?.body).toEqual(new Uint8Array([1, 2]))
  },
)

test('old libraries that extend the prototypes of arrays and objects change no message', () => {
  const extended = [Object.prototype, Array.prototype] as { toJSON?: () => string }[]
  onTestFinished(() => extended.forEach((prototype) => delete prototype.toJSON))
  const data = { list: [1, [2], { a: [] }], date: new Date(0), own: { toJSON: () => [3] } }
  const before = createMessage(data)!.body
  extended.forEach((prototype) => {
    prototype.toJSON = () => 'extended'
  })
  expect(createMessage(data)!.body).toBe(before)
  expect(createMessage([1, 2])!.body).toBe('[1,2]')
  expect(createMessage(new Map())).toBeUndefined()
})

test('fields that old libraries give to all objects are in no packet', () => {
  const prototype = Object.prototype as { extended?: string }
  onTestFinished(() => void delete prototype.extended)
  prototype.extended = '1'
  expect(packet({ probe: 1 })).toBe('{"probe":1}')
})

test('bytes are those of UTF-8, also without an encoder', () => {
  onTestFinished(() => void vi.unstubAllGlobals())
  vi.stubGlobal('TextEncoder', undefined)
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary-ascii' })), (value) => {
      expect(byteLength(value)).toBe(Buffer.byteLength(value))
    }),
  )
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
