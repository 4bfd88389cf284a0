import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'

/** Serves a request or an upgrade, or answers `false`: it is somebody else's. */
export interface Served {
  request(request: IncomingMessage, response: ServerResponse): boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

/**
 * Sees requests and upgrades before any other listener, in whatever order they were added, and keeps what it serves from
 * them: frameworks answer 404 to paths that they do not know, and `ws` ends upgrades of paths that are not its own.
 * Returns what puts an end to it.
 */
export function intercept(server: HttpServer | HttpsServer, serve: Served): () => void {
  const { emit } = server
  const own = Object.hasOwn(server, 'emit')
  let over = false

  const intercepted = (name: string, ...args: unknown[]): boolean => {
    if (!over && taken(name, args)) return true
    return Reflect.apply(emit, server, [name, ...args]) as boolean
  }
  const taken = (name: string, args: unknown[]): boolean => {
    if (name === 'upgrade')
      return serve.upgrade(args[0] as IncomingMessage, args[1] as Duplex, args[2] as Buffer)
    if (name !== 'request' && name !== 'checkContinue') return false
    const response = args[1] as ServerResponse
    if (!serve.request(args[0] as IncomingMessage, response)) return false
    // Whoever listens to that event has to say it.
    if (name === 'checkContinue' && !response.headersSent) response.writeContinue()
    return true
  }
  server.emit = intercepted as typeof emit

  server.on('upgrade', endAlone)

  return () => {
    over = true
    server.off('upgrade', endAlone)
    // Somebody else may have put an `emit` of theirs over this one.
    if (server.emit !== intercepted) return
    if (own) server.emit = emit
    else Reflect.deleteProperty(server, 'emit')
  }
}

/** Node emits upgrades only if somebody listens: where nobody else does, a foreign one ends here. */
function endAlone(this: HttpServer | HttpsServer, _: IncomingMessage, socket: Duplex): void {
  if (!socket.writable || this.listeners('upgrade').some((listener) => listener !== endAlone))
    return
  // Node takes its own listener away, and an error that nobody listens to ends the process.
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}
