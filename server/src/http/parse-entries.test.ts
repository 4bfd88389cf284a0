import { describe, expect, test } from 'vitest'
import { refused } from '../../test/refused.ts'
import { addFrame, parsePacket, type Packet } from './parse.ts'

const MAX = 1_000
const LIMIT = { maxMessage: MAX, maxBatch: 60_000 }

const parse = (packet: unknown, mayAnnounceFrame = false): Packet =>
  parsePacket(JSON.stringify(packet), LIMIT, { mayAnnounceFrame })
const parseText = (text: string): Packet => parsePacket(text, LIMIT)

describe('an entry', () => {
  const entry = (...fields: unknown[]): Packet => parse({ batch: [1, [fields]] })

  test.each([null, true, 0, -1.5, '', 'text', [], {}, [[['deep']]], { a: { b: 1 } }])(
    'may have the data %j',
    (data) => {
      expect(entry(data).batch!.entries).toEqual([{ data, recipients: undefined }])
    },
  )

  test.each([[[]], [[1, 0, 0, 0]], [[1, 0, 0, 0, 1, 0]], ['a'], [null], [{ 0: 'a', length: 1 }]])(
    'cannot be %j',
    (fields) => {
      expect(refused(() => parse({ batch: [1, [fields]] }))).toBe('malformed')
      expect(refused(() => parse({ volatile: [fields] }))).toBe('malformed')
    },
  )

  test('may name 1 to 100 recipients', () => {
    const users = Array.from({ length: 100 }, (_, i) => `user ${i}`)
    expect(entry('a', users).batch!.entries[0]!.recipients).toEqual(users)
    expect(entry('a', 0).batch!.entries[0]!.recipients).toBeUndefined()
    for (const to of [
      [],
      [...users, 'one more'],
      [''],
      ['x'.repeat(257)],
      [1],
      [['a']],
      'alice',
      1,
      true,
      null,
      {},
    ]) {
      expect(
        refused(() => entry('a', to)),
        JSON.stringify(to),
      ).toBe('malformed')
    }
  })

  test.each([2, 3, 4, 5, 6, 8, -1, 1.5, '1', null, true, []])(
    'cannot have the kind %j in an exchange',
    (kind) => {
      expect(refused(() => entry('AQID', 0, kind))).toBe('malformed')
    },
  )

  test('with bytes is base64, with padding', () => {
    expect(entry('AQID', 0, 1).batch!.entries[0]!.data).toEqual(new Uint8Array([1, 2, 3]))
    expect(entry('', 0, 1).batch!.entries[0]!.data).toEqual(new Uint8Array(0))
    for (const data of ['AQI', 'A===', 'AQ=D', 'AQ-_', 'AQ ID', 'A\nID', 7, null, ['AQID'], '=']) {
      expect(
        refused(() => entry(data, 0, 1)),
        JSON.stringify(data),
      ).toBe('malformed')
    }
  })

  test('cannot be nested deeper than the engine can read or write', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(refused(() => parseText(`{"batch":[1,[[${deep}]]]}`))).toBe('malformed')
  })

  test('keeps names like __proto__ as data', () => {
    const text =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":[{"__proto__":null}]}'
    const [message] = parseText(`{"batch":[1,[[${text}]]],"__proto__":{"answer":"now"}}`).batch!
      .entries
    expect(JSON.stringify(message!.data)).toBe(text)
    expect(parseText('{"__proto__":{"answer":"now"}}').answer).toBeUndefined()
    expect(parseText('{"constructor":{"prototype":{"answer":"now"}}}').answer).toBeUndefined()
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('an entry that is a part', () => {
  const PIECE = 'x'.repeat(128)
  const part = (...fields: unknown[]): Packet => parse({ batch: [1, [fields]] })

  test('has a piece of the JSON text, or bytes as base64, and a place', () => {
    expect(part(PIECE, ['bob'], 8, 200, 6_002).batch!.entries).toEqual([
      { data: PIECE, recipients: ['bob'], offset: 200, size: 6_002 },
    ])
    expect(part(btoa(PIECE), 0, 9, 0, MAX).batch!.entries).toEqual([
      { data: new Uint8Array(Buffer.from(PIECE)), recipients: undefined, offset: 0, size: MAX },
    ])
    // The last part may be short, and need not be the last entry.
    expect(parse({ batch: [1, [['"', 0, 8, 7, 8], ['next']]] }).batch!.entries).toHaveLength(2)
  })

  test.each([
    ['is empty', ['', 0, 8, 0, 500]],
    ['has less than 128 units, with more to come', ['x'.repeat(127), 0, 8, 0, 500]],
    ['has less than 128 bytes, with more to come', [btoa('x'.repeat(127)), 0, 9, 0, 500]],
    ['reaches beyond its message', [PIECE, 0, 8, 400, 500]],
    ['has a size of 0', [PIECE, 0, 8, 0, 0]],
    ['has no number as offset', [PIECE, 0, 8, -1, 500]],
    ['has an offset without a size', [PIECE, 0, 8, 0]],
    ['is not of kind 8', [PIECE, 0, 0, 0, 500]],
    ['is of kind 2 as well', [PIECE, 0, 10, 0, 500]],
    ['announces a frame where none can follow', [0, 0, 13, 0, 500]],
    ['is no text', [{ a: PIECE }, 0, 8, 0, 500]],
    ['is no base64', ['?'.repeat(128), 0, 9, 0, 500]],
  ])('that %s is malformed', (_, fields) => {
    expect(refused(() => part(...fields))).toBe('malformed')
  })

  test('of which more is to come is the last entry of its batch', () => {
    const packet = { batch: [1, [[PIECE, 0, 8, 0, 500], ['next']]] }
    expect(refused(() => parse(packet))).toBe('malformed')
  })

  test('is not volatile', () => {
    expect(refused(() => parse({ volatile: [[PIECE, 0, 8, 0, 500]] }))).toBe('malformed')
  })

  test('is refused if its message must be too large', () => {
    expect(refused(() => part(PIECE, 0, 8, 0, 6 * MAX + 3))).toBe('too-large')
    expect(refused(() => part(PIECE, 0, 8, 0, 6 * MAX + 2))).toBe('not refused')
    expect(refused(() => part(btoa(PIECE), 0, 9, 0, MAX + 1))).toBe('too-large')
  })

  test('may have its bytes in a frame, whose length is checked', () => {
    const packet = parse({ batch: [1, [[0, 0, 13, 128, 500]]] }, true)
    expect(packet.announcesFrame).toBe(true)
    const { batch } = addFrame(packet, new Uint8Array(128), LIMIT)
    expect(batch!.entries).toEqual([
      { data: new Uint8Array(128), recipients: undefined, offset: 128, size: 500 },
    ])
    for (const length of [0, 127, 373]) {
      expect(
        refused(() => addFrame(packet, new Uint8Array(length), LIMIT)),
        String(length),
      ).toBe('malformed')
    }
  })
})

test('a message may be nested in 1,000 arrays and objects, and no more', () => {
  const parseLong = (text: string): Packet => parsePacket(text, { ...LIMIT, maxMessage: 10_000 })
  const nested = (depth: number): string =>
    `{"batch":[1,[[${'['.repeat(depth)}"]]\\"[["${']'.repeat(depth)}]]]}`
  expect(refused(() => parseLong(nested(1_000)))).toBe('not refused')
  expect(refused(() => parseLong(nested(1_001)))).toBe('malformed')
  const volatile = (depth: number): string =>
    `{"volatile":[[${'['.repeat(depth)}${']'.repeat(depth)}]]}`
  expect(refused(() => parseLong(volatile(1_000)))).toBe('not refused')
  expect(refused(() => parseLong(volatile(1_001)))).toBe('malformed')
  // The packet around a message does not count. Around anything else it does.
  const unknown = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
  expect(refused(() => parseLong(unknown(999)))).toBe('not refused')
  expect(refused(() => parseLong(unknown(1_000)))).toBe('malformed')
})

test.each(['batch', 'volatile'])('the field %s has up to 20,000 entries', (field) => {
  const parseMany = (count: number): Packet => {
    const entries = Array.from({ length: count }, () => [0])
    return parse({ [field]: field === 'batch' ? [1, entries] : entries })
  }
  const packet = parseMany(20_000)
  expect(packet.batch?.entries ?? packet.volatile).toHaveLength(20_000)
  expect(refused(() => parseMany(20_001))).toBe('malformed')
})

describe('the size of a message', () => {
  const size = (data: unknown, kind = 0): string =>
    refused(() => parse({ batch: [1, [[data, 0, kind]]] }))

  test.each([
    ['a text', 'x'.repeat(MAX), 'x'.repeat(MAX + 1)],
    ['a text of characters of three bytes', '\u4e00'.repeat(333), '\u4e00'.repeat(334)],
    ['a text that is escaped', '\u0001'.repeat(MAX), '\u0001'.repeat(MAX + 1)],
    ['a JSON value', ['x'.repeat(MAX - 4)], ['x'.repeat(MAX - 3)]],
  ])('is measured before encoding, of %s', (_, fits, tooLarge) => {
    expect(size(fits)).toBe('not refused')
    expect(size(tooLarge)).toBe('too-large')
    // Many that fit are none that does not.
    expect(refused(() => parse({ volatile: [[fits], [fits], [fits]] }))).toBe('not refused')
    expect(refused(() => parse({ volatile: [[fits], [tooLarge]] }))).toBe('too-large')
  })

  test('is measured before encoding, of bytes', () => {
    expect(size(Buffer.alloc(MAX).toString('base64'), 1)).toBe('not refused')
    expect(size(Buffer.alloc(MAX + 1).toString('base64'), 1)).toBe('too-large')
  })
})

describe('a binary frame', () => {
  const bytes = new Uint8Array([1, 2, 3])
  const FRAMED = [0, 0, 5]

  test('has the data of the last message of the packet before it', () => {
    const packet = parse({ ack: [1, ''], batch: [4, [['a'], [0, ['bob'], 5]]] }, true)
    expect(packet.announcesFrame).toBe(true)
    expect(addFrame(packet, bytes, LIMIT)).toMatchObject({
      ack: [1, ''],
      batch: {
        first: 4,
        entries: [
          { data: 'a', recipients: undefined },
          { data: bytes, recipients: ['bob'] },
        ],
      },
    })
  })

  test('has the data of the last volatile message, if there are any', () => {
    const packet = parse({ batch: [1, [['a']]], volatile: [['b'], FRAMED] }, true)
    const { batch, volatile } = addFrame(packet, bytes, LIMIT)
    expect([batch!.entries.length, volatile!.map(({ data }) => data)]).toEqual([1, ['b', bytes]])
  })

  test('is copied out of the buffer that it came in', () => {
    const read = Buffer.from([9, 1, 2, 3, 9])
    const packet = addFrame(parse({ batch: [1, [FRAMED]] }, true), read.subarray(1, 4), LIMIT)
    read.fill(0)
    const data = packet.batch!.entries[0]!.data as Uint8Array
    expect(data).toEqual(bytes)
    expect([data.constructor, data.buffer.byteLength]).toEqual([Uint8Array, 3])
  })

  test('is announced by the last entry only', () => {
    for (const packet of [
      { batch: [1, [FRAMED, ['a']]] },
      { volatile: [FRAMED, ['a']] },
      { batch: [1, [FRAMED]], volatile: [['a']] },
      { batch: [1, [FRAMED]], volatile: [] },
      { batch: [1, [[0, 0, 4]]] },
    ]) {
      expect(
        refused(() => parse(packet, true)),
        JSON.stringify(packet),
      ).toBe('malformed')
    }
  })

  test('cannot be announced where none can follow', () => {
    expect(refused(() => parse({ batch: [1, [FRAMED]] }, false))).toBe('malformed')
    expect(refused(() => parse({ volatile: [FRAMED] }, false))).toBe('malformed')
  })

  test('a binary frame that no packet announced is malformed', () => {
    expect(refused(() => addFrame(undefined, bytes, LIMIT))).toBe('malformed')
    expect(refused(() => addFrame(parse({ batch: [1, [['a']]] }, true), bytes, LIMIT))).toBe(
      'malformed',
    )
  })

  test('is refused if it is too large', () => {
    const packet = parse({ batch: [1, [FRAMED]] }, true)
    expect(refused(() => addFrame(packet, new Uint8Array(MAX + 1), LIMIT))).toBe('too-large')
    expect(refused(() => addFrame(packet, new Uint8Array(MAX), LIMIT))).toBe('not refused')
  })
})
