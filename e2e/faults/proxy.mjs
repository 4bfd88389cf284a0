// @ts-check
/**
 * The fault proxy: a reverse proxy that misbehaves on demand. Modes, each described in `modes.mjs`:
 *
 *     line        delay, jitter, bandwidth
 *     connection  starve-connections, http-1.0, rewrite-host
 *     websocket   never-answer-websocket, reject-websocket, strip-websocket, mute-websocket, kill-websocket,
 *                 delay-websocket
 *     stream      buffer-streams, hold-streams, block-streams, lag-streams, cut-streams
 *     request     kill-requests, limit-bodies, lose-requests, lose-answers, repeat-requests, stale-answers
 *     filter      only
 *
 * and three acts: `cut`, `refuse`, `silence`. The way of a byte:
 *
 *     client ── network.mjs: Link (delay, bandwidth, silence, cut) ── gateway.mjs: reads requests
 *            ── requests.mjs, posts.mjs, bodies.mjs or websocket.mjs ── upstream.mjs ── the real server
 */
import { setMaxListeners } from 'node:events'
import net from 'node:net'
import { chance } from './chance.mjs'
import { FaultState } from './faults.mjs'
import { createGateway } from './gateway.mjs'
import { realClock } from './lane.mjs'
import { Network } from './network.mjs'
import { Door } from './door.mjs'
import { Traffic } from './traffic.mjs'
import { Upstream } from './upstream.mjs'

/** @typedef {import('./types.js').FaultProxy} FaultProxy */

/** @type {typeof import('./types.js').startFaultProxy} */
export async function startFaultProxy(options) {
  const { port = 0, host = '127.0.0.1', seed = 1, clock = realClock } = options
  const random = chance(seed)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  /** @type {import('./types.js').Log} */
  const note = (event) => proxy.log?.(event)

  const faults = new FaultState(random)
  const upstream = new Upstream(options.upstream)
  const network = new Network(faults, random, clock)
  const traffic = new Traffic(faults, clock, note)
  const context = {
    faults,
    upstream,
    note,
    random,
    clock,
    closing: closing.signal,
    kept: new Map(),
  }
  const receive = createGateway(context, traffic)
  const door = new Door(host, clock, note, (socket) => {
    note({ type: 'connection' })
    receive(network.accept(socket))
  })

  /** @type {FaultProxy} */
  const proxy = {
    log: options.log,
    get url() {
      return `http://${net.isIPv6(host) ? `[${host}]` : host}:${door.port}`
    },
    get port() {
      return door.port
    },
    set(changes) {
      faults.set(changes)
      note({ type: 'set', faults: changes })
    },
    clear() {
      faults.clear()
      network.endSilences()
      door.open()
      context.kept.clear()
      note({ type: 'clear' })
    },
    cut(kind) {
      const count = network.cut(kind)
      note({ type: 'cut', kind: kind ?? 'all', count })
      return count
    },
    refuse(ms = Infinity) {
      note({ type: 'refuse', ms })
      return door.shut(ms)
    },
    silence(silence = {}) {
      note({ type: 'silence', ...silence })
      return network.silence(silence)
    },
    get stats() {
      return {
        connections: { open: network.open, total: network.total },
        requests: { ...traffic.requests },
        live: { ...traffic.live },
        bytes: { ...network.bytes },
      }
    },
    async close() {
      closing.abort()
      traffic.stop()
      network.endSilences()
      const shut = door.close()
      network.cut()
      upstream.close()
      await shut
    },
  }

  if (options.faults) faults.set(options.faults)
  await door.listen(port)
  return proxy
}
