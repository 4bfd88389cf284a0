import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { END } from 'rungs/protocol'
import type { WebSocket } from 'ws'
import { malformed } from '../checks.ts'
import type { Reader } from '../delivery/reader.ts'
import { endPacket, type Sink } from '../delivery/sink.ts'
import { Refusal, type CarrierEnd } from '../errors.ts'
import { addReader, admitClient, openIfCreated, type AttachPacket } from './admission.ts'
import { toRefusal, type ServerContext } from './context.ts'
import { unprovenRefusal } from './origins.ts'
import { decodeText, parsePacket, withoutMessages } from './parse.ts'
import { MAX_ATTACH } from './receive.ts'
import { HeldFrames } from './held-frames.ts'
import { WebSocketFrames, type Frame } from './websocket-frames.ts'
import { UnfinishedFrame, firstFrameTooLarge, limitBytesBeforeAttach } from './websocket-limits.ts'

/** Bytes that may wait for a slow network. */
const HIGH_WATER = 262_144

/**
 * One WebSocket. Its first frame attaches; frames behind it wait until the store has answered; all later ones are packets.
 * There may be very many connections, most of them idle, so it drops what it does not need any more.
 */
export class WebSocketConnection implements Sink {
  readonly takesFrames = true
  readonly takesOnePacket = false
  readonly unfinished: UnfinishedFrame
  /** The page's origin, if this connection may only join a session that an exchange of the same origin has made. */
  unprovenOrigin: string | undefined
  readonly #context: ServerContext
  /** Shared with the endpoint: this connection is in it until it has attached. */
  readonly #pending: Map<WebSocketConnection, number>
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  /** The handshake, until this connection has attached. */
  #request: IncomingMessage | undefined
  /** A ping that is answered at the end of this turn of the event loop. */
  #ping: Buffer | undefined
  /** Frames that wait: behind the attach, while that is looked at; or for a turn, if this connection has taken its time. */
  #heldFrames: HeldFrames | undefined
  /** Once this connection has attached. */
  #reader: Reader | undefined
  #frames: WebSocketFrames | undefined
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
    this.unfinished = new UnfinishedFrame(webSocket, request.socket)
    webSocket.on('message', (data, isBinary) => this.#onFrame({ data: data as Buffer, isBinary }))
    webSocket.on('error', (error) =>
      context.settings.log({ level: 'debug', event: 'websocket-failed', error }),
    )
    webSocket.on('close', () => this.#onClosed())
    // Not every ping needs its pong (RFC 6455, 5.5.3). `ws` would keep all pongs for a client that does not read.
    // The latest one is enough: a flood of them is answered once a turn.
    webSocket.on('ping', (data) => {
      if (this.#ping === undefined) setImmediate(() => this.#pong())
      this.#ping = data
    })
    const hasFirstFrame = (): boolean =>
      this.#heldFrames !== undefined || this.#reader !== undefined
    limitBytesBeforeAttach(request.socket, hasFirstFrame, (refusal) => this.fail(refusal))
  }

  /** Bytes of a message that is not complete, of frames that wait, and of what waits for the network. */
  get heldBytes(): number {
    return this.unfinished.bytes + (this.#heldFrames?.bytes ?? 0) + this.#webSocket.bufferedAmount
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

  end(text: string, { type }: CarrierEnd): void {
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
    } else if (this.#frames) {
      this.#frames.receive(frame)
      if (this.#context.turns.isOver) this.#giveWay()
    } else {
      this.#heldFrames = new HeldFrames()
      this.#attach(frame, this.#heldFrames).catch((error: unknown) => this.fail(error))
    }
  }

  /** Reads no further until it is this connection's turn again. Frames of what was read already are held. */
  #giveWay(): void {
    this.#webSocket.pause()
    const heldFrames = new HeldFrames()
    this.#heldFrames = heldFrames
    const goOn = (): void => {
      this.#heldFrames = undefined
      for (const frame of heldFrames) this.#onFrame(frame)
      this.#resume()
    }
    void this.#context.runInBackground('carrier-failed', () =>
      this.#context.turns.next().then(goOn),
    )
  }

  #pong(): void {
    const ping = this.#ping
    this.#ping = undefined
    if (this.#isOpen() && !this.isCongested()) this.#webSocket.pong(ping)
  }

  async #attach(frame: Frame, heldFrames: HeldFrames): Promise<void> {
    const envelope = withoutMessages(
      this.unprovenOrigin
        ? await this.#proveOrigin(frame, this.unprovenOrigin)
        : this.#parseFirstFrame(frame),
    )
    this.#webSocket.pause()
    // The frame is kept until it is known who speaks.
    const frames = await this.#context.memory.holdWhile(frame.data.length, () =>
      this.#admit(envelope),
    )
    const packet = this.#parseFirstFrame(frame)
    this.#heldFrames = undefined
    this.#frames = frames
    // Its acknowledgement was that of the attach.
    frames.take({ ...packet, ack: undefined }, frame.data.length)
    for (const held of heldFrames) this.#onFrame(held)
    this.#resume()
  }

  /** Reads again, unless frames are held until it is their turn, or the client is to wait until its messages are handled. */
  #resume(): void {
    if (!this.#heldFrames && !this.#reader?.isClientPaused) this.#webSocket.resume()
  }

  /**
   * Looks for the session that the connection may join. Nothing of the packet is looked at before, and the application is not
   * asked: a foreign page must learn nothing but that it is foreign.
   */
  async #proveOrigin(frame: Frame, origin: string): Promise<AttachPacket> {
    const refusal = unprovenRefusal(this.#request!)
    let packet: AttachPacket
    try {
      packet = this.#parseFirstFrame(frame)
    } catch (error) {
      if (error instanceof Refusal) throw refusal
      throw error
    }
    this.#webSocket.pause()
    const { attach } = packet
    const { epoch } = await this.#context.unprovenSockets.find(attach.key, origin, refusal)
    // With an epoch, the attach makes no session, even if this one ends meanwhile.
    return { ...packet, attach: { epoch, ...attach } }
  }

  #parseFirstFrame({ data, isBinary }: Frame): AttachPacket {
    if (data.length > MAX_ATTACH) throw firstFrameTooLarge()
    if (isBinary) throw malformed('the first frame is binary; send an attach')
    const packet = parsePacket(decodeText(data), this.#context.settings)
    const { attach } = packet
    if (!attach) throw malformed('the first frame has no attach')
    return { ...packet, attach }
  }

  /** Lets the client in. */
  async #admit(packet: AttachPacket): Promise<WebSocketFrames> {
    const context = this.#context
    const { attach } = packet
    const request = this.#request!
    const admitted = await admitClient(context, request, packet, {
      isKnown: false,
      readerTransport: 'websocket',
      hasGone: () => !this.#isOpen(),
    })
    const { admission, attachRequest } = admitted
    const { session, acceptedUpTo, tokenTtl } = admission
    this.#pending.delete(this)
    this.#request = undefined
    try {
      const reader = addReader(context, admitted, { acceptedUpTo, saysHello: true }, this)
      this.#reader = reader
      if (this.#isOpen()) reader.start()
      else this.#onClosed()
      return new WebSocketFrames({
        context,
        pause: () => this.#webSocket.pause(),
        resume: () => this.#resume(),
        reader,
        source: { sessionId: session.id, user: session.user, page: attachRequest.page },
        handshake: tokenTtl < Infinity ? { request, described: attach } : undefined,
        fail: (error) => this.fail(error),
      })
    } finally {
      openIfCreated(context, admission)
    }
  }

  #onClosed(): void {
    this.#pending.delete(this)
    if (this.#reader) this.#context.readers.remove(this.#reader)
  }
}
