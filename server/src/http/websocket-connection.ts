import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { END } from 'rungs/protocol'
import type { WebSocket } from 'ws'
import type { Reader } from '../delivery/reader.ts'
import { endPacket, type Sink } from '../delivery/sink.ts'
import { Refusal } from '../errors.ts'
import type { Awaitable, End } from '../store/store.ts'
import { addReader, admit, identify, openIfCreated, toAttachRequest } from './admission.ts'
import { toRefusal, type ServerContext } from './context.ts'
import { addFrame, decodeText, parsePacket, type Packet } from './parse.ts'
import { receivePacket, type PacketSource } from './receive.ts'

/** Bytes of the first frame (PROTOCOL.md 3.3). */
const MAX_FIRST_FRAME = 16_384
/** Bytes that may arrive before the first frame is complete: as much, and what one read of the socket may bring beyond. */
const MAX_BYTES_BEFORE_ATTACH = MAX_FIRST_FRAME + 65_536
/** Bytes that may wait for a slow network. */
const HIGH_WATER = 262_144

interface Frame {
  readonly data: Buffer
  readonly isBinary: boolean
}

/**
 * One WebSocket. Its first frame attaches; frames behind it wait until the store has answered; all later ones are packets.
 * There may be very many connections, most of them idle, so it drops what it does not need any more.
 */
export class WebSocketConnection implements Sink {
  readonly takesFrames = true
  readonly takesOnePacket = false
  readonly #context: ServerContext
  /** Shared with the endpoint: this connection is in it until it has attached. */
  readonly #pending: Map<WebSocketConnection, number>
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  /** The handshake, until this connection has attached. */
  #request: IncomingMessage | undefined
  /** Frames behind the attach, while that is looked at. */
  #heldFrames: Frame[] | undefined
  /** Whose packets these are; like the reader, once this connection has attached. */
  #source: PacketSource | undefined
  #reader: Reader | undefined
  /** A packet whose last entry announced the frame that must follow. */
  #announcing: Packet | undefined
  #isWaitingForDrain = false

  constructor(
    context: ServerContext,
    pending: Map<WebSocketConnection, number>,
    webSocket: WebSocket,
    request: IncomingMessage,
  ) {
    this.#context = context
    this.#pending = pending
    this.#webSocket = webSocket
    this.#socket = request.socket
    this.#request = request
    webSocket.on('message', (data, isBinary) => this.#onFrame({ data: data as Buffer, isBinary }))
    webSocket.on('error', (error) =>
      context.settings.log({ level: 'debug', event: 'websocket-failed', error }),
    )
    webSocket.on('close', () => this.#onClosed())
    // Not every ping needs its pong (RFC 6455, 5.5.3). `ws` would keep all pongs for a client that does not read.
    webSocket.on('ping', (data) => {
      if (!this.isCongested()) webSocket.pong(data)
    })
    this.#limitBytesBeforeAttach()
  }

  /** Ends the connection, and tells the client why. */
  fail(error: unknown): void {
    const { end } = toRefusal(this.#context, error)
    this.#pending.delete(this)
    if (!this.#isOpen()) return
    if (this.#reader) this.#reader.close(end)
    else this.end(endPacket(end), end)
    // The close frame of the client has to be read.
    this.#webSocket.resume()
  }

  write(data: string | Uint8Array): void {
    this.#webSocket.send(data)
    if (this.#isWaitingForDrain || !this.isCongested()) return
    this.#isWaitingForDrain = true
    this.#socket.once('drain', () => {
      this.#isWaitingForDrain = false
      if (this.#reader) this.#context.readers.scheduleFlush(this.#reader)
    })
  }

  isCongested(): boolean {
    return this.#webSocket.bufferedAmount > HIGH_WATER
  }

  end(text: string, { type }: End): void {
    const [status] = END[type]
    this.#webSocket.send(text)
    // Codes from 4000 on are the application's own (RFC 6455, 7.4.2).
    this.#webSocket.close(4_000 + status, type)
  }

  destroy(): void {
    // A client that was told of an end and has not answered gets no more time.
    if (this.#isOpen()) this.#webSocket.close(1_001)
    else this.#webSocket.terminate()
  }

  #isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN
  }

  #onFrame(frame: Frame): void {
    // Frames that come after an end mean nothing.
    if (!this.#isOpen()) return
    if (this.#heldFrames) {
      this.#heldFrames.push(frame)
    } else if (this.#reader) {
      this.#receiveFrame(this.#reader, frame)
    } else {
      this.#heldFrames = []
      this.#attach(frame, this.#heldFrames).catch((error: unknown) => this.fail(error))
    }
  }

  async #attach(frame: Frame, heldFrames: readonly Frame[]): Promise<void> {
    const packet = this.#parseFirstFrame(frame)
    this.#webSocket.pause()
    const reader = await this.#addReader(packet)
    this.#heldFrames = undefined
    this.#webSocket.resume()
    if (!reader) return
    this.#receivePacket(reader, packet, frame.data.length)
    for (const held of heldFrames) this.#onFrame(held)
  }

  #parseFirstFrame({ data, isBinary }: Frame): Packet {
    if (data.length > MAX_FIRST_FRAME) throw firstFrameTooLarge()
    if (isBinary) throw new Refusal('malformed', 'the first frame is binary; send an attach')
    return parsePacket(decodeText(data), this.#context.settings)
  }

  /** Lets the client in. `undefined`: it has gone meanwhile. */
  async #addReader(packet: Packet): Promise<Reader | undefined> {
    const context = this.#context
    const { attach } = packet
    if (!attach) throw new Refusal('malformed', 'the first frame has no attach')
    const identity = await identify(context, this.#request!, attach)
    if (!this.#isOpen()) return undefined
    const attachRequest = toAttachRequest(identity, attach, packet, 'websocket')
    const admission = await admit(context, attachRequest)
    this.#pending.delete(this)
    this.#request = undefined
    this.#source = { sessionId: admission.session.id, page: attachRequest.page }
    try {
      const reader = addReader(context, attachRequest, admission, admission.acceptedUpTo, this)
      this.#reader = reader
      if (this.#isOpen()) reader.start()
      else this.#onClosed()
      return reader
    } finally {
      openIfCreated(context, admission)
    }
  }

  #receiveFrame(reader: Reader, { data, isBinary }: Frame): void {
    const { settings, store } = this.#context
    const announcing = this.#announcing
    this.#announcing = undefined
    try {
      if (announcing && !isBinary) {
        throw new Refusal('malformed', 'a text frame came where a binary frame was announced')
      }
      const packet = isBinary
        ? addFrame(announcing, data, settings)
        : parsePacket(decodeText(data), settings, { mayAnnounceFrame: true })
      if (packet.announcesFrame && !isBinary) {
        this.#announcing = packet
        return
      }
      if (packet.ack) {
        this.#closeIfLost(reader, store.acknowledge(this.#source!.sessionId, packet.ack))
      }
      this.#receivePacket(reader, packet, data.length)
    } catch (error) {
      this.fail(error)
    }
  }

  #closeIfLost(reader: Reader, answer: Awaitable<End | undefined>): void {
    if (answer instanceof Promise) {
      this.#failIfRejected(answer.then((end) => this.#closeIfLost(reader, end)))
    } else if (answer) {
      reader.close(answer)
    }
  }

  #receivePacket(reader: Reader, packet: Packet, bytes: number): void {
    const handled = receivePacket(this.#context, this.#source!, packet, bytes)
    if (packet.batch) reader.scheduleAck()
    if (!handled) return
    this.#failIfRejected(handled)
    this.#pauseIfBehind(reader)
  }

  /** Stops reading from a client that sends faster than its handlers run, until they have caught up. */
  #pauseIfBehind(reader: Reader): void {
    const { handlerQueue, readers, settings } = this.#context
    const { sessionId } = reader
    if (this.#webSocket.isPaused || handlerQueue.waitingBytes(sessionId) <= settings.window) return
    this.#webSocket.pause()
    reader.isClientPaused = true
    this.#failIfRejected(
      handlerQueue.waitUntilHandled(sessionId).then(() => {
        reader.isClientPaused = false
        readers.noteActivity(sessionId)
        this.#webSocket.resume()
      }),
    )
  }

  #failIfRejected(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.fail(error))
  }

  #onClosed(): void {
    this.#pending.delete(this)
    if (this.#reader) this.#context.readers.remove(this.#reader)
  }

  /** Ends a connection that sends too much before its first frame is complete: `ws` has one limit for all frames. */
  #limitBytesBeforeAttach(): void {
    let bytes = 0
    const count = (chunk: Buffer): void => {
      bytes += chunk.length
      const isTooMuch = bytes > MAX_BYTES_BEFORE_ATTACH
      const hasFirstFrame = this.#heldFrames !== undefined || this.#reader !== undefined
      if (!isTooMuch && !hasFirstFrame) return
      this.#socket.off('data', count)
      if (!isTooMuch) return
      this.fail(firstFrameTooLarge())
      // Else `ws` would keep what it reads until the end of the frame.
      this.#socket.removeAllListeners('data').resume()
    }
    this.#socket.on('data', count)
  }
}

function firstFrameTooLarge(): Refusal {
  return new Refusal('too-large', `the first frame has more than ${MAX_FIRST_FRAME} bytes`)
}
