/** The table of sizes in README.md: written from what was measured, and compared with it. */
const BEGIN = '<!-- written by `npm run size -- --write` -->\n'
const END = '<!-- end of sizes -->\n'

/** How far a figure may be from what is measured, for builds differ a little between versions of Node. */
const TOLERANCE = 0.01

/** All figures are of four digits or more, and no version of a package has a comma. */
const FIGURE = /\d{1,3}(?:,\d{3})+/g

const figure = (bytes) => bytes.toLocaleString('en-US')

/** `rows`: a title and what its client adds, by bundler. */
export function render({ rows, script }) {
  const bundlers = Object.keys(rows[0].added)
  const line = (cells) => `| ${cells.join(' | ')} |\n`
  return (
    line(['adds to an application', ...bundlers]) +
    line(['---', ...bundlers.map(() => '--:')]) +
    rows.map(({ title, added }) => line([title, ...Object.values(added).map(figure)])).join('') +
    `\n\`dist/rungs.js\`, for a script tag, has ${figure(script)} bytes.\n`
  )
}

function split(document) {
  const [before, rest] = document.split(BEGIN)
  const [table, after] = rest?.split(END) ?? []
  if (after === undefined) {
    throw new Error(`README.md needs the lines ${BEGIN.trim()} and ${END.trim()}, around the sizes`)
  }
  return { before, table, after }
}

/** The document with this table in place of the one that it has. */
export function replaceTable(document, table) {
  const { before, after } = split(document)
  return before + BEGIN + table + END + after
}

/** Whether the document says what was measured: the same words, and figures within the tolerance. */
export function isCurrent(document, measured) {
  const { table } = split(document)
  const numbers = (text) => (text.match(FIGURE) ?? []).map((found) => +found.replaceAll(',', ''))
  if (table.replace(FIGURE, '') !== measured.replace(FIGURE, '')) return false
  const written = numbers(table)
  return numbers(measured).every(
    (value, index) => Math.abs(written[index] - value) <= value * TOLERANCE,
  )
}
