// @ts-check
/**
 * `npm run bench:outages`: how soon messages flow again after a long outage has ended, beside Socket.IO, Engine.IO and SockJS in the
 * same run. Each client has a page, a server and a network of its own; those of one row run at the same time.
 *
 *     --seconds 120     of the long outages
 *     --runs 3          of each
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startFaultProxy } from '../e2e/faults/proxy.mjs'
import { launch } from './browser.mjs'
import { start } from './child.mjs'
import { leave } from './leave.mjs'
import { median } from './stats.mjs'

/** @import { FaultProxy } from 'rungs-faults' */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    runs: { type: 'string', default: '3' },
  },
})
const OUTAGE = Number(values.seconds) * 1_000
/** Milliseconds for which a server that is started anew is away. */
const RESTART = 3_000
/** Milliseconds before and after an outage. */
const WARM = 3_000
const GIVEN_UP = 60_000

const NAMES = ['rungs', 'socket.io', 'engine.io', 'sockjs']

/** @typedef {{ proxy: FaultProxy, kill: () => Promise<void>, revive: () => Promise<void> }} Scene */
/**
 * @typedef {object} Outage
 * @property {string} name
 * @property {number} limit milliseconds that Rungs promises, in the median
 * @property {(scene: Scene) => Promise<void>} pass returns at its end
 */

/** @type {readonly Outage[]} */
const OUTAGES = [
  {
    name: `the server is killed, and back after ${RESTART / 1_000} s`,
    limit: 2_500,
    async pass({ kill, revive }) {
      await kill()
      await sleep(RESTART)
      await revive()
    },
  },
  {
    name: `connections are refused for ${OUTAGE / 1_000} s`,
    limit: 2_500,
    async pass({ proxy }) {
      proxy.refuse()
      proxy.cut()
      await sleep(OUTAGE)
      proxy.clear()
    },
  },
  {
    name: `nothing passes for ${OUTAGE / 1_000} s`,
    limit: 1_500,
    async pass({ proxy }) {
      proxy.silence()
      await sleep(OUTAGE)
      proxy.clear()
    },
  },
]

const browser = await launch()

/**
 * Milliseconds from the end of an outage until the first echo.
 *
 * @param {Outage} outage
 * @param {string} name of the client
 */
async function measure({ pass }, name) {
  let server = await start('outages/server.mjs')
  /** @type {number} */
  const port = await server.call('listen', name, 0)
  const proxy = await startFaultProxy({ upstream: `http://127.0.0.1:${port}` })
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(proxy.url)
  await page.evaluate((client) => /** @type {any} */ (window).begin(client), name)
  await page.waitForFunction(() => /** @type {any} */ (window).echoes.length > 2)
  await sleep(WARM)
  await pass({
    proxy,
    kill: () => server.stop(),
    async revive() {
      server = await start('outages/server.mjs')
      await server.call('listen', name, port)
    },
  })
  const end = Date.now()
  const first = await page
    .waitForFunction(
      (since) => /** @type {any} */ (window).echoes.find((/** @type {number} */ at) => at > since),
      end,
      { timeout: GIVEN_UP },
    )
    .then((handle) => handle.jsonValue())
    .catch(() => Infinity)
  await context.close()
  await proxy.close()
  await server.stop()
  return Number(first) - end
}

console.log(`| until messages flow again, ms: median (worst) | ${NAMES.join(' | ')} | |`)
console.log(`| --- |${' ---: |'.repeat(NAMES.length)} --- |`)
let failed = false
for (const outage of OUTAGES) {
  /** @type {Map<string, number[]>} */
  const times = new Map(NAMES.map((name) => [name, []]))
  for (let run = 0; run < Number(values.runs); run++) {
    // oxlint-disable-next-line no-await-in-loop
    const measured = await Promise.all(NAMES.map((name) => measure(outage, name)))
    for (const [index, ms] of measured.entries()) times.get(NAMES[index] ?? '')?.push(ms)
  }
  const own = times.get('rungs') ?? []
  const ok = median(own) <= outage.limit
  failed ||= !ok
  const cells = NAMES.map((name) => {
    const all = times.get(name) ?? []
    return `${median(all)} (${Math.max(...all)})`
  })
  console.log(
    `| ${outage.name} | ${cells.join(' | ')} | ${ok ? 'pass' : 'FAIL'} (≤ ${outage.limit}) |`,
  )
}
await browser.close()
leave(failed)
