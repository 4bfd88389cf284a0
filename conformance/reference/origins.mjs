/** Which pages may connect, and what browsers are told about it (PROTOCOL.md 3.7, 7). */
import { End } from './ends.mjs'

/** Whether an origin is that of this server, as a browser sees it. */
const isOwn = (origin, host) => [`http://${host}`, `https://${host}`].includes(origin)

/** Whether pages of an origin are of https or of this machine, to which browsers say where a request comes from. */
const isTrusted = (origin) =>
  /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin)

/** The own origin, as the browser says it, whatever `Host` is; `undefined` where it does not. */
function vouchedOrigin({ headers: { origin, 'sec-fetch-site': site } }) {
  return site === 'same-origin' && origin && isTrusted(origin) ? origin : undefined
}

/** The origin to keep with a session that a request makes. In a bridge, the session is that of the page around it. */
export function originToKeep(request) {
  const { 'rungs-origin': bridged } = request.headers
  const vouched = vouchedOrigin(request)
  return bridged === undefined || bridged === vouched ? vouched : undefined
}

/** Whether the page of a WebSocket may be the own one though nothing in its handshake says so. */
export function mayJoin({ headers }) {
  const { origin, 'sec-fetch-site': site, 'rungs-origin': bridged } = headers
  return site === undefined && bridged === undefined && origin !== undefined && isTrusted(origin)
}

/**
 * Refuses a request of a page that may not connect.
 *
 * @param {readonly string[]} allowed Origins beside the own one.
 */
export function checkOrigin(request, allowed) {
  const { headers, method } = request
  const { origin, cookie, upgrade, 'rungs-origin': bridged, 'sec-fetch-site': site } = headers
  const vouched = vouchedOrigin(request)
  // Where the browser says that the page is another's, `Host` cannot make it the own one.
  const host = site === undefined || site === 'same-origin' ? headers.host : ''
  const isOwnPage = vouched !== undefined || isOwn(origin, host)
  const isAllowed = (each) => isOwn(each, host) || each === vouched || allowed.includes(each)
  const isStream = method === 'GET' && upgrade === undefined
  const passes = origin === undefined ? cookie === undefined || isStream : isAllowed(origin)
  const bridgePasses = bridged === undefined || (isOwnPage && isAllowed(bridged))
  if (!passes || !bridgePasses)
    throw new End('origin-refused', 'pages of this origin may not connect')
}

/** Refusals have them, too, so that a page can read why. */
export function corsHeaders({ headers: { origin } }) {
  if (origin === undefined) return { Vary: 'Origin' }
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
  }
}
