import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Http2SecureServer, Http2Server } from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { Server as TlsServer } from 'node:tls'

/** Servers of Node. The WebSockets of one for HTTP/2 come over HTTP/1.1, with its option `allowHTTP1`. */
export type NodeServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer

/** Each method serves what is its own, or answers `false` if it is for other listeners. */
export interface Interceptor {
  onRequest(request: IncomingMessage, response: ServerResponse): boolean
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

/**
 * Shows requests and upgrades to an interceptor before any other listener, in whatever order they were added, and keeps from
 * the others what it serves: frameworks answer 404 to paths that they do not know, and `ws` ends upgrades of paths that are
 * not its own. Returns a function that restores the server.
 */
export function intercept(server: NodeServer, interceptor: Interceptor): () => void {
  const { emit } = server
  const hadOwnEmit = Object.hasOwn(server, 'emit')
  let isRestored = false

  const emitToOthers = (name: string, ...args: unknown[]): boolean => {
    if (!isRestored && isServed(interceptor, name, args)) return true
    return Reflect.apply(emit, server, [name, ...args]) as boolean
  }
  server.emit = emitToOthers as typeof emit
  server.on('upgrade', rejectUnhandledUpgrade)
  // A server for HTTP/2 makes requests of its streams only if somebody listens to them.
  if ('updateSettings' in server) server.on('request', ignore)

  return () => {
    isRestored = true
    server.off('upgrade', rejectUnhandledUpgrade)
    server.off('request', ignore)
    // A function that someone else has put in the place of `emit` since must stay. This one, which it calls, passes all on now.
    if (server.emit !== emitToOthers) return
    if (hadOwnEmit) server.emit = emit
    else Reflect.deleteProperty(server, 'emit')
  }
}

function ignore(): void {}

/** Whether the interceptor serves an event of the server. */
function isServed(interceptor: Interceptor, name: string, args: unknown[]): boolean {
  if (name === 'upgrade') {
    const [request, socket, head] = args as [IncomingMessage, Duplex, Buffer]
    return isWebSocket(request) && interceptor.onUpgrade(request, socket, head)
  }
  if (name !== 'request' && name !== 'checkContinue') return false
  const [request, response] = args as [IncomingMessage, ServerResponse]
  if (!interceptor.onRequest(request, response)) return false
  // Node leaves `100 Continue` to the listener of this event.
  if (name === 'checkContinue' && !response.headersSent) response.writeContinue()
  return true
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/**
 * Answers an upgrade that no other listener is there for. This one has to be there, because Node emits upgrades only if
 * somebody listens, and the client would wait for ever. An offer of anything but WebSocket, as `h2c`, is declined by serving the
 * request as it is (RFC 9110, 7.8): without a listener of upgrades, Node does that by itself.
 */
function rejectUnhandledUpgrade(
  this: NodeServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const others = this.listeners('upgrade').filter((other) => other !== rejectUnhandledUpgrade)
  if (!socket.writable || others.length > 0) return
  if (!isWebSocket(request)) {
    serveAgain(this, request, socket, head)
    return
  }
  // Node has taken its own listener away, and an error that nobody listens to would end the process.
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

/** Gives a connection back to its server with the same request, without the offer. Node has let go of the connection. */
function serveAgain(
  server: NodeServer,
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name, value] = [rawHeaders[i]!, rawHeaders[i + 1]!]
    // Headers that `Connection` names belong to the offer, but for the wish to be closed.
    if (/^(upgrade|http2-settings)$/i.test(name)) continue
    const isKept = !/^connection$/i.test(name) || /\bclose\b/i.test(value)
    if (isKept) lines.push(`${name}: ${/^connection$/i.test(name) ? 'close' : value}`)
  }
  // Headers are Latin-1 (RFC 9110, 5.5).
  const again = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  socket.unshift(Buffer.concat([again, head]))
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket)
}
