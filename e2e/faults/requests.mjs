// @ts-check
import { say } from './answers.mjs'
import { collect, forward, replyOf } from './bodies.mjs'
import { post } from './posts.mjs'

/**
 * @typedef {object} Context what all requests of a proxy share
 * @property {import('./faults.mjs').FaultState} faults
 * @property {import('./upstream.mjs').Upstream} upstream
 * @property {import('./types.js').Log} note
 * @property {AbortSignal} closing the proxy is being closed
 * @property {Map<string, import('./posts.mjs').KeptReply>} kept answers that `stale-answers` gives to later requests
 */

/** Asks the server what the client asked. @typedef {(body?: Buffer, signal?: AbortSignal) => Promise<import('./bodies.mjs').Reply>} Ask */

/** Methods that change nothing (RFC 9110, 9.2.1); all others fall under the modes for a `POST`. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Serves one request that is no upgrade, or no longer.
 *
 * @param {Context} context
 * @param {import('./traffic.mjs').Exchange} exchange
 * @param {import('node:http').IncomingMessage} request
 * @param {import('./parts.js').Answer} answer
 */
export async function serve(context, exchange, request, answer) {
  const { faults, upstream } = context
  const old = faults.get('http-1.0', exchange.path) !== undefined
  const rewriteHost = faults.get('rewrite-host', exchange.path) !== undefined
  exchange.refuse = (status) => say(answer, status)
  if (old && request.headers['transfer-encoding']) return say(answer, 411)

  /** @type {Ask} */
  const ask = async (body, signal) =>
    replyOf(
      await upstream.ask(request, {
        old,
        rewriteHost,
        ...(body && { body }),
        ...(signal && { signal }),
      }),
    )

  const limit = faults.get('limit-bodies', exchange.path)
  if (limit && Number(request.headers['content-length'] ?? 0) > limit.size) {
    exchange.struck('limit-bodies')
    await collect(request)
    return limit.status ? say(answer, limit.status) : exchange.link.reset()
  }

  const reply = SAFE.has(exchange.method)
    ? await ask(undefined, exchange.over)
    : await post(context, exchange, request, ask)
  if (reply) forward(reply, answer, exchange, faults)
}
