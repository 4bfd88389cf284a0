/**
 * `npm run bench:abuse`: how a neighbour fares beside each flood, and what the flood costs the server. Server, attacker and neighbour
 * are processes of their own; each flood has a new server. Exits with 1 if a budget is exceeded.
 *
 *     --only probes       floods whose name has this in it; can be repeated
 *     --seconds 2         for each phase of a round: the neighbour alone, beside the flood, beside a process that is only busy
 *     --rounds 3          figures are medians, and the ratio is that of neighbours, as other work comes and goes
 */
import { parseArgs } from 'node:util'
import { BUDGETS, problems } from './abuse/budgets.mjs'
import { FLOODS } from './abuse/floods.mjs'
import { start } from './child.mjs'
import { median, ratio } from './stats.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
  },
})
const ms = Number(values.seconds) * 1_000

const p99 = (delays = []) => {
  const sorted = delays.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Infinity
}
/** The slower of both ways. */
const slower = ({ websocket, exchange }) => Math.max(p99(websocket), p99(exchange))

/** One flood: the neighbour alone, beside the flood, and beside a process that is as busy and attacks nobody. */
async function measure(name) {
  const server = await start('abuse/server.mjs')
  const attacker = await start('abuse/attacker.mjs')
  const neighbour = await start('abuse/neighbour.mjs')
  try {
    const port = await server.call('port')
    await neighbour.call('start', port)
    // Compiled code comes late.
    await neighbour.call('listen', 1_000)
    const { rss: before } = await server.call('used')
    const phases = { quiet: [], flooded: [], busy: [], share: [], held: [], longest: [] }
    for (let round = 0; round < Number(values.rounds); round++) {
      phases.quiet.push(slower(await neighbour.call('listen', ms)))
      await server.call('held')
      const [beside, share] = await Promise.all([
        neighbour.call('listen', ms),
        attacker.call('flood', name, port, ms),
      ])
      phases.flooded.push(slower(beside))
      phases.share.push(share)
      const { usual, longest } = await server.call('held')
      phases.held.push(usual)
      phases.longest.push(longest)
      const [busy] = await Promise.all([
        neighbour.call('listen', ms),
        attacker.call('beBusy', share, ms),
      ])
      phases.busy.push(slower(busy))
    }
    const medians = Object.entries(phases).map(([phase, all]) => [phase, median(all)])
    const used = await server.call('used')
    return {
      name,
      ...Object.fromEntries(medians),
      ratio: ratio(phases.flooded, phases.busy),
      before,
      ...used,
    }
  } finally {
    await Promise.all([neighbour, attacker, server].map((child) => child.stop()))
  }
}

const round = (number) => (number >= 100 ? String(Math.round(number)) : number.toFixed(1))
const mega = (bytes) => Math.round(bytes / 1e6)

console.log(
  '| flood | p99 alone, ms | beside the flood | beside a busy process | ratio of these | attacker, cores | loop held, CPU ms: p99 | longest | peak rss, MB | heap | outside it |',
)
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
const complaints = []
for (const name of Object.keys(FLOODS).filter((each) =>
  values.only.some((word) => each.includes(word)),
)) {
  const result = await measure(name)
  const { quiet, flooded, busy, share, held, longest, rss, heap, outside } = result
  const cells = [
    name,
    round(quiet),
    round(flooded),
    round(busy),
    round(result.ratio),
    share.toFixed(2),
    round(held),
    round(longest),
  ]
  console.log(`| ${[...cells, mega(rss), mega(heap), mega(outside)].join(' | ')} |`)
  complaints.push(...problems(result))
}
console.log(`\nbudgets: ${JSON.stringify(BUDGETS)}`)
for (const complaint of complaints) console.log(`over budget: ${complaint}`)
process.exit(complaints.length > 0 ? 1 : 0)
