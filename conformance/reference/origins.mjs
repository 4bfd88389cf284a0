/** Which pages may connect, and what browsers are told about it (PROTOCOL.md 3.7, 7). */
import { End } from './ends.mjs'

/** Whether an origin is that of this server, as a browser sees it. */
const isOwn = (origin, host) => [`http://${host}`, `https://${host}`].includes(origin)

/**
 * Refuses a request of a page that may not connect.
 *
 * @param {readonly string[]} allowed Origins beside the own one.
 */
export function checkOrigin({ headers, method }, allowed) {
  const { origin, host, cookie, upgrade, 'rungs-origin': bridged } = headers
  const isAllowed = (each) => isOwn(each, host) || allowed.includes(each)
  const isStream = method === 'GET' && upgrade === undefined
  const passes = origin === undefined ? cookie === undefined || isStream : isAllowed(origin)
  const bridgePasses = bridged === undefined || (isOwn(origin, host) && isAllowed(bridged))
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
