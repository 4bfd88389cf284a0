/** Bounds of what a WebSocket may hold before a message of it is complete. */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { Refusal } from '../errors.ts'
import { STALL_TIME, timeFor } from './pace.ts'
import { MAX_ATTACH } from './receive.ts'

/** Bytes that may arrive before the first frame is complete: as many, and what one read of the socket may bring beyond. */
const MAX_BYTES_BEFORE_ATTACH = MAX_ATTACH + 65_536
/** Bytes of the header of a ping or pong of a client (RFC 6455, 5.2). */
const CONTROL_HEADER = 6
/** How much more than its payload a message may take on the wire, in fragments and among pings. */
const FRAMING_ALLOWANCE = 4

/** The message of a WebSocket that has not come as a whole: it may neither take for ever, nor be hidden in fragments and pings. */
export class UnfinishedFrame {
  readonly #webSocket: WebSocket
  readonly #socket: Duplex & { readonly bytesRead?: number }
  /** Bytes of the connection that belong to frames which are complete, except for some of what the last read brought. */
  #completeUpTo: number
  /** When the sweep first saw the frame; `undefined`: there is none. */
  #since: number | undefined
  #seenBytes = 0
  #progressAt = 0

  constructor(webSocket: WebSocket, socket: Duplex) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#completeUpTo = this.#bytesRead
    webSocket.on('message', () => this.#onMessage())
    const onControlFrame = ({ length }: Buffer): void => this.#onControlFrame(length)
    webSocket.on('ping', onControlFrame).on('pong', onControlFrame)
  }

  /** Bytes that were read of it. */
  get bytes(): number {
    return this.#bytesRead - this.#completeUpTo
  }

  /**
   * Why the connection is to be ended now; `undefined` if it is not. To be called now and then.
   *
   * @param maxPayload Bytes of a message.
   */
  check(now: number, maxPayload: number): Refusal | undefined {
    const { bytes } = this
    // Of a connection that is not read, nothing can be completed.
    if (this.#webSocket.isPaused || bytes === 0) {
      this.#since = undefined
      return undefined
    }
    if (bytes > FRAMING_ALLOWANCE * maxPayload) {
      return new Refusal(
        'too-large',
        'a frame comes in too many fragments, or among too many pings',
      )
    }
    if (this.#since === undefined) this.#since = this.#progressAt = now
    if (bytes !== this.#seenBytes) this.#progressAt = now
    this.#seenBytes = bytes
    const isStalled = now - this.#progressAt >= STALL_TIME
    const isSlow = now - this.#since >= timeFor(bytes)
    if (!isStalled && !isSlow) return undefined
    return new Refusal('timeout', 'a frame was begun, and did not come as a whole in time')
  }

  #onMessage(): void {
    this.#completeUpTo = this.#bytesRead
    this.#since = undefined
  }

  /** A ping or pong may come between the fragments of a message, which stays unfinished. */
  #onControlFrame(length: number): void {
    this.#completeUpTo = Math.min(this.#bytesRead, this.#completeUpTo + CONTROL_HEADER + length)
  }

  get #bytesRead(): number {
    // Connections that are no sockets of Node, as in tests of frameworks, do not say.
    return this.#socket.bytesRead ?? 0
  }
}

/** Calls back if a connection sends too much before its first frame is complete: `ws` has one limit for all frames. */
export function limitBytesBeforeAttach(
  socket: Duplex,
  hasFirstFrame: () => boolean,
  onTooMuch: (refusal: Refusal) => void,
): void {
  let bytes = 0
  const count = (chunk: Buffer): void => {
    bytes += chunk.length
    const isTooMuch = bytes > MAX_BYTES_BEFORE_ATTACH
    if (!isTooMuch && !hasFirstFrame()) return
    socket.off('data', count)
    if (!isTooMuch) return
    onTooMuch(firstFrameTooLarge())
    // Else `ws` would keep what it reads until the end of the frame.
    socket.removeAllListeners('data').resume()
  }
  socket.on('data', count)
}

export function firstFrameTooLarge(): Refusal {
  return new Refusal('too-large', `the first frame has more than ${MAX_ATTACH} bytes`)
}
