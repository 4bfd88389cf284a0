/**
 * The time to the first message on bad networks, Rungs beside others in the same run: `npm run bench:faults`.
 *
 *     --only name    scenarios whose name has this in it; may be given more than once (healthy always runs)
 *     --rounds n     default 3; figures are medians
 *     --check        exits with 1 if a budget is exceeded
 *     --json         results as JSON
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { SCENARIOS } from '../e2e/support/scenarios.mjs'
import { launch } from './browser.mjs'
import { start } from './child.mjs'
import { judge, RTT } from './faults/budgets.mjs'
import { tables } from './faults/report.mjs'
import { createBench } from './faults/rounds.mjs'
import { leave } from './leave.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    rounds: { type: 'string', default: '3' },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
if (!(rounds >= 1)) throw new Error(`--rounds takes a number from 1 on, not ${values.rounds}`)
const wanted = (name) => values.only.some((part) => name.toLowerCase().includes(part.toLowerCase()))
const [healthy, ...faulty] = SCENARIOS
const scenarios = [healthy, ...faulty.filter(({ name }) => wanted(name))]
if (scenarios.length === 1 && !wanted(healthy.name)) {
  throw new Error(`--only takes a part of: ${SCENARIOS.map(({ name }) => name).join(', ')}`)
}

const load = loadavg()[0]
const servers = await start('faults/servers.mjs')
const browser = await launch()
const results = []
let yardsticks
try {
  const bench = createBench(browser, await servers.call('origins'), rounds)
  await bench.warmUp()
  // Before anything is measured: does the proxy delay as it should, and the machine not much more?
  yardsticks = await bench.yardsticks()
  for (const scenario of scenarios) {
    console.error(`${results.length + 1} of ${scenarios.length}: ${scenario.name}`)
    results.push(await bench.measure(scenario))
  }
  await bench.finish()
} finally {
  await browser.close()
  await servers.stop()
}

const judged = judge(results)
const machine = {
  node: process.version,
  browser: `Chromium ${browser.version()}`,
  cpus: cpus().length,
  cpu: cpus()[0].model,
  load,
}
if (values.json)
  console.log(JSON.stringify({ machine, rtt: RTT, rounds, yardsticks, scenarios: judged }, null, 2))
else console.log(tables(judged, yardsticks, machine, rounds))
leave(values.check && judged.some(({ budget }) => budget?.passed === false))
