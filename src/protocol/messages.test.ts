import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEntries, toBase64 } from '../transports/base64.ts'
import {
  BINARY,
  FRAME,
  MAX_DEPTH,
  PART,
  addPart,
  createMessage,
  encodeEntry,
  countContainers,
  joinParts,
  type Entry,
  type PartialMessage,
} from '../protocol.ts'

/** Any text that a script can hold: lone surrogates and characters that are escaped, too. */
const text = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd7f0, max: 0xe00f }),
      fc.constantFrom(...[1, 34, 92, 0x2028]),
    ),
    { maxLength: 5_000, size: 'max' },
  )
  .map((units) => String.fromCharCode(...units))

const data = fc.oneof(text, fc.uint8Array({ maxLength: 5_000, size: 'max' }), fc.jsonValue())

/** All entries of a message, each in a batch with so many bytes of room. */
function cut(message: NonNullable<ReturnType<typeof createMessage>>, rooms: readonly number[]) {
  const entries: Entry[] = []
  for (let offset = 0, turn = 0; ; turn++) {
    const room = rooms[turn % rooms.length]!
    const encoded = encodeEntry(message, offset, room, true, toBase64)!
    expect(Buffer.byteLength(encoded.text)).toBe(encoded.bytes)
    expect(encoded.bytes).toBeLessThanOrEqual(Math.max(room, 1_000))
    const entry = JSON.parse(encoded.text) as Entry
    decodeEntries([entry])
    entries.push(entry)
    offset = encoded.end
    if (offset === message.body.length) return entries
  }
}

function join(entries: readonly Entry[]): Entry {
  let partial: PartialMessage | undefined
  for (const entry of entries) {
    const added = addPart(partial, entry)
    if (typeof added === 'string') throw new Error(added)
    partial = added
  }
  return joinParts(partial!)!
}

test('a message that is cut anywhere is the same when its parts are put together', () => {
  fc.assert(
    fc.property(
      data,
      fc.array(fc.integer({ min: 1_000, max: 4_000 }), { minLength: 1, maxLength: 5 }),
      (given, rooms) => {
        const message = createMessage(given, ['bob'])!
        const entries = cut(message, rooms)
        const whole = entries.length === 1 ? entries[0]! : join(entries)
        expect(whole[0]).toEqual(
          given instanceof Uint8Array ? given : JSON.parse(JSON.stringify(given)),
        )
        expect(whole[1]).toEqual(['bob'])
        expect((whole[2] ?? 0) & BINARY).toBe(given instanceof Uint8Array ? BINARY : 0)
      },
    ),
  )
})

test('a surrogate pair is never cut, so that any encoding of a part stays valid', () => {
  const message = createMessage('\u{1f600}'.repeat(2_000))!
  for (const [piece, , kind = 0] of cut(message, [1_000, 1_001, 1_002, 1_003])) {
    expect(kind).toBe(PART)
    expect(encodeURIComponent(piece as string)).not.toBe('')
  }
})

test('a part that is too small to be worth an entry is cut only as the first of a batch', () => {
  const message = createMessage('x'.repeat(3_000))!
  expect(encodeEntry(message, 0, 999, false)).toBeUndefined()
  expect(encodeEntry(message, 0, 999, true)!.bytes).toBeGreaterThan(990)
  expect(encodeEntry(message, 0, 2_000, false)!.bytes).toBeGreaterThan(1_990)
  expect(encodeEntry(message, 0, 4_000, false)).toMatchObject({ end: 3_002 })
})

test('bytes in frames count, and are cut, as bytes', () => {
  const bytes = Uint8Array.from({ length: 3_000 }, (_, i) => i)
  const first = encodeEntry(createMessage(bytes)!, 0, 2_000, true)!
  expect(JSON.parse(first.text)).toEqual([0, 0, BINARY | FRAME | PART, 0, 3_000])
  expect(first.bytes).toBeGreaterThan(1_990)
  const second = encodeEntry(createMessage(bytes)!, first.end, 2_000, true)!
  expect([...first.frame!, ...second.frame!]).toEqual([...bytes])
})

test.each([
  ['arrays', '['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH), false],
  ['arrays', '['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1), true],
  ['objects', '{"a":'.repeat(MAX_DEPTH + 1) + '1' + '}'.repeat(MAX_DEPTH + 1), true],
  ['brackets in a text', JSON.stringify('['.repeat(5_000)), false],
  ['brackets behind an escaped quote', JSON.stringify('"\\' + '['.repeat(5_000)), false],
  ['many short arrays', JSON.stringify(Array.from({ length: 5_000 }, () => [])), false],
])('nesting is measured: %s', (_, json, expected) => {
  expect(countContainers(json) === Infinity).toBe(expected)
})

test.each([
  ['7', 0],
  ['[]', 1],
  ['[{},[],"[]",{"[":[0]}]', 5],
])('arrays and objects are counted: %s', (json, count) => {
  expect(countContainers(json)).toBe(count)
  expect(countContainers(json, count)).toBe(count)
  expect(countContainers(json, count - 1)).toBe(count > 0 ? Infinity : 0)
})

test('fields of one packet may be nested to different depths', () => {
  const depthIn = (field: string): number => (field === '"deep"' ? 3 : 2)
  const count = (json: string): number => countContainers(json, Infinity, depthIn)
  expect(count('{"deep":[[1]],"other":[1],"last":{}}')).toBe(5)
  expect(count('{"deep":[[1]],"other":[[1]]}')).toBe(Infinity)
  expect(count('{"deep":[[[]]]}')).toBe(Infinity)
  expect(count('{"other":"deep","last":[[]]}')).toBe(Infinity)
})
