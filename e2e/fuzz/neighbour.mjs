/**
 * A well-behaved neighbour of the attackers, in a process of its own: the real client over every transport, which sends numbers
 * and counts and times what comes back.
 */
import { connect, ladder } from '../../dist/esm/core.mjs'
import { answer } from '../../bench/child.mjs'
import { createTally } from '../../demo/tally.js'
import { installBrowser } from './node-browser.mjs'
import { NODE_TRANSPORTS } from './node-transports.mjs'

/** @import { Transport } from '../../src/transports/transport.ts' */

/** Milliseconds from one number to the next. */
const GAP = 50

installBrowser()

/** @param {string} url @param {Transport} transport */
function visit(url, transport) {
  const tally = createTally()
  /** @type {number[]} when each number was sent, by its place */
  const sentAt = []
  /** @type {number[]} */
  let delays = []
  /** @type {string[]} */
  const ends = []
  const socket = connect(url, { transports: [transport], ladder })
  socket.onReset(({ reason }) => void ends.push(`reset: ${reason}`))
  socket.onState(({ state, reason }) => state === 'closed' && ends.push(`closed: ${reason}`))
  socket.onMessage((data) => {
    const number = Number(data)
    tally.receive(number)
    delays.push(performance.now() - (sentAt[number - 1] ?? NaN))
  })
  const say = () => {
    if (socket.state === 'closed') return
    sentAt.push(performance.now())
    socket.send(sentAt.length)
  }
  const timer = setInterval(say, GAP)
  return {
    name: transport.name,
    async finish() {
      clearInterval(timer)
      const isThere = () => tally.different >= sentAt.length || ends.length > 0
      for (let tries = 0; tries < 1_200 && !isThere(); tries++) {
        await new Promise((resolve) => void setTimeout(resolve, GAP))
      }
      tally.giveUp(sentAt.length)
      const sorted = delays.toSorted((a, b) => a - b)
      const at = (/** @type {number} */ share) =>
        Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)
      return {
        name: transport.name,
        sent: sentAt.length,
        ...tally.counts,
        ends,
        median: at(0.5),
        p99: at(0.99),
        worst: Math.round(sorted.at(-1) ?? 0),
      }
    },
  }
}

/** @type {ReturnType<typeof visit>[]} */
let visits = []
answer({
  /** @param {string} url */
  start(url) {
    visits = NODE_TRANSPORTS.map((transport) => visit(url, transport))
    return visits.map(({ name }) => name)
  },
  finish: () => Promise.all(visits.map(({ finish }) => finish())),
})
