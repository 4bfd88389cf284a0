/** The address that a request comes from, as far as sessions are counted by it. */
import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import type { Settings } from '../settings.ts'

/** Addresses of the same machine or network (RFC 1918, RFC 4193): who comes from there to a public site is a proxy. */
const PRIVATE = /^(10|127|192\.168|172\.(1[6-9]|2\d|3[01]))\.|^(::1$|f[cd])/i

/**
 * The address of a client: of the connection, or the last one of `X-Forwarded-For`, which is what the proxy has seen, with
 * `trustProxy` or from a private address. Those before it are the client's own words. Of IPv6, the first 64 bits: a household has all
 * that begin with them.
 */
export function addressOf(
  { headers, socket }: IncomingMessage,
  { trustProxy }: Pick<Settings, 'trustProxy'>,
): string {
  const remote = (socket?.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
  const isForwarded = trustProxy || PRIVATE.test(remote)
  const forwarded = isForwarded
    ? String(headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
    : ''
  const address = forwarded?.trim() || remote
  return isIPv6(address) ? network(address) : address
}

function network(address: string): string {
  const mapped = /^::ffff:(?<v4>\d+(\.\d+){3})$/i.exec(address)?.groups?.['v4']
  if (mapped) return mapped
  const [before = '', after] = address.replace(/%.*$/, '').split('::')
  const groups = before.split(':').filter((group) => group)
  // `::` stands for as many groups of zeros as are missing.
  const following = after?.split(':').filter((group) => group) ?? []
  while (groups.length + following.length < 8) groups.push('0')
  const first = [...groups, ...following].slice(0, 4)
  return `${first.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
