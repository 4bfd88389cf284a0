/** Finds what answers a request below the hub's path (PROTOCOL.md 3.1). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { DeploymentRefusal, Refusal } from '../errors.ts'
import { toRefusal, type ServerContext } from './context.ts'
import { handleExchange } from './exchange.ts'
import { sendBridge } from './frame-pages.ts'
import { corsHeaders } from './origins.ts'
import { sendPageForPeople } from './page-for-people.ts'
import { limitFlushTime, refuse } from './responses.ts'
import { openStream } from './streams.ts'

/** All that is served below the hub's path. */
const SUBPATHS = ['', '/sse', '/forever-iframe', '/bridge']

/** The part of a request's path below the hub's: `''`, `/sse` …; `undefined` if the request is not the hub's. */
export function pathBelow(path: string, { url = '' }: IncomingMessage): string | undefined {
  const [target] = url.split('?', 1) as [string]
  if (target === path || target === `${path}/`) return ''
  return target.startsWith(`${path}/`) ? target.slice(path.length) : undefined
}

/**
 * Answers a request, whatever it is.
 *
 * @param subpath The answer of {@link pathBelow}.
 */
export async function handleRequest(
  context: ServerContext,
  subpath: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!context.pipelining.admit(request, response)) {
    // Answers pile up that nobody reads: one more would too.
    toRefusal(context, new Refusal('malformed', 'a connection sends requests without end'))
    request.socket.destroy()
    return
  }
  limitFlushTime(response, context.settings.heartbeat)
  try {
    await route(context, subpath, request, response)
  } catch (error) {
    const { end } = toRefusal(context, error)
    if (!response.headersSent) refuse(request, response, end)
    else if (!response.writableEnded) response.destroy()
  }
}

async function route(
  context: ServerContext,
  subpath: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method } = request
  if (method === 'OPTIONS' && SUBPATHS.includes(subpath)) {
    // A preflight. No header and no method is allowed.
    response.writeHead(204, corsHeaders(request)).end()
    return
  }
  switch (subpath) {
    case '':
      if (method === 'POST') return handleExchange(context, request, response)
      if (method === 'GET') return answerPlainGet(context, request, response)
      break
    case '/sse':
      if (method === 'GET') return openStream(context, 'sse', request, response)
      break
    case '/forever-iframe':
      if (method === 'GET') return openStream(context, 'forever-iframe', request, response)
      break
    case '/bridge':
      if (method === 'GET') return sendBridge(context, response)
      break
    default:
      throw new Refusal('not-found', 'nothing is served at this path')
  }
  const allowed = subpath === '' ? 'GET, POST' : 'GET'
  response.setHeader('Allow', allowed)
  throw new Refusal('method-not-allowed', `the method is ${method}; this path takes ${allowed}`)
}

/** Answers a `GET` of the hub's own path that is no upgrade: of a person who looks what is there, or a handshake that was changed. */
function answerPlainGet(
  { strippedHandshakes }: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { accept = '', 'sec-websocket-version': version } = request.headers
  // Proxies that do not know WebSockets take away `Upgrade`, which is hop-by-hop (RFC 9110, 7.6.1), and let all else pass.
  if (version !== undefined) {
    strippedHandshakes.note()
    throw new DeploymentRefusal(
      'not-found',
      'this is a WebSocket whose header Upgrade was taken away; if that is your reverse proxy, let it pass Upgrade and Connection',
    )
  }
  if (accept.includes('text/html')) return sendPageForPeople(response)
  const met = strippedHandshakes.isRecent() ? 'upgrade-removed: ' : ''
  throw new Refusal('not-found', `${met}this path takes WebSockets and POST`)
}
