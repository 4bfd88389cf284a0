// @ts-check
/**
 * `npm run delivery`: 1,000 numbered messages each way at 100 a second through seeded storms, for every starting
 * transport. Exits with 1 if one is lost, repeated or out of order.
 *
 *     --seeds 20        so many, from 1 on; --seed 7: this one alone
 *     --first sse       this starting transport alone; may be given more than once
 *     --count 1000      messages each way
 *     --parallel 8      pages at a time: it is mostly waiting
 */
import { parseArgs } from 'node:util'
import { launch } from '../../bench/browser.mjs'
import { leave } from '../../bench/leave.mjs'
import { complaints, deliver } from './run.mjs'
import { startTraffic } from './server.mjs'
import { TRANSPORTS } from './weather.mjs'

/** @import { TransportName } from '../../src/types.ts' */

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    seed: { type: 'string' },
    first: { type: 'string', multiple: true, default: [...TRANSPORTS] },
    count: { type: 'string', default: '1000' },
    parallel: { type: 'string', default: '8' },
  },
})
const count = Number(values.count)
const seeds = values.seed
  ? [Number(values.seed)]
  : Array.from({ length: Number(values.seeds) }, (_, index) => index + 1)
const firsts = /** @type {TransportName[]} */ (values.first)

const jobs = firsts.flatMap((first) => seeds.map((seed) => ({ first, seed, count })))
const waiting = [...jobs]
/** @type {{ first: TransportName, seed: number, outcome: Awaited<ReturnType<typeof deliver>> }[]} */
const done = []

const server = await startTraffic({ heartbeat: 5_000 })
const browser = await launch()

async function work() {
  for (let job; (job = waiting.shift());) {
    const context = await browser.newContext()
    const outcome = await deliver(await context.newPage(), server, job)
    done.push({ ...job, outcome })
    const wrong = complaints(outcome)
    if (wrong.length > 0) {
      const { forecast, changes, attempts, up, down } = outcome
      console.log(`\nFAILED: --first ${job.first} --seed ${job.seed} --count ${count}`)
      console.log(JSON.stringify({ wrong, up, down, forecast, changes, attempts }, null, 1))
    }
    await context.close()
  }
}
await Promise.all(Array.from({ length: Number(values.parallel) }, work))
await browser.close()
await server.close()

/** @type {(way: 'up' | 'down', what: 'received' | 'lost' | 'repeated' | 'reordered') => (runs: typeof done) => number} */
const sum = (way, what) => (runs) => runs.reduce((all, { outcome }) => all + outcome[way][what], 0)
/** @type {Record<string, (runs: typeof done) => string | number>} */
const columns = {
  runs: (runs) => runs.length,
  'received up': sum('up', 'received'),
  'lost up': sum('up', 'lost'),
  'repeated up': sum('up', 'repeated'),
  'reordered up': sum('up', 'reordered'),
  'received down': sum('down', 'received'),
  'lost down': sum('down', 'lost'),
  'repeated down': sum('down', 'repeated'),
  'reordered down': sum('down', 'reordered'),
  'changes of transport': (runs) =>
    runs.reduce((all, { outcome }) => all + outcome.changes.length, 0),
  'all there after, ms, at most': (runs) => Math.max(...runs.map(({ outcome }) => outcome.after)),
  failed: (runs) => runs.filter(({ outcome }) => complaints(outcome).length > 0).length,
}
const rows = firsts.map((first) => {
  const runs = done.filter((each) => each.first === first)
  return [first, ...Object.values(columns).map((column) => column(runs))]
})
const line = (/** @type {readonly unknown[]} */ cells) => `| ${cells.join(' | ')} |`
console.log(
  `\n${count} messages each way at 100/s, seeds ${seeds.at(0)} to ${seeds.at(-1)}, by starting transport:\n`,
)
console.log(line(['starting transport', ...Object.keys(columns)]))
console.log(line(['---', ...Object.keys(columns).map(() => '---:')]))
for (const row of rows) console.log(line(row))
leave(done.some(({ outcome }) => complaints(outcome).length > 0))
