// @ts-check
/**
 * `npm run soak -- --minutes 30`: pages and a server send each other numbers for as long as you like, through faults that
 * are drawn from a seed. Exits with 1 if a message is lost, repeated or out of order, or if memory grows at either end.
 *
 *     --minutes 30
 *     --pages 5         each starts on another transport
 *     --seed 1
 *     --gap 20          ms from one message to the next, each way
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { launch } from '../../bench/browser.mjs'
import { start } from '../../bench/child.mjs'
import { leave } from '../../bench/leave.mjs'
import { chance } from '../faults/chance.mjs'
import { startFaultProxy } from '../faults/proxy.mjs'
import { growth, watchMemory } from './memory.mjs'
import { ladder, lastWords, open } from './run.mjs'
import { TRANSPORTS, blows } from './weather.mjs'

const MINUTE = 60_000
/** Milliseconds between two faults of a page, at least and at most. */
const PAUSE = [2_000, 12_000]
/** Milliseconds in which everything must have arrived at the end. */
const CALM = 60_000
/** Bytes, or things, that may be more at the end: caches and compiled code come late. */
const ALLOWED = { server: 6e6, heap: 2e6, nodes: 200, frames: 2, listeners: 50 }

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    pages: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    gap: { type: 'string', default: '20' },
  },
})
const minutes = Number(values.minutes)
const gap = Number(values.gap)
/** Minutes after which memory is compared: before, it fills what it needs. */
const WARM_UP = Math.max(1, Math.round(minutes / 5))

const server = await start(new URL('soak-server.mjs', import.meta.url).href, {
  execArgv: ['--expose-gc'],
})
/** @type {string} */
const upstream = await server.call('origin')
const browser = await launch()
const over = new AbortController()

/** One page, its network and its weather. @param {number} index */
async function startPage(index) {
  const seed = Number(values.seed) * 100 + index
  const proxy = await startFaultProxy({ upstream, seed, faults: { only: '/rungs' } })
  const page = await (await browser.newContext()).newPage()
  const first = TRANSPORTS[index % TRANSPORTS.length] ?? 'websocket'
  const id = await open(page, proxy.url, { transports: ladder(first) })
  const far = {
    /** @type {() => Promise<number>} */
    say: () => server.call('say', id),
    reaches: (/** @type {number} */ wanted) => server.call('reaches', id, wanted),
  }
  await server.call('flow', id, gap)
  await page.evaluate((ms) => window.traffic.end.flow(Infinity, ms), gap)

  const random = chance(~seed)
  /** @param {import('../../src/types.ts').TransportName} transport */
  const use = (transport) =>
    page.evaluate((names) => window.traffic.socket.setTransports(names), ladder(transport))
  const weather = async () => {
    for (const blow of blows(seed)) {
      const pause = Number(PAUSE[0]) + random() * (Number(PAUSE[1]) - Number(PAUSE[0]))
      await sleep(pause, undefined, { signal: over.signal }).catch(() => {})
      if (over.signal.aborted) return proxy.clear()
      const end = await blow.strike({ proxy, use })
      await sleep(blow.ms)
      end?.()
    }
  }
  const memory = await watchMemory(page)
  return {
    weather: weather(),
    async state() {
      const { counts: down, ...report } = await page.evaluate(() => window.traffic.report())
      return { ...report, down, up: await server.call('counts', id), memory: await memory() }
    },
    /** Resolves with whether all has arrived. */
    async finish() {
      await server.call('rest', id)
      await page.evaluate(() => window.traffic.end.rest())
      return Promise.race([
        lastWords(page, far).then(() => true),
        sleep(CALM, false, { ref: false }),
      ])
    },
    close: () => proxy.close(),
  }
}

/** @typedef {Awaited<ReturnType<Awaited<ReturnType<typeof startPage>>['state']>>} State */

const KINDS = /** @type {const} */ (['lost', 'repeated', 'reordered'])

/** @type {(states: readonly State[]) => string} */
function tally(states) {
  const sum = (/** @type {'received' | typeof KINDS[number]} */ kind) =>
    ['up', 'down'].map((way) =>
      states.reduce((all, state) => all + state[/** @type {'up' | 'down'} */ (way)][kind], 0),
    )
  return ['received', ...KINDS]
    .map((kind) => `${kind} ${sum(/** @type {any} */ (kind)).join(' + ')}`)
    .join(', ')
}

const mega = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`

const pages = await Promise.all(
  Array.from({ length: Number(values.pages) }, (_, i) => startPage(i)),
)
/** @type {State[][]} by minute */
const history = []
/** @type {number[]} */
const heaps = []
console.log(`${pages.length} pages, seed ${values.seed}, ${minutes} minutes; up + down:`)

for (let minute = 1; minute <= minutes; minute++) {
  // oxlint-disable no-await-in-loop
  await sleep(MINUTE)
  const states = await Promise.all(pages.map(({ state }) => state()))
  const heap = await server.call('heap')
  // oxlint-enable no-await-in-loop
  history.push(states)
  heaps.push(heap)
  const own = states.map(
    ({ transport, memory }) => `${transport} ${mega(memory.heap)} ${memory.nodes} nodes`,
  )
  console.log(`${minute} min: ${tally(states)}; server ${mega(heap)}; ${own.join(', ')}`)
}

over.abort()
await Promise.all(pages.map(({ weather }) => weather))
const arrived = await Promise.all(pages.map(({ finish }) => finish()))
const last = await Promise.all(pages.map(({ state }) => state()))
await Promise.all(pages.map(({ close }) => close()))
await browser.close()
await server.stop()

/** @type {string[]} */
const wrong = []
last.forEach(({ up, down, ends, transport, attempts }, index) => {
  const broken = [up, down].some((counts) => KINDS.some((kind) => counts[kind] > 0))
  if (broken || ends.length > 0 || !arrived[index])
    wrong.push(
      `page ${index}: ${JSON.stringify({ up, down, ends, arrived: arrived[index], transport, attempts })}`,
    )
})
const { server: most, ...perPage } = ALLOWED
const warm = history.slice(WARM_UP)
const growths = [growth('server heap', heaps.slice(WARM_UP), most)]
pages.forEach((_, index) => {
  for (const [what, allowed] of Object.entries(perPage)) {
    const measured = warm.map(
      (states) => states[index]?.memory[/** @type {keyof typeof perPage} */ (what)] ?? NaN,
    )
    growths.push(growth(`page ${index} ${what}`, measured, allowed))
  }
})
// Of less than some minutes there is no before and after.
if (warm.length >= 6) for (const { text, grew } of growths) if (grew) wrong.push(`grew: ${text}`)

console.log(`\nat the end: ${tally(last)}`)
console.log(`after ${WARM_UP} minutes → at the end: ${growths.map(({ text }) => text).join('; ')}`)
console.log(wrong.length > 0 ? `FAIL\n${wrong.join('\n')}` : 'PASS')
leave(wrong.length > 0)
