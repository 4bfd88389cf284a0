// @ts-check
/** Upgrade requests, and the bytes after them. */
import { addAbortSignal } from 'node:stream'
import { headText, say, viaConnection } from './answers.mjs'
import { forward, replyOf } from './bodies.mjs'
import { Lane } from './lane.mjs'
import { serve } from './requests.mjs'

/** @typedef {import('./requests.mjs').Context} Context */
/** @typedef {import('./traffic.mjs').Exchange} Exchange */
/** @typedef {import('./link.mjs').Link} Link */
/** @typedef {import('node:net').Socket} Socket */

/**
 * @param {Context & { random: () => number, clock: import('./types.js').Clock }} context
 * @param {Exchange} exchange
 * @param {import('node:http').IncomingMessage} request
 * @param {Buffer} early what the client sent behind its request
 */
export async function upgrade(context, exchange, request, early) {
  const { faults, upstream, closing } = context
  const { link, path, over } = exchange
  const rewriteHost = faults.get('rewrite-host', path) !== undefined
  exchange.refuse = (status) => say(viaConnection(link, '1.1'), status)

  if (faults.get('never-answer-websocket', path)) {
    swallow(link)
    return exchange.struck('never-answer-websocket')
  }
  const rejected = faults.get('reject-websocket', path)
  if (rejected) {
    exchange.struck('reject-websocket')
    return say(viaConnection(link, '1.1'), rejected.status)
  }
  const old = faults.get('http-1.0', path) !== undefined
  if (old || faults.get('strip-websocket', path)) {
    exchange.struck(old ? 'http-1.0' : 'strip-websocket')
    swallow(link)
    return serve(context, exchange, request, viaConnection(link, old ? '1.0' : '1.1'))
  }

  const { answer, socket, head } = await upstream.upgrade(request, { signal: over, rewriteHost })
  if (!socket) {
    swallow(link)
    return forward(replyOf(answer), viaConnection(link, '1.1'), exchange, faults)
  }
  if (over.aborted) return void socket.destroy() // The client left at the same moment.
  exchange.refuse = undefined
  socket.setNoDelay(true)
  addAbortSignal(closing, socket)
  link.write(headText('1.1', 101, answer.statusMessage ?? '', answer.rawHeaders), 'latin1')
  exchange.opened()
  if (faults.get('mute-websocket', path)) {
    exchange.struck('mute-websocket')
    swallow(link)
    link.once('close', () => socket.destroy())
    socket.on('error', () => {}) // Nothing is forwarded, the end neither.
    return void socket.resume()
  }
  if (early.length > 0) link.unshift(early)
  if (head && head.length > 0) socket.unshift(head)
  pump(context, exchange, link, socket, 'up')
  pump(context, exchange, socket, link, 'down')
}

/** Takes what comes and drops it, so that the end of the connection is noticed. @param {Link} link */
function swallow(link) {
  link.on('end', () => link.end())
  link.resume()
}

/**
 * @param {{ faults: import('./faults.mjs').FaultState, random: () => number, clock: import('./types.js').Clock }} context
 * @param {Exchange} exchange
 * @param {Link | Socket} source
 * @param {Link | Socket} target
 * @param {import('./types.js').Direction} direction
 */
function pump({ faults, random, clock }, exchange, source, target, direction) {
  const lane = new Lane({
    random,
    clock,
    conditions: () => ({
      delay: faults.get('delay-websocket', exchange.path)?.[direction] ?? 0,
      jitter: 0,
    }),
    onDrain: () => source.resume(),
    outlet: {
      write: (chunk) => target.destroyed || target.write(chunk),
      end: () => void target.end(),
      close: () => target.destroySoon(),
    },
  })
  source.on('data', (chunk) => {
    exchange.touch()
    if (!lane.write(chunk)) source.pause()
  })
  source.on('end', () => lane.end())
  source.on('close', () => lane.close())
  source.on('error', () => {}) // 'close' follows and does the work.
  target.on('drain', () => lane.resume())
  target.on('close', () => lane.discard())
}
