// @ts-check
/**
 * `npm run bench:recovery`: how soon messages flow again after a connection died or a page came back, each some times.
 *
 *     --runs 5          of each
 *     --only online     those whose name has this in it
 */
import { parseArgs } from 'node:util'
import { leave } from '../../bench/leave.mjs'
import { median } from '../../bench/stats.mjs'
import { HEARTBEAT, RECOVERIES, launchPlain, recover } from './recoveries.mjs'
import { startTraffic } from './server.mjs'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
})

const server = await startTraffic({ heartbeat: HEARTBEAT })
const browser = await launchPlain()

console.log('| what happens | promised, ms | median | worst | |')
console.log('| --- | ---: | ---: | ---: | --- |')
let failed = false
for (const recovery of RECOVERIES.filter(({ name }) => name.includes(values.only))) {
  const times = []
  for (let run = 0; run < Number(values.runs); run++) {
    // One after the other: what is measured must not wait for its neighbours.
    // oxlint-disable-next-line no-await-in-loop
    times.push((await recover(browser.context, server, recovery)).ms)
  }
  const worst = Math.max(...times)
  const verdict =
    median(times) > recovery.limit ? 'FAIL' : worst > recovery.limit ? 'pass (median)' : 'pass'
  failed ||= verdict === 'FAIL'
  console.log(`| ${recovery.name} | ${recovery.limit} | ${median(times)} | ${worst} | ${verdict} |`)
}
await browser.close()
await server.close()
leave(failed)
