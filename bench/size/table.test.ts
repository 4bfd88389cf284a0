import { expect, test } from 'vitest'
import { BYTES, SCRIPT, SHARE, judge } from './budgets.mjs'
import { isCurrent, render, replaceTable } from './table.mjs'

const added = { Vite: 6_000, esbuild: 7_000 }
const table = render({ rows: [{ title: '`rungs`', added }], script: 8_000 })
const document = replaceTable(
  '# Sizes\n<!-- written by `npm run size -- --write` -->\nold\n<!-- end of sizes -->\nMore.\n',
  table,
)

test('the table has a row for each client and a column for each bundler', () => {
  expect(table).toBe(
    '| adds to an application | Vite | esbuild |\n| --- | --: | --: |\n| `rungs` | 6,000 | 7,000 |\n' +
      '\n`dist/rungs.js`, for a script tag, has 8,000 bytes.\n',
  )
})

test('the table takes the place of the old one, and nothing else changes', () => {
  expect(document).toBe(
    `# Sizes\n<!-- written by \`npm run size -- --write\` -->\n${table}<!-- end of sizes -->\nMore.\n`,
  )
})

test.each([
  ['the same figures', 6_000, true],
  ['1 % more', 6_060, true],
  ['more than that', 6_130, false],
  ['less than that', 5_870, false],
])('a document is current with %s: %i bytes, %s', (_, bytes, current) => {
  const measured = render({
    rows: [{ title: '`rungs`', added: { ...added, Vite: bytes } }],
    script: 8_000,
  })
  expect(isCurrent(document, measured)).toBe(current)
})

test('a document is not current with another client, or a client less', () => {
  const row = { title: '`rungs`', added }
  expect(
    isCurrent(document, render({ rows: [{ ...row, title: 'peer 1.2.3' }], script: 8_000 })),
  ).toBe(false)
  expect(isCurrent(document, render({ rows: [row, row], script: 8_000 }))).toBe(false)
})

test('a document without a place for the table is an error that names it', () => {
  expect(() => isCurrent('# Sizes\n', table)).toThrow('end of sizes')
})

/** Sizes that are exactly at their budgets. */
const allowed = {
  added: {
    rungs: { Vite: BYTES.rungs },
    'rungs-core-websocket': { Vite: BYTES['rungs-core-websocket'] },
    'rungs-diagnose': { Vite: BYTES['rungs-diagnose'] },
    'socket.io-client': { Vite: Math.ceil(BYTES.rungs / SHARE) },
  },
  script: SCRIPT,
}
const broken = (measured: typeof allowed): string[] =>
  judge(measured)
    .filter(({ ok }) => !ok)
    .map(({ what }) => what)

test('what is at its budget passes', () => {
  expect(broken(allowed)).toEqual([])
})

test('a byte more than a budget fails, and so does more than the share of socket.io-client', () => {
  const { added: sizes } = allowed
  expect(broken({ ...allowed, script: SCRIPT + 1 })).toEqual(['dist/rungs.js, bytes'])
  expect(
    broken({
      ...allowed,
      added: { ...sizes, 'rungs-core-websocket': { Vite: BYTES['rungs-core-websocket'] + 1 } },
    }),
  ).toEqual(['rungs-core-websocket with Vite, bytes'])
  const smaller = { Vite: BYTES.rungs / SHARE - 100 }
  expect(broken({ ...allowed, added: { ...sizes, 'socket.io-client': smaller } })).toEqual([
    'rungs with Vite, of what socket.io-client adds',
  ])
})
