/** Which pages may connect: the rule that stands between a user's cookies and every other site. */
import type { IncomingMessage } from 'node:http'
import { BRIDGE_HEADER } from 'rungs/protocol'
import { Refusal } from '../errors.ts'
import { isOrigin, type Settings } from '../options.ts'

/** Whether it is the origin of the server itself, as browsers see it. */
function isOwn(origin: string, { headers }: IncomingMessage, { host }: Settings): boolean {
  const own = host.length > 0 ? host : (headers.host ?? '')
  const { host: theirs } = new URL(origin)
  return typeof own === 'string' ? theirs === own : own.includes(theirs)
}

function isAllowed(origin: string, request: IncomingMessage, settings: Settings): boolean {
  if (!isOrigin(origin)) return false
  if (isOwn(origin, request, settings)) return true
  const { origins } = settings
  // Exactly true: the promise of an async function would let everybody in.
  return typeof origins === 'function'
    ? origins(origin, request) === true
    : origins.includes(origin)
}

/**
 * Throws a {@link Refusal} unless the page may connect. An exchange of the bridge frame comes from the server's own
 * origin and names the page around it, which must be allowed as well: no foreign page can make such a request, for the
 * header would need a preflight, which is never granted.
 */
export function checkOrigin(request: IncomingMessage, settings: Settings): void {
  const { origin, cookie, upgrade, [BRIDGE_HEADER]: around } = request.headers
  if (origin === undefined) {
    // Programs other than browsers send none, nor do a browser's same-origin GETs. A cookie would be somebody's.
    const plain = request.method === 'GET' && upgrade === undefined
    if (cookie !== undefined && !plain) refuse('a request with cookies and without origin')
  } else if (!isAllowed(origin, request, settings)) {
    refuse(`pages of ${origin}`)
  }
  if (around === undefined) return
  if (origin !== undefined && !isOwn(origin, request, settings)) refuse(`a bridge of ${origin}`)
  if (typeof around !== 'string' || !isAllowed(around, request, settings))
    refuse(`a bridge in a page of ${String(around)}`)
}

function refuse(what: string): never {
  throw new Refusal(
    'origin-refused',
    `${what.slice(0, 200)} may not connect; see the option origins`,
  )
}

/** The sources that may frame the bridge, for `frame-ancestors` (CSP 3, 6.4.2). */
export function frameAncestors({ origins }: Settings): string {
  // A function decides when an exchange names the page; before that, nobody can be told apart.
  return typeof origins === 'function' ? '*' : ["'self'", ...origins].join(' ')
}

/** CORS headers (Fetch standard, 3.2.3): a refused page may read why it was refused, and nothing else. */
export function corsHeaders(request: IncomingMessage): { readonly [name: string]: string } {
  const { origin } = request.headers
  if (origin === undefined) return { Vary: 'Origin' }
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
  }
}
