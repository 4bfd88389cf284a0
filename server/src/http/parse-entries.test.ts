import { describe, expect, test } from 'vitest'
import { refused } from '../../test/refused.ts'
import { addFrame, parsePacket, type Packet } from './parse.ts'

const MAX = 1_000
const LIMIT = { maxMessage: MAX }

const parse = (packet: unknown, mayAnnounceFrame = false): Packet =>
  parsePacket(JSON.stringify(packet), LIMIT, { mayAnnounceFrame })
const parseText = (text: string): Packet => parsePacket(text, LIMIT)

describe('an entry', () => {
  const entry = (...fields: unknown[]): Packet => parse({ batch: [1, [fields]] })

  test.each([null, true, 0, -1.5, '', 'text', [], {}, [[['deep']]], { a: { b: 1 } }])(
    'may have the data %j',
    (data) => {
      expect(entry(data).batch!.messages).toEqual([{ data, recipients: undefined }])
    },
  )

  test.each([[[]], [[1, 0, 0, 0]], ['a'], [null], [{ 0: 'a', length: 1 }]])(
    'cannot be %j',
    (fields) => {
      expect(refused(() => parse({ batch: [1, [fields]] }))).toBe('malformed')
      expect(refused(() => parse({ volatile: [fields] }))).toBe('malformed')
    },
  )

  test('may name 1 to 100 recipients', () => {
    const users = Array.from({ length: 100 }, (_, i) => `user ${i}`)
    expect(entry('a', users).batch!.messages[0]!.recipients).toEqual(users)
    expect(entry('a', 0).batch!.messages[0]!.recipients).toBeUndefined()
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
    expect(entry('AQID', 0, 1).batch!.messages[0]!.data).toEqual(new Uint8Array([1, 2, 3]))
    expect(entry('', 0, 1).batch!.messages[0]!.data).toEqual(new Uint8Array(0))
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
      .messages
    expect(JSON.stringify(message!.data)).toBe(text)
    expect(parseText('{"__proto__":{"answer":"now"}}').answer).toBeUndefined()
    expect(parseText('{"constructor":{"prototype":{"answer":"now"}}}').answer).toBeUndefined()
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

test.each(['batch', 'volatile'])('the field %s has up to 20,000 entries', (field) => {
  const parseMany = (count: number): Packet => {
    const entries = Array.from({ length: count }, () => [0])
    return parse({ [field]: field === 'batch' ? [1, entries] : entries })
  }
  const packet = parseMany(20_000)
  expect(packet.batch?.messages ?? packet.volatile).toHaveLength(20_000)
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
        messages: [
          { data: 'a', recipients: undefined },
          { data: bytes, recipients: ['bob'] },
        ],
      },
    })
  })

  test('has the data of the last volatile message, if there are any', () => {
    const packet = parse({ batch: [1, [['a']]], volatile: [['b'], FRAMED] }, true)
    const { batch, volatile } = addFrame(packet, bytes, LIMIT)
    expect([batch!.messages.length, volatile!.map(({ data }) => data)]).toEqual([1, ['b', bytes]])
  })

  test('is copied out of the buffer that it came in', () => {
    const read = Buffer.from([9, 1, 2, 3, 9])
    const packet = addFrame(parse({ batch: [1, [FRAMED]] }, true), read.subarray(1, 4), LIMIT)
    read.fill(0)
    const data = packet.batch!.messages[0]!.data as Uint8Array
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

  test('that no packet announced is malformed', () => {
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
