/** Which origin is the server's own, as the browser sees it, whatever stands between them (PROTOCOL.md 3.7). */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { isWebOrigin, type Settings } from '../settings.ts'

type OwnSettings = Pick<Settings, 'host' | 'trustProxy'>

/** Hosts whose pages browsers trust like those of https (Secure Contexts, 3.1), and so say `Sec-Fetch-Site` to them. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/

/**
 * Whether the page of a request is the server's own.
 *
 * To https and to loopback hosts, browsers say so themselves in `Sec-Fetch-Site`, which no page can set (Fetch Metadata, 2.2).
 * A page that DNS rebinding has brought there has no certificate, or no loopback host. In all other requests, `Host` has to be
 * that of the page.
 *
 * @param origin The `Origin` of the request: one of the scheme http or https.
 */
export function isOwn(origin: string, request: IncomingMessage, settings: OwnSettings): boolean {
  if (provenOrigin(request) !== undefined) return true
  const site = request.headers['sec-fetch-site']
  const saysOther = site !== undefined && site !== 'same-origin'
  // A proxy may make `Host` that of another page, so here the browser's no counts. The option `host` is the application's word,
  // except for plain pages: they are foreign to https, which is where the browser says so.
  if (saysOther && (settings.host.length === 0 || !isTrusted(origin))) return false
  const { protocol, host } = new URL(origin)
  return ownHosts(request, settings).some((own) => {
    const { ownProtocol = protocolOf(request, settings) ?? protocol, ownHost = '' } =
      /^(?:(?<ownProtocol>https?:)\/\/)?(?<ownHost>.*)$/.exec(own)?.groups ?? {}
    return ownProtocol === protocol && isSameHost(host, ownHost, protocol)
  })
}

/** The `Origin` of a request if the browser says that it is the server's own. */
export function provenOrigin({ headers }: IncomingMessage): string | undefined {
  const { origin } = headers
  if (headers['sec-fetch-site'] !== 'same-origin' || origin === undefined) return undefined
  // If a browser said so elsewhere, too, it would be true of a page that was rebound by DNS.
  return isWebOrigin(origin) && isTrusted(origin) ? origin : undefined
}

/**
 * Whether {@link provenOrigin} may answer this origin for other requests of the same page, though this one has no
 * `Sec-Fetch-Site`: Chromium leaves it out of WebSocket handshakes (measured in 156).
 */
export function mayBeProven(origin: string, { headers }: IncomingMessage): boolean {
  return headers['sec-fetch-site'] === undefined && isTrusted(origin)
}

function isTrusted(origin: string): boolean {
  const { protocol, hostname } = new URL(origin)
  return protocol === 'https:' || LOOPBACK.test(hostname)
}

/** The host that a request names. */
export function namedHost({ headers }: IncomingMessage): string | undefined {
  // In HTTP/2, `:authority` stands for `Host` (RFC 9113, 8.3.1).
  return headers.host ?? (headers[':authority'] as string | undefined)
}

/** The hosts that are the server's own, some with the scheme of their pages. */
function ownHosts(request: IncomingMessage, { host, trustProxy }: OwnSettings): readonly string[] {
  if (host.length > 0) return typeof host === 'string' ? [host] : host
  const forwarded = trustProxy ? firstOf(request.headers['x-forwarded-host']) : undefined
  return [forwarded ?? namedHost(request) ?? '']
}

/**
 * The scheme of the server's own pages; `undefined`: either. A plain connection proves none, because a proxy may have ended TLS.
 * That lets no page in that is none: browsers let https pages make no plain requests.
 */
function protocolOf(
  { headers, socket }: IncomingMessage,
  { trustProxy }: OwnSettings,
): string | undefined {
  const forwarded = trustProxy ? firstOf(headers['x-forwarded-proto']) : undefined
  if (forwarded !== undefined) return `${forwarded.toLowerCase()}:`
  return (socket as TLSSocket | undefined)?.encrypted ? 'https:' : undefined
}

/** The first value of a header to which each proxy adds its own: that of the one next to the browser. */
function firstOf(header: string | string[] | undefined): string | undefined {
  return (
    String(header ?? '')
      .split(',', 1)[0]
      ?.trim() || undefined
  )
}

/** Whether two hosts are the same, the second of which may have a default port, capitals, or a dot at its end. */
function isSameHost(host: string, named: string, protocol: string): boolean {
  if (!/^[^\s/\\?#@]+$/.test(named)) return false
  const url = `${protocol}//${named}`
  return URL.canParse(url) && withoutDot(new URL(url).host) === withoutDot(host)
}

function withoutDot(host: string): string {
  return host.replace(/\.(?=:\d+$|$)/, '')
}
