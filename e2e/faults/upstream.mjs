// @ts-check
import http from 'node:http'

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

/**
 * @typedef {object} Question
 * @property {AbortSignal} [signal] gives up
 * @property {Buffer} [body] instead of the request's own, which has been read
 * @property {boolean} [old] speak HTTP/1.0
 * @property {boolean} [rewriteHost]
 */

/** Headers that concern one connection only (RFC 9110, 7.6.1), and `Expect`, which Node has answered already. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])

/** Kept-alive connections are dropped before the server does it: else a request may meet a connection that closes. */
const IDLE = 2000

/**
 * @param {readonly string[]} rawHeaders names and values in turn
 * @returns {string[]} without those that concern one connection only
 */
export function endToEnd(rawHeaders) {
  /** @type {string[]} */
  const kept = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2)
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}

/** Node's client always says HTTP/1.1; the request line is the first thing that it writes. */
class OldAgent extends http.Agent {
  /** @override @type {http.Agent['createConnection']} */
  createConnection(options, callback) {
    const socket = /** @type {import('node:stream').Duplex} */ (
      super.createConnection(options, callback)
    )
    const write = socket.write
    socket.write = (/** @type {unknown} */ head, /** @type {any[]} */ ...rest) => {
      socket.write = write
      return socket.write(String(head).replace(' HTTP/1.1\r\n', ' HTTP/1.0\r\n'), ...rest)
    }
    return socket
  }
}

/** The real server. */
export class Upstream {
  #origin
  #agent = new http.Agent({ keepAlive: true, timeout: IDLE })
  #single = new http.Agent()
  #old = new OldAgent()

  /** @param {string} origin */
  constructor(origin) {
    this.#origin = new URL(origin)
    if (this.#origin.protocol !== 'http:')
      throw new TypeError(`upstream must be http://host:port, not ${origin}`)
  }

  /**
   * Asks what the client asked.
   *
   * @param {IncomingMessage} request
   * @param {Question} [question]
   * @returns {Promise<IncomingMessage>} the answer, its body unread
   */
  ask(request, question = {}) {
    return new Promise((resolve, reject) => {
      const headers = this.#headers(request, question)
      const asked = this.#request(
        request,
        headers,
        question.old ? this.#old : this.#agent,
        question.signal,
      )
      asked.once('response', resolve).on('error', reject)
      if (question.body) asked.end(question.body)
      else if (hasBody(request)) request.pipe(asked)
      else asked.end()
    })
  }

  /**
   * Asks for the upgrade that the client asked for.
   *
   * @param {IncomingMessage} request
   * @param {Question} question
   * @returns {Promise<{ answer: IncomingMessage, socket?: import('node:net').Socket, head?: Buffer }>}
   *   without a socket: refused
   */
  upgrade(request, question) {
    return new Promise((resolve, reject) => {
      const headers = this.#headers(request, question)
      headers['Connection'] = 'Upgrade'
      headers['Upgrade'] = request.headers.upgrade ?? ''
      const asked = this.#request(request, headers, this.#single, question.signal)
      asked.once('upgrade', (answer, socket, head) => resolve({ answer, socket, head }))
      asked.once('response', (answer) => resolve({ answer })).on('error', reject)
      asked.end()
    })
  }

  close() {
    for (const agent of [this.#agent, this.#single, this.#old]) agent.destroy()
  }

  /** @type {(request: IncomingMessage, headers: http.OutgoingHttpHeaders, agent: http.Agent, signal?: AbortSignal) => http.ClientRequest} */
  #request(request, headers, agent, signal) {
    const { hostname, port } = this.#origin
    return http.request({
      hostname: hostname.replace(/^\[|\]$/g, ''), // IPv6
      port: port || 80,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers,
      agent,
      ...(signal && { signal }),
    })
  }

  /** @type {(request: IncomingMessage, question: Question) => http.OutgoingHttpHeaders} */
  #headers(request, { body, rewriteHost }) {
    /** @type {Record<string, string[]>} */
    const grouped = {}
    const raw = endToEnd(request.rawHeaders)
    for (let i = 0; i < raw.length; i += 2) (grouped[raw[i] ?? ''] ??= []).push(raw[i + 1] ?? '')
    /** @type {http.OutgoingHttpHeaders} */
    const headers = {}
    for (const [name, values] of Object.entries(grouped)) {
      const value = values.length > 1 ? values : values[0]
      if (value === undefined || (name.toLowerCase() === 'host' && rewriteHost)) continue
      if (name.toLowerCase() === 'content-length' && body) continue
      headers[name] = value
    }
    if (body) headers['Content-Length'] = String(body.length)
    return headers
  }
}

/** @param {IncomingMessage} request */
function hasBody({ headers }) {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
