/** Wrong values of the fields of packets, as JSON texts (PROTOCOL.md 4.2, 4.4). */

const quoted = (text: string): string => JSON.stringify(text)

/** What is no number of the protocol. */
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

/** Wrong lists of texts that have 1 to 64 characters. */
const wrongNames = (most: number): readonly string[] => [
  ...NOT_LISTS,
  '[1]',
  '[null]',
  '[""]',
  '[["a"]]',
  `[${quoted('x'.repeat(65))}]`,
  JSON.stringify(Array.from({ length: most + 1 }, (_, n) => `n${n}`)),
]

/** Of `attach`. */
export const WRONG_IN_ATTACH: { readonly [field: string]: readonly string[] } = {
  key: [
    ...NOT_TEXTS,
    quoted(''),
    quoted('0'.repeat(15)),
    quoted('0'.repeat(65)),
    quoted('A'.repeat(32)),
    quoted('-'.repeat(32)),
    quoted(`${'0'.repeat(16)},`),
    quoted(`${'0'.repeat(31)}\n`),
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
  heartbeat: [...NOT_NUMBERS, '0', '999'],
  maxBatch: [...NOT_NUMBERS, '0', '999'],
  pad: [...NOT_NUMBERS, '0'],
  url: [...NOT_TEXTS, quoted(''), quoted('x'.repeat(2_049))],
  protocols: wrongNames(16),
  meta: [quoted('x'.repeat(4_095)), JSON.stringify([['x'.repeat(4_091)]])],
  features: wrongNames(32),
}

/** Of a message's data, recipients and kind, in whichever list. */
const WRONG_ENTRIES = [
  ...NOT_LISTS,
  '[1]',
  '["x"]',
  '[null]',
  '[{"0":"x","length":1}]',
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
  '[["x",0,16]]',
  '[["x",0,17]]',
  '[["x",0,null]]',
  '[["x",0,0.5]]',
  '[[1,0,1]]',
  '[["?",0,1]]',
  '[["AQI",0,1]]',
  '[["AQI=AQI=",0,1]]',
  '[["AQ-_",0,1]]',
  '[["AQ\\n=",0,1]]',
  '[["AQ==",0,1,0,1]]',
  '[["x"],[],["y"]]',
]

const LONG = quoted('x'.repeat(200))

/** Of parts, in a batch of one message. */
const WRONG_PARTS = [
  `[[${LONG},0,8,0]]`,
  `[[${LONG},0,8,0,1000,0]]`,
  `[[${LONG},0,0,0,1000]]`,
  `[[${LONG},0,8,0,0]]`,
  `[[${LONG},0,8,0,199]]`,
  `[[${LONG},0,8,-1,1000]]`,
  `[[${LONG},0,8,0.5,1000]]`,
  `[[${LONG},0,8,"0",1000]]`,
  `[[${LONG},0,8,0,"1000"]]`,
  `[[${LONG},0,8,0,null]]`,
  `[[${LONG},0,10,0,1000]]`,
  `[[${LONG},0,24,0,1000]]`,
  `[["",0,8,0,1000]]`,
  `[[${quoted('x'.repeat(127))},0,8,0,1000]]`,
  `[[["x"],0,8,0,1000]]`,
  `[[1,0,8,0,1000]]`,
  `[["?",0,9,0,1000]]`,
  `[[${LONG},0,8,0,1000],["after"]]`,
]

/** Of a packet. */
export const WRONG_IN_PACKET: { readonly [field: string]: readonly string[] } = {
  attach: ['1', 'true', 'null', '[]', '"attach"', '[{}]'],
  ack: [
    ...NOT_LISTS,
    '[]',
    '[0]',
    '[0,"",0,0]',
    '[0,"",""]',
    '[0,"",null]',
    '[0,"",-1]',
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
    ...[...WRONG_ENTRIES, ...WRONG_PARTS].map((entries) => `[1,${entries}]`),
  ],
  volatile: [...WRONG_ENTRIES, ...WRONG_PARTS, `[[${LONG},0,8,0,1000]]`, `[[${LONG},0,8,0,200]]`],
  answer: [...NOT_TEXTS, '""', '"later"', '"__proto__"', '"NOW"'],
  hello: ['0', '2', ...NOT_NUMBERS],
  accepted: NOT_NUMBERS,
  within: ['0', ...NOT_NUMBERS],
  probe: ['0', '2', ...NOT_NUMBERS],
  stream: [...NOT_TEXTS, '""', '"websocket"', '"long-poll"', '"toString"'],
  token: [...NOT_TEXTS, quoted('x'.repeat(8_193))],
  bye: [
    ...NOT_LISTS,
    '[]',
    '[61]',
    '[0,65536]',
    '[0,"1"]',
    '[0,0,1]',
    '[0,0,"",0]',
    `[0,0,${quoted('x'.repeat(257))}]`,
    ...NOT_NUMBERS.map((number) => `[${number}]`),
  ],
}

/** JSON text of fields, in which one is what the text says. */
export function replaceField(fields: object, field: string, text: string): string {
  const others = Object.entries(fields).filter(
    ([name, value]) => name !== field && value !== undefined,
  )
  const texts = others.map(([name, value]) => `${quoted(name)}:${JSON.stringify(value)}`)
  return `{${[...texts, `${quoted(field)}:${text}`].join()}}`
}
