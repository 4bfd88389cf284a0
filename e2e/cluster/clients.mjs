/** Node clients of the cluster's traffic, in a process of their own: the real client, over all transports in turn. */
import { answer } from '../../bench/child.mjs'
import { connect, ladder } from '../../dist/esm/core.mjs'
import { installBrowser } from '../fuzz/node-browser.mjs'
import { NODE_TRANSPORTS } from '../fuzz/node-transports.mjs'
import { createPeer } from './peer.js'
import { userOf } from './plan.js'

installBrowser()

/** A ladder of one rung for each transport, and one of all of them. */
const LADDERS = [...NODE_TRANSPORTS.map((transport) => [transport]), NODE_TRANSPORTS]

/** @type {ReturnType<typeof createPeer>[]} */
let all = []

answer({
  /**
   * @param {string} url
   * @param {readonly { index: number, peers: number, largeEvery: number }[]} places
   */
  async start(url, places) {
    all = places.map((place) => {
      const transports = LADDERS[place.index % LADDERS.length]
      const socket = connect(url, { transports, ladder, auth: userOf(place.index) })
      return createPeer(socket, place)
    })
    const joined = await Promise.all(all.map((peer) => peer.join()))
    return joined.every(Boolean)
  },
  /** @param {number} gap */
  flow(gap) {
    for (const peer of all) peer.flow(gap)
  },
  rest() {
    for (const peer of all) peer.rest()
  },
  sent: () => all.map((peer) => peer.sent),
  /** @param {Parameters<(typeof all)[number]['finish']>} args */
  finish: (...args) => Promise.all(all.map((peer) => peer.finish(...args))),
})
