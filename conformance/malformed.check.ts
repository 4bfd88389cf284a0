/** What no client should send. Each is refused as the table says, changes nothing, and harms nobody else. */
import { expect } from 'vitest'
import { Client, newSession, openSocket } from './client.ts'
import { expectClosed, expectRefused, prove } from './prove.ts'
import { ask, post } from './wire.ts'

const REFUSED =
  'What a server cannot read as described here, it refuses with `malformed`, and nothing of the packet is processed.'

/** What is no number of the protocol, as JSON text. */
const NOT_NUMBERS = [
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '9007199254740992',
  '1e16',
  '"1"',
  'true',
  'null',
  '[1]',
  '{}',
]
const NOT_TEXTS = ['1', 'true', 'null', '[]', '{}', '["a"]']
const NOT_LISTS = ['1', '"a"', 'true', 'null', '{}', '{"0":1,"1":[["x"]],"length":2}']

const quoted = (text: string): string => JSON.stringify(text)

/** Wrong values of each field of `attach`. */
const ATTACH: { readonly [field: string]: readonly string[] } = {
  key: [
    ...NOT_TEXTS,
    quoted(''),
    quoted('0'.repeat(15)),
    quoted('0'.repeat(65)),
    quoted('A'.repeat(32)),
    quoted('-'.repeat(32)),
    quoted('0'.repeat(31) + '\n'),
    quoted('é'.repeat(32)),
    quoted('__proto__'),
  ],
  epoch: [...NOT_TEXTS, quoted(''), quoted('x'.repeat(65))],
  t: [...NOT_NUMBERS, '0'],
  want: [...NOT_NUMBERS, '0', '1000'],
  page: [
    ...NOT_LISTS,
    '[]',
    '[1]',
    '[0,""]',
    '[1,"a","b"]',
    '[-1,"a"]',
    '[0.5,"a"]',
    '["0","a"]',
    '[1,2]',
    `[1,${quoted('x'.repeat(65))}]`,
  ],
  token: [...NOT_TEXTS, quoted('x'.repeat(8_193))],
}

const ENTRIES = [
  ...NOT_LISTS,
  '[1]',
  '["x"]',
  '[null]',
  '[[]]',
  '[["x",0,0,0]]',
  '[["x",1]]',
  '[["x","alice"]]',
  '[["x",null]]',
  '[["x",[]]]',
  '[["x",[""]]]',
  '[["x",[1]]]',
  '[["x",["a",null]]]',
  `[["x",[${quoted('x'.repeat(257))}]]]`,
  `[["x",${JSON.stringify(Array.from({ length: 101 }, (_, n) => `u${n}`))}]]`,
  `[${'[0],'.repeat(20_000)}[0]]`,
  '[["x",0,"1"]]',
  '[["x",0,-1]]',
  '[["x",0,2]]',
  '[["x",0,3]]',
  '[["x",0,4]]',
  '[["x",0,8]]',
  '[["x",0,null]]',
  '[[1,0,1]]',
  '[["?",0,1]]',
  '[["AQI",0,1]]',
  '[["AQI=AQI=",0,1]]',
  '[["AQ-_",0,1]]',
  '[["AQ\\n=",0,1]]',
]

/** Wrong values of each field of a packet. */
const PACKET: { readonly [field: string]: readonly string[] } = {
  attach: ['1', 'true', 'null', '[]', '"attach"', '[{}]'],
  ack: [
    ...NOT_LISTS,
    '[]',
    '[0]',
    '[0,"",0]',
    ...NOT_NUMBERS.map((number) => `[${number},""]`),
    '[0,0]',
    '[0,null]',
    `[0,${quoted('x'.repeat(65))}]`,
  ],
  batch: [
    ...NOT_LISTS,
    '[]',
    '[1]',
    '[1,[]]',
    '[0,[["x"]]]',
    '[1,[["x"]],2]',
    '[9007199254740991,[["x"],["y"]]]',
    ...NOT_NUMBERS.map((number) => `[${number},[["x"]]]`),
    ...ENTRIES.map((entries) => `[1,${entries}]`),
  ],
  volatile: ENTRIES,
  answer: [...NOT_TEXTS, '""', '"later"', '"__proto__"', '"NOW"'],
  accepted: NOT_NUMBERS,
  within: ['0', ...NOT_NUMBERS],
  probe: ['0', '2', ...NOT_NUMBERS],
  stream: [...NOT_TEXTS, '""', '"websocket"', '"long-poll"', '"toString"'],
  bye: [
    ...NOT_LISTS,
    '[]',
    '[61]',
    '[0,65536]',
    '[0,"1"]',
    '[0,0,1]',
    `[0,0,${quoted('x'.repeat(257))}]`,
    ...NOT_NUMBERS.map((number) => `[${number}]`),
  ],
}

/** JSON text of an attach, or of a packet with it, in which one field is what the text says. */
function replace(fields: object, field: string, text: string): string {
  const others = Object.entries(fields).filter(
    ([name, value]) => name !== field && value !== undefined,
  )
  const texts = others.map(([name, value]) => `${quoted(name)}:${JSON.stringify(value)}`)
  return `{${[...texts, `${quoted(field)}:${text}`].join()}}`
}

for (const [field, wrong] of Object.entries(ATTACH)) {
  prove(
    '4.1',
    REFUSED,
    async () => {
      const client = await newSession()
      for (const text of wrong) {
        const attach = replace(client.attach({ epoch: undefined }), field, text)
        const answer = await post(`{"attach":${attach},"batch":[1,[["x"]]],"bye":[0]}`)
        const what = text.slice(0, 100)
        expect([what, answer.status, answer.packet.end?.[0]]).toEqual([what, 400, 'malformed'])
      }
      expect((await client.exchange()).packet.ack!.slice(1)).toEqual([0, 0, 0])
    },
    { with: `attach.${field}, ${wrong.length} values` },
  )
}

for (const [field, wrong] of Object.entries(PACKET)) {
  prove(
    '4.1',
    REFUSED,
    async () => {
      const client = await newSession()
      for (const text of wrong) {
        const fields = {
          attach: client.attach(),
          ...(field === 'batch' ? {} : { batch: [1, [['x']]] }),
        }
        const answer = await post(replace(fields, field, text))
        const what = text.slice(0, 100)
        expect([what, answer.status, answer.packet.end?.[0]]).toEqual([what, 400, 'malformed'])
      }
      expect((await client.exchange()).packet.ack!.slice(1)).toEqual([0, 0, 0])
    },
    { with: `${field}, ${wrong.length} values` },
  )

  prove(
    '4.1',
    REFUSED,
    async () => {
      const client = await newSession()
      // Each costs a WebSocket: the first and the last few of a list are as good as all.
      for (const text of [...wrong.slice(0, 3), ...wrong.slice(-3)]) {
        const socket = await client.socket()
        socket.sendRaw(replace(field === 'batch' ? {} : { batch: [1, [['x']]] }, field, text))
        await expectClosed(socket, 'malformed')
      }
      expect((await client.exchange()).packet.ack!.slice(1)).toEqual([0, 0, 0])
    },
    { with: `${field} in a frame` },
  )
}

const NOT_PACKETS = [
  '',
  ' ',
  '{',
  'attach',
  'null',
  '1',
  '"{}"',
  '[]',
  '{}',
  '{"batch":[1,[["x"]]]}',
  "{'a':1}",
  '{"a":1,}',
  '{"a":NaN}',
  '{}{}',
]

prove(
  '3.2',
  'A body that is not UTF-8, or not the JSON text of a packet with `attach`, is refused with `malformed`.',
  async () => {
    for (const text of NOT_PACKETS) expectRefused(await post(text), 'malformed')
  },
  { with: 'not a packet' },
)

prove(
  '3.2',
  'A body that is not UTF-8, or not the JSON text of a packet with `attach`, is refused with `malformed`.',
  async () => {
    const client = await newSession()
    for (const bytes of [
      [0xff],
      [0xc3, 0x28],
      [0xed, 0xa0, 0x80],
      [0xc0, 0xaf],
      [0xf5, 0x80, 0x80, 0x80],
      [0xe2, 0x82],
    ]) {
      const [before, after] = JSON.stringify({
        attach: client.attach(),
        batch: [1, [['x?']]],
      }).split('?')
      const body = Buffer.concat([Buffer.from(before!), Buffer.from(bytes), Buffer.from(after!)])
      expectRefused(await post(body), 'malformed')
    }
    const utf16 = Buffer.from(JSON.stringify({ attach: client.attach() }), 'utf16le')
    expectRefused(await post(utf16), 'malformed')
    expect((await client.exchange()).packet.ack!.slice(1)).toEqual([0, 0, 0])
  },
  { with: 'not UTF-8' },
)

prove('4.1', 'All numbers are integers from 0 to 2^53 − 1, written without fraction.', async () => {
  const client = await newSession()
  const most = Number.MAX_SAFE_INTEGER
  expect((await client.exchange({ accepted: most }, { t: most })).status).toBe(200)
  expectRefused(await client.exchange({}, { t: most + 1 }), 'malformed')
})

prove('4.1', '`null` is not the same as an absent field.', async () => {
  const client = await newSession()
  for (const fields of [{ ack: null }, { batch: null }, { answer: null }, { bye: null }]) {
    expectRefused(await client.exchange(fields), 'malformed')
  }
  expectRefused(await client.exchange({}, { epoch: null }), 'malformed')
})

prove(
  '3.1',
  'Anything else below the path is refused with `not-found`.',
  async () => {
    const client = new Client()
    const body = JSON.stringify({ attach: client.attach() })
    for (const below of ['/x', '/sse2', '//', '/bridge/x']) {
      const answer = await ask('POST', below, {}, body)
      expect(answer.status).toBe(404)
    }
    const socket = await openSocket()
    socket.send({ attach: client.attach({ epoch: 'any' }) })
    await expectClosed(socket, 'gone')
  },
  { with: 'they make no session' },
)
