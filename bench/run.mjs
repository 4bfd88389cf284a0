/**
 * Measures Rungs against plain `ws` in the same run: `npm run bench`.
 *
 *     --only echo|memory|broadcast   one part; may be given more than once
 *     --check                        exits with 1 if a budget is exceeded
 *     --json                         results as JSON
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { broadcast } from './broadcast.mjs'
import { echo } from './echo.mjs'
import { memory } from './memory.mjs'
import { table, verdict } from './table.mjs'

const PARTS = { echo, memory, broadcast }

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(PARTS) },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
for (const part of values.only) {
  if (!PARTS[part]) throw new Error(`--only takes one of ${Object.keys(PARTS)}, not ${part}`)
}

const machine = {
  node: process.version,
  cpus: cpus().length,
  cpu: cpus()[0].model,
  load: loadavg()[0],
}
const rows = []
for (const part of values.only) {
  const { browser, rows: measured } = await PARTS[part]()
  if (browser) machine.browser = browser
  rows.push(...measured)
}

if (values.json) {
  console.log(JSON.stringify({ machine, rows }, null, 2))
} else {
  const { node, cpus: count, cpu, browser, load } = machine
  console.log(
    `Node ${node}, ${browser ?? 'no browser'}, ${count} × ${cpu}, load ${load.toFixed(1)} at the start\n`,
  )
  console.log(table(rows))
}
if (values.check && rows.some((row) => verdict(row) === false)) process.exitCode = 1
