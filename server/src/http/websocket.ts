import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { Refusal } from '../errors.ts'
import { drainingEnd, refuseIfDraining, type ServerContext } from './context.ts'
import { checkWebSocketOrigin } from './origins.ts'
import { maxPacketBytes } from './receive.ts'
import { WebSocketConnection } from './websocket-connection.ts'

/** Milliseconds that a client has for its first frame (PROTOCOL.md 3.3). */
const ATTACH_TIME = 10_000
/** Fragments of a message, and reads of the socket that bring a frame. Each takes 200 bytes besides its own. */
const MAX_PIECES = 1_000
/** Bytes of the largest message for each of them, where that is large. */
const BYTES_PER_PIECE = 64

/** Takes WebSockets in, and bounds the number and the time of those that have not attached yet. */
export class WebSocketEndpoint {
  readonly #context: ServerContext
  readonly #server: WebSocketServer
  /** Connections that have not attached, and when they came. The oldest come first. */
  readonly #pending = new Map<WebSocketConnection, number>()
  /** All connections that are open. */
  readonly #open = new Set<WebSocketConnection>()
  readonly #maxPayload: number
  /** Bytes that the connections held at the last sweep: of messages that are not complete, and of what was not sent yet. */
  heldBytes = 0

  constructor(context: ServerContext) {
    this.#context = context
    const maxPayload = maxPacketBytes(context.settings)
    this.#maxPayload = maxPayload
    const maxPieces = Math.max(MAX_PIECES, maxPayload / BYTES_PER_PIECE)
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload,
      maxFragments: maxPieces,
      maxBufferedChunks: maxPieces,
    })
  }

  /** Completes the handshake, whatever comes of it: a browser tells its page nothing of a handshake that failed. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#accept(webSocket, request),
    )
  }

  /** Refuses connections that took too long to attach, and ends those whose frames do not come to their ends. */
  sweep(): void {
    const now = this.#context.now()
    this.heldBytes = 0
    for (const connection of this.#open) {
      this.heldBytes += connection.heldBytes
      const refusal = connection.unfinished.check(now, this.#maxPayload)
      if (refusal) connection.fail(refusal)
    }
    for (const [connection, since] of this.#pending) {
      if (now - since < ATTACH_TIME) return
      connection.fail(
        new Refusal('timeout', `the first frame did not come within ${ATTACH_TIME} ms`),
      )
    }
  }

  /** Refuses all connections that have not attached. */
  drain(): void {
    const refusal = Refusal.of(drainingEnd(this.#context.settings))
    for (const connection of this.#pending.keys()) connection.fail(refusal)
  }

  #accept(webSocket: WebSocket, request: IncomingMessage): void {
    const { settings, now } = this.#context
    const connection = new WebSocketConnection(this.#context, this.#pending, webSocket, request)
    this.#open.add(connection)
    webSocket.on('close', () => this.#open.delete(connection))
    try {
      connection.unprovenOrigin = checkWebSocketOrigin(request, settings)
      refuseIfDraining(this.#context)
      if (this.#pending.size >= settings.maxPending) {
        throw new Refusal('too-many-sessions', 'too many WebSockets wait to attach; try again')
      }
      this.#pending.set(connection, now())
    } catch (error) {
      connection.fail(error)
    }
  }
}
