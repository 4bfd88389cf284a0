/** Measures a scenario: rounds, in which the clients take turns. */
import { setTimeout as sleep } from 'node:timers/promises'
import { DELAY, distrust } from './budgets.mjs'
import { visit } from './visit.mjs'

/**
 * How long the others wait for a client whose turn it is; then it goes on in the background. Whoever needs longer is not
 * measured again: seconds do not become more precise by being repeated.
 */
const PATIENCE = 3_000

/** Clients by name, each with its server. */
const PEERS = {
  websocket: 'websocket',
  'socket.io': 'socket.io',
  'socket.io, WebSocket only': 'socket.io',
  sockjs: 'sockjs',
  signalr: 'signalr',
}
/** Beside the clients: a `POST` that is only that, and Rungs without the fault, a neighbour to compare it with. */
const SERVERS = { ...PEERS, rungs: 'rungs', fetch: 'fetch', healthy: 'rungs' }

const HEALTHY = { delay: DELAY }

/** How often the yardsticks are measured, at least and at most. */
const FEW = 3
const MANY = 20

export function createBench(browser, origins, rounds) {
  /** What is still under way. */
  const pending = []

  /** One turn of one client. @param keep Leaves the visit open. */
  async function turn(name, samples, faults, round, keep = false) {
    const healthy = name === 'healthy'
    const conditions = healthy ? HEALTHY : faults
    const visited = await visit(browser, origins[SERVERS[name]], conditions, round + 1)
    const first = visited.first(healthy ? 'rungs' : name).then(async (result) => {
      samples.push(result)
      if (!keep) await visited.close()
    })
    pending.push(first)
    await Promise.race([first, sleep(PATIENCE)])
    return { visited, first }
  }

  return {
    /** A round that does not count: the engines at both ends compile. */
    async warmUp() {
      for (const name of Object.keys(SERVERS)) await turn(name, [], HEALTHY, 0)
    },

    /** Measures the yardsticks until they can be trusted. @throws if they never can */
    async yardsticks() {
      const samples = { fetch: [], websocket: [] }
      let wrong
      for (let round = 0; round < MANY; round++) {
        for (const name in samples) await turn(name, samples[name], HEALTHY, round)
        wrong = distrust(samples)
        if (!wrong && round + 1 >= FEW) return samples
      }
      throw new Error(wrong)
    },

    /** @param {import('../../e2e/support/scenarios.mjs').Scenario} scenario */
    async measure({ name, faults: own, settles, post }) {
      const faults = { ...HEALTHY, ...own }
      const neighbours = name === 'healthy' ? [] : ['healthy']
      const names = ['rungs', ...neighbours, ...Object.keys(PEERS)]
      const samples = Object.fromEntries([...names, 'again'].map((client) => [client, []]))
      const result = { name, faults, post, samples, settled: undefined }

      // The page that comes again: its storage is that of the first visit.
      const { visited: home, first } = await turn('rungs', samples.rungs, faults, 0, true)
      const settled = first.then(() => home.settled(settles))
      for (let round = 0; round < rounds; round++) {
        for (const client of rotated(names, round)) {
          // Rungs has had its first turn above.
          if (round === 0 ? client !== 'rungs' : prompt(samples[client]))
            await turn(client, samples[client], faults, round)
        }
        result.settled ??= await settled
        if (samples.rungs[0].ms === undefined || (round > 0 && !prompt(samples.again))) continue
        await home.reload()
        samples.again.push(await home.first('rungs'))
      }
      await home.close()
      return result
    },

    /** Waits for whatever went on in the background. */
    finish: () => Promise.all(pending),
  }
}

/** Whether a client was usable in the first round, and needed no patience. */
const prompt = ([first]) => first?.ms < PATIENCE

/** So that nobody is always the first. */
const rotated = (names, by) => names.map((_, index) => names[(index + by) % names.length])
