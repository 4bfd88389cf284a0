/** Which pages may connect: the rule that stands between a user's cookies and every other site (PROTOCOL.md 3.7). */
import type { IncomingMessage } from 'node:http'
import { BRIDGE_HEADER } from 'rungs/protocol'
import { Refusal } from '../errors.ts'
import { isOrigin, type Settings } from '../settings.ts'

/** Characters of a header that a refusal repeats. */
const MAX_QUOTED = 200

/**
 * Throws a {@link Refusal} unless the page that makes a request may connect. An exchange of the bridge frame comes from the
 * server's own origin and names the page around the bridge, which must be allowed as well. No other page can make such a
 * request, because its header would need a preflight, which is never granted.
 */
export function checkOrigin(request: IncomingMessage, settings: Settings): void {
  const { origin, cookie, [BRIDGE_HEADER]: bridgedOrigin } = request.headers
  if (origin === undefined) {
    // Programs other than browsers send no origin, and browsers send none with a GET of the same origin. In any other
    // request a cookie would be somebody's whose page is not known.
    if (cookie !== undefined && !isPlainGet(request))
      refuse('a request with cookies but without Origin')
  } else if (!isAllowed(origin, request, settings)) {
    refuse(`a page of ${origin}`)
  }
  if (bridgedOrigin === undefined) return
  if (origin !== undefined && !isOwn(origin, request, settings)) refuse(`a bridge of ${origin}`)
  if (typeof bridgedOrigin !== 'string' || !isAllowed(bridgedOrigin, request, settings)) {
    refuse(`a bridge in a page of ${String(bridgedOrigin)}`)
  }
}

/** The sources that may frame the bridge, for `frame-ancestors` (CSP 3, 6.4.2). */
export function frameAncestors({ origins }: Settings): string {
  // A function is asked when an exchange names the page. When the frame is loaded, the page around it is not known.
  return typeof origins === 'function' ? '*' : ["'self'", ...origins].join(' ')
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

function isAllowed(origin: string, request: IncomingMessage, settings: Settings): boolean {
  if (!isOrigin(origin)) return false
  if (isOwn(origin, request, settings)) return true
  const { origins } = settings
  // Exactly `true`: the promise of an async function would let every page in.
  return typeof origins === 'function'
    ? origins(origin, request) === true
    : origins.includes(origin)
}

/** Whether an origin is the server's own, as browsers see it. */
function isOwn(origin: string, { headers }: IncomingMessage, { host: hosts }: Settings): boolean {
  const own = hosts.length > 0 ? hosts : (headers.host ?? '')
  const { host } = new URL(origin)
  return typeof own === 'string' ? host === own : own.includes(host)
}

function refuse(what: string): never {
  const quoted = what.slice(0, MAX_QUOTED)
  throw new Refusal('origin-refused', `${quoted} may not connect; see the option origins`)
}
