// @ts-check
import http from 'node:http'
import { viaConnection, viaResponse } from './answers.mjs'
import { serve } from './requests.mjs'
import { upgrade } from './websocket.mjs'

/** @typedef {import('./link.mjs').Link} Link */
/** @typedef {import('./traffic.mjs').Exchange} Exchange */

/**
 * Reads requests from links and has them served.
 *
 * @param {Parameters<typeof upgrade>[0]} context
 * @param {import('./traffic.mjs').Traffic} traffic
 * @returns {(link: Link) => void} takes a new link
 */
export function createGateway(context, traffic) {
  const { faults, note } = context
  // It never listens, and never closes a connection of its own accord: time limits are modes.
  const server = http.createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 })

  server.on('request', (request, response) => {
    const link = linkOf(request.socket)
    const kind = request.headers.accept?.includes('text/event-stream') ? 'stream' : 'request'
    const exchange = traffic.begin(link, request, kind)
    response.once('close', exchange.done)
    void run(exchange, () => {
      const old = faults.get('http-1.0', exchange.path)
      return serve(
        context,
        exchange,
        request,
        old ? viaConnection(link, '1.0') : viaResponse(response),
      )
    })
  })

  server.on('upgrade', (request, connection, early) => {
    const link = linkOf(connection)
    const exchange = traffic.begin(link, request, 'websocket')
    // A client that closes before it has its answer has given up.
    link.once('hangup', () => exchange.isOpen || link.destroy())
    void run(exchange, () => upgrade(context, exchange, request, early))
  })

  /** @type {(exchange: Exchange, work: () => Promise<void>) => Promise<void>} */
  async function run(exchange, work) {
    try {
      await traffic.turn(exchange)
      if (!exchange.over.aborted) await work()
    } catch (error) {
      if (exchange.over.aborted) return // The client has gone, and so the server was asked no longer.
      note({ type: 'error', where: `${exchange.method} ${exchange.path}`, message: String(error) })
      // As other proxies do: 502 if the server is not there; what it breaks off is broken off.
      if (/** @type {NodeJS.ErrnoException} */ (error).syscall === 'connect' && exchange.refuse)
        exchange.refuse(502)
      else exchange.link.destroySoon()
    }
  }

  return (link) => void server.emit('connection', link)
}

/** The connections of this server are links, whatever Node's types say. @type {(connection: import('node:stream').Duplex) => Link} */
const linkOf = (connection) => /** @type {Link} */ (connection)
