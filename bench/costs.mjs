// @ts-check
/**
 * `npm run bench:costs`: what each rung costs while nothing is said, on the wire as the fault proxy counts it, HTTP heads
 * included. One page a rung, all at the same time.
 *
 *     --seconds 120     that are measured; less than some heartbeats says little
 *     --settle 60       seconds before, in which polls find their idle interval
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startFaultProxy } from '../e2e/faults/proxy.mjs'
import { open } from '../e2e/traffic/run.mjs'
import { startTraffic } from '../e2e/traffic/server.mjs'
import { TRANSPORTS } from '../e2e/traffic/weather.mjs'
import { launch } from './browser.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    settle: { type: 'string', default: '60' },
  },
})
const seconds = Number(values.seconds)

// The heartbeat of the hub is the usual one, 20 s.
const server = await startTraffic()
const browser = await launch()

/** @type {(transport: typeof TRANSPORTS[number]) => Promise<readonly (string | number)[]>} */
async function measure(transport) {
  const proxy = await startFaultProxy({ upstream: server.origin })
  const context = await browser.newContext()
  const page = await context.newPage()
  await open(page, proxy.url, { transports: [transport], remember: false })
  await page.evaluate((name) => window.traffic.carried(name), transport)
  await sleep(Number(values.settle) * 1_000)

  const before = proxy.stats
  const changes = (await page.evaluate(() => window.traffic.report())).changes.length
  await sleep(seconds * 1_000)
  const after = proxy.stats
  const report = await page.evaluate(() => window.traffic.report())
  await context.close()
  await proxy.close()
  if (report.transport !== transport || report.changes.length > changes)
    throw new Error(`${transport} did not stay: ${JSON.stringify(report.changes)}`)

  const minute = (/** @type {number} */ count) => Math.round((count / seconds) * 600) / 10
  const requests = (/** @type {typeof after} */ { requests: of }) =>
    of.websocket + of.stream + of.request
  return [
    transport,
    minute(requests(after) - requests(before)),
    minute(after.connections.total - before.connections.total),
    Math.round(minute(after.bytes.up - before.bytes.up)),
    Math.round(minute(after.bytes.down - before.bytes.down)),
  ]
}
const rows = await Promise.all(TRANSPORTS.map(measure))
await browser.close()
await server.close()

console.log(`An idle session, a minute, over ${seconds} s (heartbeat 20 s):\n`)
console.log('| transport | requests | new connections | bytes up | bytes down |')
console.log('| --- | ---: | ---: | ---: | ---: |')
for (const row of rows) console.log(`| ${row.join(' | ')} |`)
