// @ts-check
/** A page of the cluster's traffic: the real client in a real browser, as `window.peer`. */
import { connect } from '../../dist/rungs.min.mjs'
import { createPeer } from './peer.js'
import { userOf } from './plan.js'

/** @import { TransportName } from '../../src/types.ts' */

Object.assign(window, {
  /** @param {{ index: number, peers: number, largeEvery: number, transports: TransportName[] }} options */
  start({ transports, ...place }) {
    const auth = userOf(place.index)
    window.peer = createPeer(connect('/rungs', { transports, auth, remember: false }), place)
    return window.peer.join()
  },
})
