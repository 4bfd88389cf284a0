// @ts-check
/**
 * `npm run bench:large`: one large message on lines that are slow, and cut again and again. Each transport alone, each way, all
 * of them at the same time, and each on a line of its own.
 *
 *     --only sse        transports whose name has this in it
 *     --short           a tenth of the message, with cuts as often
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { attach } from '@rungs/server'
import { startFaultProxy } from '../e2e/faults/proxy.mjs'
import { TRANSPORTS } from '../e2e/traffic/weather.mjs'
import { launch } from './browser.mjs'
import { leave } from './leave.mjs'

/** @import { AddressInfo } from 'node:net' */
/** @import { AttemptRecord, TransportName } from '../src/types.ts' */

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, short: { type: 'boolean', default: false } },
})

/**
 * @typedef {object} Line
 * @property {number} bandwidth bytes a second
 * @property {number} length characters of the message
 * @property {number} cutEvery milliseconds; 0: never
 */
/** @type {Line} */
const SLOW = { bandwidth: 8_000, length: values.short ? 100_000 : 1_000_000, cutEvery: 20_000 }
/** @type {Line} */
const FAT = { bandwidth: 1_000_000, length: values.short ? 1_600_000 : 16_000_000, cutEvery: 0 }

/** Time that a message may take: so many times its bytes, and milliseconds for each cut. */
const MOST = 1.3
const PER_CUT = 5_000

const PAGE = '<!doctype html><meta charset="utf-8"><script src="/rungs.js"></script><body></body>'
const script = await readFile(new URL('../dist/rungs.js', import.meta.url))

const server = createServer((request, response) => {
  const isScript = request.url === '/rungs.js'
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
  response.end(isScript ? script : PAGE)
})
const hub = attach(server, {
  maxMessage: FAT.length,
  maxBufferedBytes: 4 * FAT.length,
  log: () => {},
})
/** Listeners for the next message of a session, by its id. @type {Map<string, (text: string) => void>} */
const arrivals = new Map()
hub.onMessage((text, { id }) => arrivals.get(id)?.(String(text)))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = /** @type {AddressInfo} */ (server.address())

const browser = await launch()

/**
 * @param {TransportName} transport
 * @param {'up' | 'down'} direction
 * @param {Line} line
 */
async function measure(transport, direction, { bandwidth, length, cutEvery }) {
  const proxy = await startFaultProxy({ upstream: `http://127.0.0.1:${port}` })
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(proxy.url)
  const id = await page.evaluate(async (name) => {
    const { rungs } = /** @type {any} */ (window)
    const socket = rungs.connect('/rungs', {
      transports: [name],
      remember: false,
      maxBuffered: 1e9,
    })
    const received = /** @type {number[]} */ ([])
    socket.onMessage((/** @type {string} */ text) => received.push(text.length))
    Object.assign(window, { socket, received })
    await new Promise((opened) =>
      socket.onState((/** @type {any} */ { state }) => state === 'open' && opened(0)),
    )
    return socket.id
  }, transport)

  proxy.set({ bandwidth })
  let cuts = 0
  const cutter =
    cutEvery &&
    setInterval(() => {
      cuts++
      proxy.cut()
    }, cutEvery)
  const start = Date.now()
  /** @type {number[]} */
  let lengths = []
  if (direction === 'up') {
    const arrived = new Promise((resolve) =>
      arrivals.set(id, (text) => {
        lengths.push(text.length)
        resolve(0)
      }),
    )
    await page.evaluate(
      (count) => /** @type {any} */ (window).socket.send('x'.repeat(count)),
      length,
    )
    await arrived
  } else {
    hub.to({ session: id }).send('x'.repeat(length))
    await page.waitForFunction(() => /** @type {any} */ (window).received.length, undefined, {
      timeout: 0,
    })
    lengths = await page.evaluate(() => /** @type {any} */ (window).received)
  }
  const ms = Date.now() - start
  if (cutter) clearInterval(cutter)
  /** @type {AttemptRecord[]} */
  const attempts = await page.evaluate(() => /** @type {any} */ (window).socket.attempts)
  proxy.clear()
  await context.close()
  await proxy.close()

  const bytesTime = (length / bandwidth) * 1_000
  const budget = MOST * bytesTime + PER_CUT * cuts
  const isGood = lengths.length === 1 && lengths[0] === length && ms <= budget
  const suspicions = attempts.filter(({ reason = '' }) =>
    ['silent', 'deadline', 'stalled', 'not-received'].includes(reason),
  )
  return {
    row: [
      transport,
      direction,
      `${(bandwidth / 1_000).toLocaleString('en-US')} KB/s`,
      `${(length / 1e6).toLocaleString('en-US')} MB`,
      cuts,
      (ms / 1_000).toFixed(1),
      (budget / 1_000).toFixed(1),
      suspicions.length,
      isGood ? 'pass' : 'FAIL',
    ],
    isGood,
  }
}

const transports = TRANSPORTS.filter((name) => name.includes(values.only))
console.log(
  '| transport | way | line | message | cuts | took, s | at most, s | suspected | |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
)
let failed = false
/** @type {(measured: Awaited<ReturnType<typeof measure>>) => void} */
const print = ({ row, isGood }) => {
  failed ||= !isGood
  console.log(`| ${row.join(' | ')} |`)
}
const slow = transports.flatMap((transport) => [
  measure(transport, 'up', SLOW),
  measure(transport, 'down', SLOW),
])
for (const measured of await Promise.all(slow)) print(measured)
for (const transport of transports) {
  for (const direction of /** @type {const} */ (['up', 'down'])) {
    // One after the other: the machine is to be faster than the line.
    // oxlint-disable-next-line no-await-in-loop
    print(await measure(transport, direction, FAT))
  }
}
await browser.close()
await hub.close()
leave(failed)
