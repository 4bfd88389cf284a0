import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Http2SecureServer, Http2Server } from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'

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
    return interceptor.onUpgrade(request, socket, head)
  }
  if (name !== 'request' && name !== 'checkContinue') return false
  const [request, response] = args as [IncomingMessage, ServerResponse]
  if (!interceptor.onRequest(request, response)) return false
  // Node leaves `100 Continue` to the listener of this event.
  if (name === 'checkContinue' && !response.headersSent) response.writeContinue()
  return true
}

/**
 * Answers an upgrade that no other listener is there for. This one has to be there, because Node emits upgrades only if
 * somebody listens, and the client would wait for ever.
 */
function rejectUnhandledUpgrade(this: NodeServer, _: IncomingMessage, socket: Duplex): void {
  const others = this.listeners('upgrade').filter((other) => other !== rejectUnhandledUpgrade)
  if (!socket.writable || others.length > 0) return
  // Node has taken its own listener away, and an error that nobody listens to would end the process.
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}
