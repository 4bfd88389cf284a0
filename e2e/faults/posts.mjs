// @ts-check
/** What can happen to a request that changes something on the server. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { collect } from './bodies.mjs'

/** @typedef {import('./requests.mjs').Context} Context */
/** @typedef {import('./requests.mjs').Ask} Ask */
/** @typedef {import('./traffic.mjs').Exchange} Exchange */
/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./bodies.mjs').Reply} Reply */
/** @typedef {Omit<Reply, 'body'> & { body: Buffer }} KeptReply */
/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

/** Answers kept for later at most; the oldest goes first. */
const MAX_KEPT_REPLIES = 100

/**
 * @param {Context} context
 * @param {Exchange} exchange
 * @param {IncomingMessage} request
 * @param {Ask} ask
 * @returns {Promise<Reply | undefined>} undefined: the client gets no answer
 */
export async function post(context, exchange, request, ask) {
  const { faults } = context
  const { path, over } = exchange

  const lost = faults.strike('lose-requests', path)
  if (lost) {
    await collect(request)
    return abandon(exchange, 'lose-requests', lost)
  }
  const stale = faults.get('stale-answers', path)
  if (stale) return mixUp(context, exchange, request, ask, stale)

  const lose = faults.strike('lose-answers', path)
  const repeat = faults.strike('repeat-requests', path)
  const reply = repeat
    ? await twice(context, exchange, request, ask, repeat)
    : await ask(undefined, over)
  if (!lose) return reply
  await collect(reply.body)
  return abandon(exchange, 'lose-answers', lose)
}

/** @type {(exchange: Exchange, mode: import('./types.js').ModeName, unanswered: { then: string }) => undefined} */
function abandon(exchange, mode, { then }) {
  exchange.struck(mode)
  if (then === 'reset') exchange.link.reset()
}

/** @type {(context: Context, exchange: Exchange, request: IncomingMessage, ask: Ask, repeat: Settings['repeat-requests']) => Promise<Reply>} */
async function twice({ closing, note }, exchange, request, ask, repeat) {
  const body = await collect(request)
  exchange.struck('repeat-requests')
  // Only the one whose answer the client waits for is given up with the client: the other one is on its own.
  const [first, second] =
    repeat.answer === 'first' ? [exchange.over, undefined] : [undefined, exchange.over]
  const firstReply = ask(body, first)
  const secondReply = wait(repeat.after, undefined, { signal: closing }).then(() =>
    ask(body, second),
  )
  const [wanted, other] =
    repeat.answer === 'first' ? [firstReply, secondReply] : [secondReply, firstReply]
  other
    .then((reply) => collect(reply.body))
    .catch(
      (error) =>
        closing.aborted ||
        note({ type: 'error', where: 'repeat-requests', message: String(error) }),
    )
  return wanted
}

/** @type {(context: Context, exchange: Exchange, request: IncomingMessage, ask: Ask, stale: Settings['stale-answers']) => Promise<Reply | undefined>} */
async function mixUp({ faults, kept }, exchange, request, ask, stale) {
  const { method, path, over } = exchange
  const body = await collect(request)
  const digest = stale.to === 'same' ? createHash('sha256').update(body).digest('hex') : ''
  const key = [method, request.url, digest].join(' ')
  const old = kept.get(key)
  if (old) {
    kept.delete(key)
    if (stale.to === 'next') await collect((await ask(body, over)).body)
    exchange.struck('stale-answers')
    return again(old)
  }
  if (!faults.strike('stale-answers', path)) return ask(body, over)
  const reply = await ask(body)
  const whole = { ...reply, body: await collect(reply.body) }
  kept.set(key, whole)
  for (const oldest of kept.keys()) if (kept.size > MAX_KEPT_REPLIES) kept.delete(oldest)
  if (stale.then === 'answer') return again(whole)
  return abandon(exchange, 'stale-answers', stale)
}

/** @type {(reply: KeptReply) => Reply} */
const again = (reply) => ({ ...reply, body: Readable.from([reply.body], { objectMode: false }) })
