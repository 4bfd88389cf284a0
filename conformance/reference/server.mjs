/**
 * A small server that implements PROTOCOL.md, written from the text alone: the conformance suite is developed against it, and
 * proves with faults in it that it finds them. It knows one process, and no proxies.
 */
import { sendEnd } from './answers.mjs'
import { echo } from './application.mjs'
import { End } from './ends.mjs'
import { serveExchange } from './exchange.mjs'
import { serveBridge } from './frame-pages.mjs'
import { checkOrigin } from './origins.mjs'
import { Sessions } from './sessions.mjs'
import { serveStream } from './streams.mjs'
import { WebSocketCarrier } from './websocket.mjs'

/** The method of each path below the server's own. */
const METHODS = { '': 'POST', '/sse': 'GET', '/forever-iframe': 'GET', '/bridge': 'GET' }

/**
 * @param {object} [options]
 * @param {typeof echo} [options.application]
 * @param {string} [options.path]
 * @param {readonly string[]} [options.origins] Origins that may connect, beside the own one.
 * @param {boolean} [options.bound] Whether the key of a session is proof enough for most exchanges.
 * @param {boolean} [options.tags] Whether positions have tags.
 */
export function createReference({ application = echo, path = '/rungs', ...options } = {}) {
  const { origins = [], bound = true, tags = false } = options
  const sessions = new Sessions(application, { bound: bound ? 1 : undefined, tags })
  /** `waiting`: WebSockets that have not said whose they are. */
  const hub = { application, sessions, origins, bound, waiting: new Set() }
  return {
    handleRequest: (request, response) => serve(hub, path, request, response),
    handleUpgrade: (request, socket, head) => upgrade(hub, path, request, socket, head),
    close: () => sessions.close(),
  }
}

/** The URL of a request, and what of its path is below the server's own. */
function locate({ url }, path) {
  const found = new URL(url, 'http://server')
  const below = found.pathname.startsWith(path) ? found.pathname.slice(path.length) : '/elsewhere'
  return { url: found, below: below === '/' ? '' : below }
}

async function serve(hub, path, request, response) {
  try {
    const { url, below } = locate(request, path)
    const method = METHODS[below]
    if (!method) throw new End('not-found', 'there is nothing')
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end()
    } else if (below === '' && request.method === 'GET') {
      throw new End('not-found', 'this is a WebSocket without its upgrade')
    } else if (request.method !== method) {
      const allow = { Allow: below === '' ? 'GET, POST, OPTIONS' : 'GET, OPTIONS' }
      sendEnd(request, response, new End('method-not-allowed', `use ${method}`), allow)
    } else {
      await serveMethod(hub, below, url, request, response)
    }
  } catch (error) {
    if (!response.headersSent) sendEnd(request, response, End.of(error))
    else response.destroy()
  }
}

function serveMethod(hub, below, url, request, response) {
  if (below === '/bridge') return serveBridge(hub, response)
  const { 'content-encoding': encoding = 'identity' } = request.headers
  if (encoding !== 'identity') throw new End('unsupported-encoding', 'send the body as it is')
  checkOrigin(request, hub.origins)
  if (below === '') return serveExchange(hub, request, response)
  return serveStream(hub, below.slice(1), url, request, response)
}

function upgrade(hub, path, request, socket, head) {
  if (locate(request, path).below === '') return new WebSocketCarrier(hub, request, socket, head)
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  return undefined
}
