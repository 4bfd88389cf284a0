import { describe, expect, test } from 'vitest'
import { refused } from '../../test/refused.ts'
import { decodeText, parsePacket, type Packet } from './parse.ts'

const KEY = '0123456789abcdef0123456789abcdef'
const ATTACH = { version: 1, key: KEY, t: 3, want: 2 }
const LIMIT = { maxMessage: 1_000 }

const parseText = (text: string): Packet => parsePacket(text, LIMIT)
const parse = (packet: unknown): Packet => parseText(JSON.stringify(packet))

/** Values of types that no field has. */
const NEVER = [null, true, {}, [], [[]], -1, 1.5, '', 'text', 2 ** 53, Infinity]
/** The same without those that a field takes. */
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
  ])('is malformed if it is %j', (text) => {
    expect(refused(() => parseText(text))).toBe('malformed')
  })

  test('may be empty', () => {
    expect(Object.values(parse({})).filter((value) => value)).toEqual([])
  })

  test('may have unknown fields', () => {
    expect(parse({ future: [1], attach: { ...ATTACH, future: 1 } }).attach).toMatchObject(ATTACH)
  })

  test('is parsed with all of its fields', () => {
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

test('an exchange that waits can neither ask for a ticket nor say goodbye', () => {
  expect(refused(() => parse({ answer: 'wait', stream: 'sse' }))).toBe('malformed')
  expect(refused(() => parse({ answer: 'wait', bye: [0] }))).toBe('malformed')
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
