import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEntries, toBase64 } from './base64.ts'
import { BINARY, REFUSED, type Entry } from '../protocol.ts'

test('bytes are encoded as RFC 4648 says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
    }),
  )
})

test('more bytes than a function takes arguments are encoded', () => {
  const bytes = Uint8Array.from({ length: 200_001 }, (_, i) => i * 31)
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
})

test('only binary entries are decoded', () => {
  const entries: Entry[] = [
    ['AQI='],
    ['AQI=', 0, REFUSED],
    ['AQI=', 'bob', BINARY],
    ['', 0, BINARY],
  ]
  decodeEntries(entries)
  expect(entries.map(([data]) => data)).toEqual([
    'AQI=',
    'AQI=',
    new Uint8Array([1, 2]),
    new Uint8Array(0),
  ])
})

test('a packet without entries has nothing to decode', () => {
  expect(() => decodeEntries(undefined)).not.toThrow()
})
