/** Results for people: one line each, figures in columns. */

export function verdict({ ratio, least, most }) {
  if (least === undefined && most === undefined) return undefined
  return (least === undefined || ratio >= least) && (most === undefined || ratio <= most)
}

const number = (value) =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 })

function cells(row) {
  const { what, value, unit, cpu, ratio, least, most } = row
  const passed = verdict(row)
  return [
    what,
    number(value),
    unit,
    cpu === undefined ? '' : `${number(cpu)} µs CPU each`,
    ratio === undefined ? '' : `${ratio.toFixed(2)} ×`,
    passed === undefined
      ? ''
      : `${passed ? 'PASS' : 'FAIL'} (budget ${least === undefined ? `≤ ${most}` : `≥ ${least}`})`,
  ]
}

/** Columns of figures are aligned to the right. */
const RIGHT = [1, 3, 4]

export function table(rows) {
  const lines = rows.map(cells)
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const pad = (cell, column) =>
    RIGHT.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n')
}
