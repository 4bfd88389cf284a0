import { describe, expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { addFrame, decodeText, parsePacket, type Packet } from './parse.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const ATTACH = { version: 1, key: KEY, t: 3, want: 2 }
const MAX = 1_000
const LIMIT = { maxMessage: MAX }

const parse = (packet: unknown, mayAnnounceFrame = false): Packet =>
  parsePacket(JSON.stringify(packet), LIMIT, { mayAnnounceFrame })
const parseText = (text: string): Packet => parsePacket(text, LIMIT)

/** The type of the refusal of a packet. */
function refused(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error.end.type
    throw error
  }
  return 'not refused'
}

/** Of no type that any field has. */
const NEVER = [null, true, {}, [], [[]], -1, 1.5, '', 'text', 2 ** 53, Infinity]
/** The values of a list that are not among those that the field takes. */
const but = (...fine: unknown[]): unknown[] => NEVER.filter((value) => !fine.includes(value))

describe('a packet', () => {
  test.each([
    '',
    ' ',
    '{',
    '{}{}',
    'null',
    '7',
    '"text"',
    '[]',
    '[{}]',
    'undefined',
    '{"a":1,}',
    '\ufeff{}',
    "{'a':1}",
  ])('that is %j is malformed', (text) => {
    expect(refused(() => parseText(text))).toBe('malformed')
  })

  test('with nothing in it is one', () => {
    expect(Object.values(parse({})).filter((value) => value)).toEqual([])
  })

  test('may have fields that are not known here', () => {
    expect(parse({ future: [1], attach: { ...ATTACH, future: 1 } }).attach).toMatchObject(ATTACH)
  })

  test('of all fields comes out as it went in', () => {
    const fields = {
      attach: { ...ATTACH, epoch: 'e', page: [1, 'holder'], token: 'secret' },
      ack: [5, 'tag'],
      answer: 'now',
      accepted: 4,
      within: 500,
      stream: 'sse',
      bye: [10, 1000, 'reason'],
    }
    expect(parse({ ...fields, probe: 1, batch: [1, [['a']]], volatile: [['v']] })).toEqual({
      ...fields,
      probe: true,
      batch: { first: 1, messages: [{ data: 'a', recipients: undefined }] },
      volatile: [{ data: 'v', recipients: undefined }],
      announcesFrame: false,
    })
  })
})

/** What each field cannot be. */
const WRONG: { readonly [field: string]: readonly unknown[] } = {
  attach: [null, true, 1, 'text', [], [ATTACH]],
  key: [
    ...but(),
    undefined,
    KEY.toUpperCase(),
    '0'.repeat(15),
    '0'.repeat(65),
    KEY.replace('0', '-'),
    KEY + '\n',
  ],
  epoch: [...but('text'), 'x'.repeat(65)],
  t: [...but(), undefined, 0, '3'],
  want: [...but(), undefined, 0, 4],
  page: [...but(), [1], [1, ''], [-1, 'a'], [1, 2], ['1', 'a'], [1, 'a', 2], [1, 'x'.repeat(65)]],
  token: [...but('', 'text'), 'x'.repeat(8_193)],
  ack: [
    ...but(),
    [1],
    [1, 2],
    ['1', ''],
    [-1, ''],
    [1, '', 0],
    [1.5, ''],
    [2 ** 53, ''],
    [1, 'x'.repeat(65)],
  ],
  answer: [...but(), 'later'],
  accepted: [...but(), '1'],
  probe: [...but(), 0, 2, '1'],
  within: [...but(), 0, '1'],
  stream: [...but(), 'websocket', 'long-poll'],
  bye: [
    ...but(),
    [-1],
    [61],
    ['1'],
    [1, -1],
    [1, 65_536],
    [1, '1'],
    [1, 1, 2],
    [1, 1, 'x'.repeat(257)],
  ],
  batch: [
    ...but(),
    [1],
    [0, [['a']]],
    [-1, [['a']]],
    ['1', [['a']]],
    [1.5, [['a']]],
    [2 ** 53, [['a']]],
    [2 ** 53 - 1, [['a']]],
    [1, []],
    [1, {}],
    [1, 'a'],
    [1, null],
    [1, [['a']], 2],
  ],
  volatile: [null, true, 1, 'text', {}, [1], ['a'], [null]],
}

const wrong = Object.entries(WRONG).flatMap(([field, values]) =>
  values.map((value) => [field, value] as const),
)
const ofAttach = ['key', 'epoch', 't', 'want', 'page', 'token']

test.each(wrong)('%s cannot be %j', (field, value) => {
  const packet = ofAttach.includes(field)
    ? { attach: { ...ATTACH, [field]: value } }
    : { [field]: value }
  expect(refused(() => parse(packet))).toBe('malformed')
})

test.each([0, 2, '1', null, undefined, [1]])(
  'version %j is not spoken, whatever else is in the attach',
  (version) => {
    expect(refused(() => parse({ attach: { ...ATTACH, version, key: 7 } }))).toBe(
      'unsupported-version',
    )
  },
)

test('neither a ticket nor a goodbye can be waited for', () => {
  expect(refused(() => parse({ answer: 'wait', stream: 'sse' }))).toBe('malformed')
  expect(refused(() => parse({ answer: 'wait', bye: [0] }))).toBe('malformed')
})

describe('an entry', () => {
  const entry = (...fields: unknown[]): Packet => parse({ batch: [1, [fields]] })

  test.each([null, true, 0, -1.5, '', 'text', [], {}, [[['deep']]], { a: { b: 1 } }])(
    'may be %j',
    (data) => {
      expect(entry(data).batch!.messages).toEqual([{ data, recipients: undefined }])
    },
  )

  test.each([[[]], [[1, 0, 0, 0]], ['a'], [null], [{ 0: 'a', length: 1 }]])(
    'is not %j',
    (fields) => {
      expect(refused(() => parse({ batch: [1, [fields]] }))).toBe('malformed')
      expect(refused(() => parse({ volatile: [fields] }))).toBe('malformed')
    },
  )

  test('may be for 1 to 100 users', () => {
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
    'is of no kind %j in an exchange',
    (kind) => {
      expect(refused(() => entry('AQID', 0, kind))).toBe('malformed')
    },
  )

  test('of bytes is base64, with padding', () => {
    expect(entry('AQID', 0, 1).batch!.messages[0]!.data).toEqual(new Uint8Array([1, 2, 3]))
    expect(entry('', 0, 1).batch!.messages[0]!.data).toEqual(new Uint8Array(0))
    for (const data of ['AQI', 'A===', 'AQ=D', 'AQ-_', 'AQ ID', 'A\nID', 7, null, ['AQID'], '=']) {
      expect(
        refused(() => entry(data, 0, 1)),
        JSON.stringify(data),
      ).toBe('malformed')
    }
  })

  test('can be so deep that nobody writes it again', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(refused(() => parseText(`{"batch":[1,[[${deep}]]]}`))).toBe('malformed')
  })

  test('keeps names that JavaScript has a meaning for', () => {
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

test.each(['batch', 'volatile'])(
  '%s has so many entries as a packet of usual size can',
  (field) => {
    const parseMany = (count: number): Packet => {
      const entries = Array.from({ length: count }, () => [0])
      return parse({ [field]: field === 'batch' ? [1, entries] : entries })
    }
    const packet = parseMany(20_000)
    expect(packet.batch?.messages ?? packet.volatile).toHaveLength(20_000)
    expect(refused(() => parseMany(20_001))).toBe('malformed')
  },
)

describe('the largest message', () => {
  const size = (data: unknown, kind = 0): string =>
    refused(() => parse({ batch: [1, [[data, 0, kind]]] }))

  test.each([
    ['a text', 'x'.repeat(MAX), 'x'.repeat(MAX + 1)],
    ['a text of characters of three bytes', '\u4e00'.repeat(333), '\u4e00'.repeat(334)],
    ['a text that is escaped', '\u0001'.repeat(MAX), '\u0001'.repeat(MAX + 1)],
    ['a JSON value', ['x'.repeat(MAX - 4)], ['x'.repeat(MAX - 3)]],
  ])('is measured before encoding: %s', (_, fits, tooLarge) => {
    expect(size(fits)).toBe('not refused')
    expect(size(tooLarge)).toBe('too-large')
    // Many that fit are none that does not.
    expect(refused(() => parse({ volatile: [[fits], [fits], [fits]] }))).toBe('not refused')
    expect(refused(() => parse({ volatile: [[fits], [tooLarge]] }))).toBe('too-large')
  })

  test('of bytes', () => {
    expect(size(Buffer.alloc(MAX).toString('base64'), 1)).toBe('not refused')
    expect(size(Buffer.alloc(MAX + 1).toString('base64'), 1)).toBe('too-large')
  })
})

describe('a binary frame', () => {
  const bytes = new Uint8Array([1, 2, 3])
  const FRAMED = [0, 0, 5]

  test('is the last message of the packet before it', () => {
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

  test('is the last volatile one, if there are any', () => {
    const packet = parse({ batch: [1, [['a']]], volatile: [['b'], FRAMED] }, true)
    const { batch, volatile } = addFrame(packet, bytes, LIMIT)
    expect([batch!.messages.length, volatile!.map(({ data }) => data)]).toEqual([1, ['b', bytes]])
  })

  test('is copied: what it came in is used again, and larger', () => {
    const read = Buffer.from([9, 1, 2, 3, 9])
    const packet = addFrame(parse({ batch: [1, [FRAMED]] }, true), read.subarray(1, 4), LIMIT)
    read.fill(0)
    const data = packet.batch!.messages[0]!.data as Uint8Array
    expect(data).toEqual(bytes)
    expect([data.constructor, data.buffer.byteLength]).toEqual([Uint8Array, 3])
  })

  test('can only be announced by the last entry', () => {
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

  test('is not announced where none can follow', () => {
    expect(refused(() => parse({ batch: [1, [FRAMED]] }, false))).toBe('malformed')
    expect(refused(() => parse({ volatile: [FRAMED] }, false))).toBe('malformed')
  })

  test('that nobody announced is malformed', () => {
    expect(refused(() => addFrame(undefined, bytes, LIMIT))).toBe('malformed')
    expect(refused(() => addFrame(parse({ batch: [1, [['a']]] }, true), bytes, LIMIT))).toBe(
      'malformed',
    )
  })

  test('can be too large', () => {
    const packet = parse({ batch: [1, [FRAMED]] }, true)
    expect(refused(() => addFrame(packet, new Uint8Array(MAX + 1), LIMIT))).toBe('too-large')
    expect(refused(() => addFrame(packet, new Uint8Array(MAX), LIMIT))).toBe('not refused')
  })
})

test('a text is UTF-8, or nothing', () => {
  expect(decodeText(Buffer.from('grüße 😀'))).toBe('grüße 😀')
  for (const bytes of [
    [0xff],
    [0xc3, 0x28],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x98],
    [0xc0, 0xaf],
  ]) {
    expect(refused(() => decodeText(new Uint8Array(bytes)))).toBe('malformed')
  }
})

test('a refusal does not say what was sent', () => {
  const secret = 'x'.repeat(31) + 'Z'
  expect(() => parse({ attach: { ...ATTACH, key: secret } })).toThrow(
    expect.not.stringContaining('Z'),
  )
})
