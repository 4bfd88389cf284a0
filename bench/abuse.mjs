/**
 * `npm run bench:abuse`: how a neighbour fares beside each flood, and what the flood costs the server. Server, attacker and neighbour
 * are processes of their own; each flood has a new server. The neighbour is also timed where nobody attacks, and attacker and
 * server compute for as much of the time as in the flood, the server in turns of 5 ms: no server could do better on this machine,
 * at this moment. Exits with 1 if a budget is exceeded.
 *
 *     --only probes       floods whose name has this in it; can be repeated
 *     --seconds 2         for each phase of a round: the neighbour alone, beside the flood, beside the same work in turns
 *     --rounds 3          the phases come in turn, as other work on the machine comes and goes; figures are of all rounds together
 */
import { parseArgs } from 'node:util'
import { BUDGETS, problems } from './abuse/budgets.mjs'
import { FLOODS } from './abuse/floods.mjs'
import { start } from './child.mjs'
import { median } from './stats.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
  },
})
const ms = Number(values.seconds) * 1_000

/** Milliseconds of the flood before anything is counted: code is compiled late. */
const WARM_UP = 500

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0)
const p99 = (delays) => {
  const sorted = delays.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Infinity
}
/** The slower of both ways, of all rounds together. */
const slower = (rounds) =>
  Math.max(
    ...['websocket', 'exchange'].map((way) => p99(rounds.flatMap((delays) => delays[way] ?? []))),
  )
/** The hold that who comes at any moment meets none longer than, but for one moment in a hundred. */
function usualHold(holds) {
  let left = 0.99 * sum(holds)
  return holds.toSorted((a, b) => a - b).find((each) => (left -= each) <= 0) ?? 0
}

/** One flood: the neighbour alone, beside the flood, and beside the same work without an attack. */
async function measure(name) {
  const server = await start('abuse/server.mjs')
  const attacker = await start('abuse/attacker.mjs')
  const neighbour = await start('abuse/neighbour.mjs')
  try {
    const port = await server.call('port')
    await neighbour.call('start', port)
    await neighbour.call('listen', 1_000)
    const { rss: before } = await server.call('used')
    await attacker.call('flood', name, port, WARM_UP)
    const phases = { quiet: [], flooded: [], ideal: [] }
    const shares = []
    const held = []
    for (let round = 0; round < Number(values.rounds); round++) {
      phases.quiet.push(await neighbour.call('listen', ms))
      await server.call('holds')
      const [beside, share] = await Promise.all([
        neighbour.call('listen', ms),
        attacker.call('flood', name, port, ms),
      ])
      phases.flooded.push(beside)
      const holds = await server.call('holds')
      held.push(...holds)
      shares.push(share)
      const [ideal] = await Promise.all([
        neighbour.call('listen', ms),
        attacker.call('beBusy', share, ms),
        server.call('beBusy', Math.min(1, sum(holds) / ms), ms),
      ])
      phases.ideal.push(ideal)
    }
    const figures = Object.entries(phases).map(([phase, all]) => [phase, slower(all)])
    return {
      name,
      ...Object.fromEntries(figures),
      share: median(shares),
      held: usualHold(held),
      longest: Math.max(0, ...held),
      before,
      ...(await server.call('used')),
    }
  } finally {
    await Promise.all([neighbour, attacker, server].map((child) => child.stop()))
  }
}

const round = (number) => (number >= 100 ? String(Math.round(number)) : number.toFixed(1))
const mega = (bytes) => Math.round(bytes / 1e6)

console.log(
  '| flood | p99 alone, ms | beside the flood | beside the same work in turns | ratio of these | attacker, cores | loop held, CPU ms: p99 | longest | peak rss, MB | heap | outside it |',
)
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
const complaints = []
for (const name of Object.keys(FLOODS).filter((each) =>
  values.only.some((word) => each.includes(word)),
)) {
  const result = await measure(name)
  const { quiet, flooded, ideal, share, held, longest, rss, heap, outside } = result
  const cells = [
    name,
    round(quiet),
    round(flooded),
    round(ideal),
    round(flooded / ideal),
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
