// @ts-check
/** One client of the cluster's traffic, in a page or in Node: it sends numbered messages in every way, and counts those it hears. */
import { createTally } from '../../demo/tally.js'
import { WAYS, addresseeOf, hears, roomOf } from './plan.js'

/** @import { Socket } from '../../src/types.ts' */
/** @import { Counts, Sent, Way } from './plan.js' */

/** Characters of a large message, which travels in parts. */
const LARGE = 300_000
/** Bytes that may wait for acceptance: while there are more, the client holds back, as it must while no node answers. */
const MOST_BUFFERED = 1_000_000
/** Messages that a late timer catches up with at a time. */
const MOST_AT_ONCE = 20

/** @param {() => boolean} isSo @param {number} ms @returns {Promise<boolean>} whether it came to be so in time */
async function waitFor(isSo, ms) {
  const end = Date.now() + ms
  while (!isSo()) {
    if (Date.now() > end) return false
    await new Promise((resolve) => void setTimeout(resolve, 50))
  }
  return true
}

/**
 * @param {Socket<any, any>} socket
 * @param {{ index: number, peers: number, largeEvery: number }} place
 */
export function createPeer(socket, { index, peers, largeEvery }) {
  /** @type {Sent} */
  const sent = { session: 0, room: 0, user: 0, relay: 0 }
  /** Messages to the application, of all ways but `relay`. */
  let up = 0
  /** @type {Map<string, ReturnType<typeof createTally>>} by sender and way */
  const streams = new Map()
  /** @type {string[]} */
  const resets = []
  let damaged = 0
  let longestReconnect = 0
  /** @type {number | undefined} */
  let reconnectingSince
  let isWelcome = false
  /** @type {Counts | undefined} */
  let upCounts
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer

  /** @param {number} from @param {Way} way */
  const stream = (from, way) => {
    const name = `${from} ${way}`
    const known = streams.get(name) ?? createTally()
    streams.set(name, known)
    return known
  }
  socket.onMessage((message) => {
    if (message.way === 'hello') isWelcome = true
    else if (message.way === 'report') upCounts = message.up
    else {
      const { from, way, number, pad } = message
      if (pad !== undefined && pad.length !== LARGE) damaged++
      stream(from, way).receive(number)
    }
  })
  socket.onReset(({ reason }) => resets.push(reason))
  socket.onState(({ state, reason }) => {
    if (state === 'closed') resets.push(`closed: ${reason}`)
    if (state === 'reconnecting') reconnectingSince ??= Date.now()
    else if (reconnectingSince !== undefined) {
      longestReconnect = Math.max(longestReconnect, Date.now() - reconnectingSince)
      reconnectingSince = undefined
    }
  })

  const total = () => WAYS.reduce((sum, way) => sum + sent[way], 0)
  const say = () => {
    const way = /** @type {Way} */ (WAYS[total() % WAYS.length])
    const number = ++sent[way]
    const isLarge = total() % largeEvery === index % largeEvery
    const message = { from: index, way, number, ...(isLarge && { pad: 'x'.repeat(LARGE) }) }
    const user = addresseeOf(index, way, peers)
    if (way === 'relay') socket.send(message, { to: user })
    else socket.send({ ...message, up: ++up, room: roomOf(index), user })
  }
  const canSay = () => socket.state !== 'closed' && socket.bufferedAmount < MOST_BUFFERED

  return {
    /** Resolves once the application has put the session into its room. */
    async join() {
      socket.send({ way: 'hello', room: roomOf(index) })
      return waitFor(() => isWelcome, 60_000)
    },
    /** Sends a message each `gap` milliseconds, whatever the browser does to timers. @param {number} gap */
    flow(gap) {
      let began = Date.now()
      let said = 0
      timer = setInterval(() => {
        for (let i = 0; i < MOST_AT_ONCE && said < (Date.now() - began) / gap && canSay(); i++) {
          say()
          said++
        }
        // Messages that were held back are not made up for.
        if (!canSay()) began = Date.now() - said * gap
      }, 50)
    },
    /** Sends no more. */
    rest: () => clearInterval(timer),
    get sent() {
      return { index, sent, total: total() }
    },
    /**
     * Waits for what is still to come, at most so many milliseconds, and returns the outcome.
     *
     * @param {readonly Sent[]} all by the senders' indexes
     * @param {number} ms
     */
    async finish(all, ms) {
      const expected = all.flatMap((sent, from) =>
        WAYS.filter((way) => hears(index, from, way, peers)).map((way) => ({
          from,
          way,
          tally: stream(from, way),
          sent: sent[way],
        })),
      )
      const end = Date.now() + ms
      await waitFor(() => expected.every(({ tally, sent }) => tally.different >= sent), ms)
      if (socket.state !== 'closed') socket.send({ way: 'report' })
      await waitFor(() => upCounts !== undefined, Math.max(5_000, end - Date.now()))
      for (const { tally, sent } of expected) tally.giveUp(sent)
      const wrong = expected
        .filter(
          ({ tally }) => tally.counts.lost + tally.counts.repeated + tally.counts.reordered > 0,
        )
        .map(({ from, way, tally }) => ({ from, way, ...tally.counts }))
      const strangers = streams.size - expected.length
      return {
        index,
        transport: socket.transport,
        up: upCounts ?? { received: 0, lost: 0, repeated: 0, reordered: 0 },
        upSent: up,
        down: expected.map(({ tally }) => tally.counts).reduce(sum, sum()),
        wrong,
        damaged: damaged + strangers,
        resets,
        longestReconnect,
        attempts: wrong.length > 0 ? socket.attempts.slice(-10) : [],
      }
    },
  }
}

/** @param {Counts} [a] @param {Counts} [b] @returns {Counts} */
function sum(a, b) {
  const add = (/** @type {keyof Counts} */ name) => (a?.[name] ?? 0) + (b?.[name] ?? 0)
  return {
    received: add('received'),
    lost: add('lost'),
    repeated: add('repeated'),
    reordered: add('reordered'),
  }
}
