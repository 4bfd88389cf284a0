/** Which pages may connect: the rule that stands between a user's cookies and every other site (PROTOCOL.md 3.7). */
import type { IncomingMessage } from 'node:http'
import { BRIDGE_HEADER } from 'rungs/protocol'
import { DeploymentRefusal, type Refusal } from '../errors.ts'
import { isOrigin, isWebOrigin, type Settings } from '../settings.ts'
import { isOwn, mayBeProven, namedHost, provenOrigin } from './own-origin.ts'

/** Characters with which a refusal says whose page it was, and whose server: the headers may be long. */
const MAX_PAGE = 110
const MAX_HOST = 50

/**
 * Throws a {@link Refusal} unless the page that makes a request may connect. An exchange of the bridge frame comes from the
 * server's own origin and names the page around the bridge, which must be allowed as well. No other page can make such a
 * request, because its header would need a preflight, which is never granted.
 */
export function checkOrigin(request: IncomingMessage, settings: Settings): void {
  const { origin, cookie, [BRIDGE_HEADER]: bridgedOrigin } = request.headers
  const isOwnPage = origin !== undefined && isWebOrigin(origin) && isOwn(origin, request, settings)
  if (origin === undefined) {
    // Programs other than browsers send no origin, and browsers send none with a GET of the same origin. In any other
    // request a cookie would be somebody's whose page is not known.
    if (cookie !== undefined && !isPlainGet(request))
      throw refusal(request, 'a request with cookies but without Origin')
  } else if (!isOwnPage && !isListed(origin, request, settings)) {
    throw refusal(request, `a page of the Origin ${origin}`)
  }
  if (bridgedOrigin === undefined) return
  if (!isOwnPage) throw refusal(request, `a bridge of the Origin ${origin ?? '(none)'}`)
  const around = String(bridgedOrigin)
  // The bridge serves no page that has no origin.
  const isRefused = around === 'null' || !(around === origin || isListed(around, request, settings))
  if (isRefused) throw refusal(request, `a bridge in a page of the Origin ${around}`)
}

/**
 * Checks the origin of a WebSocket. Answers `undefined` if its page may connect; or its origin, if it may only join a session
 * that an exchange of the same origin has made, and whose origin the browser has vouched for. Throws a {@link Refusal} if
 * neither.
 */
export function checkWebSocketOrigin(
  request: IncomingMessage,
  settings: Settings,
): string | undefined {
  const { origin } = request.headers
  try {
    checkOrigin(request, settings)
    return undefined
  } catch (error) {
    const isPossible = origin !== undefined && isWebOrigin(origin) && mayBeProven(origin, request)
    if (!isPossible || request.headers[BRIDGE_HEADER] !== undefined) throw error
    return origin
  }
}

/** The refusal of a WebSocket whose origin no exchange has proven. */
export function unprovenRefusal(request: IncomingMessage): Refusal {
  return refusal(request, `a page of the Origin ${request.headers.origin}`)
}

/** The origin for the record of a session that a request makes: of a page that the browser says is the server's own. */
export function originToKeep(request: IncomingMessage): string | undefined {
  const origin = provenOrigin(request)
  const { [BRIDGE_HEADER]: bridgedOrigin = origin } = request.headers
  // In a bridge, the page around it has the session.
  return origin === bridgedOrigin ? origin : undefined
}

/** The sources that may frame the bridge, for `frame-ancestors` (CSP 3, 6.4.2). */
export function frameAncestors({ origins }: Settings): string {
  // A function is asked when an exchange names the page. When the frame is loaded, the page around it is not known.
  if (typeof origins === 'function') return '*'
  return ["'self'", ...origins.filter((origin) => origin !== 'null')].join(' ')
}

/** CORS headers (Fetch standard, 3.2.3). A page that is refused may read why, and nothing else. */
export function corsHeaders(request: IncomingMessage): { readonly [name: string]: string } {
  const { origin } = request.headers
  if (origin === undefined) return { Vary: 'Origin' }
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
  }
}

function isPlainGet({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade === undefined
}

/** Whether the option `origins` names or allows an origin. */
function isListed(origin: string, request: IncomingMessage, { origins }: Settings): boolean {
  // Sandboxed frames and files of everybody have this origin (Fetch standard, 3.2): a cookie would be that of their visitor.
  if (origin === 'null') {
    return typeof origins !== 'function' && origins.includes(origin) && !request.headers.cookie
  }
  if (!isOrigin(origin)) return false
  // Exactly `true`: the promise of an async function would let every page in.
  return typeof origins === 'function'
    ? origins(origin, request) === true
    : origins.includes(origin)
}

/** Says what was refused, and what an operator whose own page it is can do. */
function refusal(request: IncomingMessage, what: string): Refusal {
  const page = what.slice(0, MAX_PAGE)
  const host = (namedHost(request) ?? '(none)').slice(0, MAX_HOST)
  return new DeploymentRefusal(
    'origin-refused',
    `${page} may not connect to the Host ${host}; behind a proxy that rewrites Host, set the option host; for other sites, the option origins`,
  )
}
