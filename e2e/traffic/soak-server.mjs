// @ts-check
/** The server of the soak, in a process of its own: what it holds on to is nobody else's. */
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from '../../bench/child.mjs'
import { startTraffic } from './server.mjs'

const server = await startTraffic()

answer({
  origin: () => server.origin,
  /** @param {string} id @param {number} gap */
  flow: (id, gap) => server.end(id).flow(Infinity, gap),
  /** @param {string} id */
  rest: (id) => server.end(id).rest(),
  /** @param {string} id */
  say: (id) => server.end(id).say(),
  /** @param {string} id @param {number} wanted */
  reaches: (id, wanted) => server.end(id).reaches(wanted),
  /** @param {string} id */
  counts: (id) => server.end(id).tally.counts,
  async heap() {
    // What timers and finalizers let go of since one collection goes with the next.
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.()
      await sleep(50)
    }
    return process.memoryUsage().heapUsed
  },
})
