import { describe, expect, test } from 'vitest'
import { refused } from '../../test/refused.ts'
import { decodeText, goodbyeIn, parsePacket, type Packet } from './parse.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const ATTACH = { version: 1, key: KEY, t: 3, want: 2 }
const LIMIT = { maxMessage: 1_000, maxBatch: 60_000 }

const parseText = (text: string): Packet => parsePacket(text, LIMIT)
const parse = (packet: unknown): Packet => parseText(JSON.stringify(packet))

/** Values of types that no field has. */
const NEVER = [null, true, {}, [], [[]], -1, 1.5, '', 'text', 2 ** 53, Infinity]
/** The same without those that a field takes. */
const but = (...fine: unknown[]): unknown[] => {
  const texts = fine.map((value) => JSON.stringify(value))
  return NEVER.filter((value) => !texts.includes(JSON.stringify(value)))
}

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
  ])('is malformed if it is %j', (text) => {
    expect(refused(() => parseText(text))).toBe('malformed')
  })

  test('may be empty', () => {
    expect(Object.entries(parse({})).filter(([, value]) => value)).toEqual([['containers', 1]])
  })

  test('may have unknown fields', () => {
    expect(parse({ future: [1], attach: { ...ATTACH, future: 1 } }).attach).toMatchObject(ATTACH)
  })

  test('is parsed with all of its fields', () => {
    const fields = {
      attach: {
        ...ATTACH,
        epoch: 'e',
        page: [1, 'holder'],
        token: 'secret',
        heartbeat: 1_000,
        maxBatch: 1_000,
        pad: 2_048,
        url: '/chat?room=1',
        protocols: ['chat.v2', 'chat.v1'],
        meta: { device: 'phone' },
        features: ['a', 'b'],
      },
      ack: [5, 'tag', 1_000],
      answer: 'now',
      accepted: 4,
      within: 500,
      stream: 'sse',
      token: 'new',
      bye: [10, 1000, 'reason'],
    }
    expect(
      parse({ ...fields, hello: 1, probe: 1, batch: [1, [['a']]], volatile: [['v']] }),
    ).toEqual({
      ...fields,
      hello: true,
      probe: true,
      batch: { first: 1, entries: [{ data: 'a', recipients: undefined }] },
      volatile: [{ data: 'v', recipients: undefined }],
      announcesFrame: false,
      containers: 13,
    })
  })
})

/** Values that a field cannot have. */
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
    [1, '', -1],
    [1, '', 1.5],
    [1, '', '0'],
    [1, '', 0, 0],
    [1.5, ''],
    [2 ** 53, ''],
    [1, 'x'.repeat(65)],
  ],
  answer: [...but(), 'later'],
  accepted: [...but(), '1'],
  hello: [...but(), 0, 2, '1'],
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
  heartbeat: [...but(), 0, 999, '1000'],
  maxBatch: [...but(), 0, 999, '1000'],
  pad: [...but(), 0, -1, '1'],
  url: [...but('text'), 'x'.repeat(2_049)],
  protocols: [...but([]), [''], [1], ['x'.repeat(65)], Array.from({ length: 17 }, () => 'x')],
  features: [...but([]), [''], [1], ['x'.repeat(65)], Array.from({ length: 33 }, () => 'x')],
  meta: ['x'.repeat(4_095), { a: ['x'.repeat(4_096)] }],
}

const wrong = Object.entries(WRONG).flatMap(([field, values]) =>
  values.map((value) => [field, value] as const),
)
const ofAttach = [
  'key',
  'epoch',
  't',
  'want',
  'page',
  'token',
  'heartbeat',
  'maxBatch',
  'pad',
  'url',
  'protocols',
  'features',
  'meta',
]

test.each(wrong)('the field %s cannot be %j', (field, value) => {
  const packet = ofAttach.includes(field)
    ? { attach: { ...ATTACH, [field]: value } }
    : { [field]: value }
  expect(refused(() => parse(packet))).toBe('malformed')
})

test.each([0, 2, '1', null, undefined, [1]])(
  'an attach of version %j is refused, whatever else is in it',
  (version) => {
    expect(refused(() => parse({ attach: { ...ATTACH, version, key: 7 } }))).toBe(
      'unsupported-version',
    )
  },
)

test('a new token is a text of up to 8,192 characters', () => {
  expect(parse({ token: 'x'.repeat(8_192) }).token).toHaveLength(8_192)
  for (const token of [...but('', 'text'), 'x'.repeat(8_193)]) {
    expect(
      refused(() => parse({ token })),
      JSON.stringify(token),
    ).toBe('malformed')
  }
})

test('the goodbye of a packet that was refused is found, if the packet can be read', () => {
  expect(goodbyeIn('{"batch":"wrong","bye":[0,4000,"see you"]}', LIMIT)).toEqual([
    0,
    4_000,
    'see you',
  ])
  for (const text of ['{"bye":[61]}', '{"batch":"wrong"}', '[{"bye":[0]}]', '{"bye":[0]', 'null']) {
    expect(goodbyeIn(text, LIMIT), text).toBeUndefined()
  }
})

test('a text that is not UTF-8 is malformed', () => {
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

test('a packet has as many arrays and objects as real messages need, and is not parsed if it has more', () => {
  const listOf = (count: number): string => `{"a":[${'{},'.repeat(count - 3)}{}]}`
  expect(parseText(listOf(100_000)).containers).toBe(100_000)
  expect(refused(() => parseText(listOf(100_001)))).toBe('malformed')
  // Where messages or packets may be large, there may be more.
  for (const limits of [{ maxMessage: 1_000_010 }, { maxBatch: 400_004 }]) {
    expect(parsePacket(listOf(100_001), { ...LIMIT, ...limits }).containers).toBe(100_001)
  }
})
