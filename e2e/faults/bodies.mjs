// @ts-check
import { hasLength } from './answers.mjs'

/** @typedef {import('./types.js').Settings} Settings */

/**
 * @typedef {object} Reply what the server answered, or once did
 * @property {number} status
 * @property {string} message
 * @property {readonly string[]} rawHeaders
 * @property {import('node:stream').Readable} body
 */

/** Bytes of a body that are held at most; then all of them pass, as in a proxy whose buffers are full. */
const MAX_HELD = 8_388_608

/** Largest body of a request or answer that is kept in memory, bytes. */
const MAX_KEPT = 16_777_216

/** @type {(answer: import('node:http').IncomingMessage) => Reply} */
export const replyOf = (answer) => ({
  status: answer.statusCode ?? 502,
  message: answer.statusMessage ?? '',
  rawHeaders: answer.rawHeaders,
  body: answer,
})

/**
 * @param {import('node:stream').Readable} stream
 * @returns {Promise<Buffer>}
 */
export async function collect(stream) {
  /** @type {Buffer[]} */
  const chunks = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > MAX_KEPT) throw new RangeError(`body is larger than ${MAX_KEPT} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * Passes a reply on to the client, as the modes for streams allow at each moment.
 *
 * @param {Reply} reply
 * @param {import('./parts.js').Answer} answer
 * @param {import('./traffic.mjs').Exchange} exchange
 * @param {import('./faults.mjs').FaultState} faults
 */
export function forward({ status, message, rawHeaders, body }, answer, exchange, faults) {
  const stream =
    exchange.method !== 'HEAD' && status !== 204 && status !== 304 && !hasLength(rawHeaders)
  if (stream !== (exchange.kind === 'stream') && exchange.kind !== 'websocket')
    exchange.becomes(stream ? 'stream' : 'request')
  exchange.opened()

  /** @type {Buffer[]} */
  let held = []
  let size = 0
  /** Bytes that have come so far. */
  let total = 0
  let ended = false
  let writable = true
  const told = new Set()

  /** How many of the held bytes may go. */
  const passable = () => {
    if (ended || !stream || size >= MAX_HELD) return size
    const mode = holdingMode(faults, exchange.path)
    if (!mode || (mode.name === 'hold-streams' && total > mode.size)) return size
    if (size > 0 && !told.has(mode.name)) {
      told.add(mode.name)
      exchange.struck(mode.name)
    }
    return mode.name === 'buffer-streams' || mode.name === 'hold-streams'
      ? 0
      : mode.name === 'block-streams'
        ? size - (size % mode.size)
        : size - (held.at(-1)?.length ?? 0)
  }

  const pass = () => {
    let free = passable()
    const holdHead = stream && !ended && free === 0 && holdsHead(faults, exchange.path)
    if (!answer.started && !holdHead) {
      exchange.refuse = undefined
      answer.head(status, message, rawHeaders)
    }
    while (free > 0 && writable) {
      const whole = /** @type {Buffer} */ (held.shift())
      const chunk = whole.subarray(0, free)
      if (chunk.length < whole.length) held.unshift(whole.subarray(free))
      free -= chunk.length
      size -= chunk.length
      writable = answer.write(chunk)
    }
    if (ended && size === 0) {
      stop()
      answer.end()
    } else if (!writable || size >= MAX_HELD) body.pause()
    else body.resume()
  }

  const stop = faults.onChange(pass)
  exchange.over.addEventListener('abort', stop)
  answer.onDrain(() => {
    writable = true
    if (size > 0 || !ended) pass()
  })
  body.on('data', (chunk) => {
    exchange.touch()
    held.push(chunk)
    size += chunk.length
    total += chunk.length
    pass()
  })
  body.on('end', () => {
    ended = true
    pass()
  })
  // The server broke off: so does the proxy. Its error says no more than this; 'close' follows it.
  body.on('error', () => {})
  body.on('close', () => {
    if (!ended) exchange.link.destroySoon()
  })
  pass()
}

/** @type {(faults: import('./faults.mjs').FaultState, path: string) => boolean} */
const holdsHead = (faults, path) =>
  !!faults.get('buffer-streams', path)?.headers || !!faults.get('hold-streams', path)

/** @type {(faults: import('./faults.mjs').FaultState, path: string) => { name: 'buffer-streams' | 'hold-streams' | 'block-streams' | 'lag-streams', size: number } | undefined} */
function holdingMode(faults, path) {
  if (faults.get('buffer-streams', path)) return { name: 'buffer-streams', size: 0 }
  const start = faults.get('hold-streams', path)
  if (start) return { name: 'hold-streams', size: start.size }
  const blocks = faults.get('block-streams', path)
  if (blocks) return { name: 'block-streams', size: blocks.size }
  if (faults.get('lag-streams', path)) return { name: 'lag-streams', size: 0 }
  return undefined
}
