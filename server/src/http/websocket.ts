/** WebSockets: frames both ways. The first frame says whose it is; whatever follows it at once waits for the answer. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { END } from 'rungs/protocol'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Reader } from '../delivery/reader.ts'
import { endPacket, type Sink } from '../delivery/sink.ts'
import { Refusal } from '../errors.ts'
import type { Awaitable, End } from '../store/store.ts'
import {
  DRAINING,
  addReader,
  contact,
  contactOf,
  identify,
  maxPacket,
  open,
  receive,
  refusalOf,
  type Gate,
  type Sender,
} from './admission.ts'
import { checkOrigin } from './origins.ts'
import { addFrame, decodeText, parsePacket, type Packet } from './parse.ts'

/** Bytes of the first frame. */
const MAX_ATTACH = 16_384
/** Bytes that may arrive before we know who sends them: the first frame, and what one read of the socket brings. */
const MAX_UNKNOWN = MAX_ATTACH + 65_536
/** Milliseconds to say who one is. */
const ATTACH_TIME = 10_000
/** Bytes that may wait for a slow network. */
const HIGH_WATER = 262_144

type Frame = readonly [data: Buffer, binary: boolean]

export class WebSockets {
  readonly #gate: Gate
  readonly #server: WebSocketServer
  /** Those that have not said who they are, since when; the oldest first. */
  readonly #pending = new Map<Connection, number>()

  constructor(gate: Gate) {
    this.#gate = gate
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: maxPacket(gate.settings),
    })
  }

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#serve(webSocket, request),
    )
  }

  /** Drops those that took too long to say who they are. */
  sweep(): void {
    const now = this.#gate.now()
    for (const [connection, since] of this.#pending) {
      if (now - since < ATTACH_TIME) break
      connection.fail(new Refusal('timeout', 'the first frame did not come'))
    }
  }

  /** Nobody else comes in. */
  drain(): void {
    for (const connection of this.#pending.keys()) {
      connection.fail(Refusal.of(DRAINING))
    }
  }

  #serve(webSocket: WebSocket, request: IncomingMessage): void {
    const { settings, now } = this.#gate
    const connection = new Connection(this.#gate, this.#pending, webSocket, request)
    try {
      checkOrigin(request, settings)
      if (this.#pending.size >= settings.maxPending)
        throw new Refusal('too-many-sessions', 'too many newcomers')
      this.#pending.set(connection, now())
    } catch (error) {
      connection.fail(error)
    }
  }
}

/** One WebSocket. There may be very many, most of them idle: it holds on to nothing that it does not need. */
class Connection implements Sink {
  readonly takesFrames = true
  readonly takesOnePacket = false
  readonly #gate: Gate
  readonly #pending: Map<Connection, number>
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  /** Until we know who it is. */
  #request: IncomingMessage | undefined
  /** What came behind the attach in one read of the socket, while that is looked at. */
  #early: Frame[] | undefined
  #sender: Sender | undefined
  #reader: Reader | undefined
  /** A packet whose last message is the binary frame that follows it. */
  #held: Packet | undefined
  #waiting = false

  constructor(
    gate: Gate,
    pending: Map<Connection, number>,
    webSocket: WebSocket,
    request: IncomingMessage,
  ) {
    this.#gate = gate
    this.#pending = pending
    this.#webSocket = webSocket
    this.#socket = request.socket
    this.#request = request
    webSocket.on('message', (data, binary) => this.#message(data as Buffer, binary))
    webSocket.on('error', (error) => gate.log({ level: 'debug', event: 'websocket-error', error }))
    webSocket.on('close', () => this.#closed())
    // RFC 6455, 5.5.3: not each ping needs its pong. `ws` would keep them all for who does not read them.
    webSocket.on('ping', (data) => {
      if (!this.isCongested()) webSocket.pong(data)
    })
    this.#limitUnknown()
  }

  /** Ends the connection and says why. */
  fail(error: unknown): void {
    const { end } = refusalOf(this.#gate, error)
    this.#pending.delete(this)
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return
    if (this.#reader) this.#reader.close(end)
    else this.end(endPacket(end), end)
    // Its answer to the close frame is to be read.
    this.#webSocket.resume()
  }

  write(data: string | Uint8Array): void {
    this.#webSocket.send(data)
    if (this.#waiting || !this.isCongested()) return
    this.#waiting = true
    this.#socket.once('drain', () => {
      this.#waiting = false
      if (this.#reader) this.#gate.readers.scheduleFlush(this.#reader)
    })
  }

  isCongested(): boolean {
    return this.#webSocket.bufferedAmount > HIGH_WATER
  }

  end(text: string, { type }: End): void {
    this.#webSocket.send(text)
    // RFC 6455, 7.4.2: 4000 and above are an application's own.
    this.#webSocket.close(4_000 + END[type][0], type)
  }

  destroy(): void {
    // Who is told already and does not answer has no more time.
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.close(1_001)
    else this.#webSocket.terminate()
  }

  #message(data: Buffer, binary: boolean): void {
    // What comes after an end is for nobody.
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return
    if (this.#early) {
      this.#early.push([data, binary])
    } else if (this.#reader) {
      this.#take(data, binary)
    } else {
      this.#early = []
      this.#attach(data, binary, this.#early).catch((error: unknown) => this.fail(error))
    }
  }

  async #attach(data: Buffer, binary: boolean, early: readonly Frame[]): Promise<void> {
    this.#webSocket.pause()
    const packet = await this.#enter(data, binary)
    this.#early = undefined
    this.#webSocket.resume()
    if (!packet) return
    this.#receive(packet, data.length)
    for (const frame of early) this.#message(...frame)
  }

  /** Finds out who it is. `undefined`: it has gone meanwhile. */
  async #enter(data: Buffer, binary: boolean): Promise<Packet | undefined> {
    const gate = this.#gate
    if (data.length > MAX_ATTACH)
      throw new Refusal('too-large', `the first frame has more than ${MAX_ATTACH} bytes`)
    const packet = binary
      ? undefined
      : parsePacket(decodeText(data), gate.settings.maxMessage, false)
    if (!packet?.attach) throw new Refusal('malformed', 'the first frame is not an attach')
    const who = await identify(gate, this.#request!, packet.attach)
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return undefined
    const wanted = contactOf(who, packet, 'websocket')
    const found = await contact(gate, wanted)
    this.#pending.delete(this)
    this.#request = undefined
    this.#sender = { id: found.session.id, page: wanted.page }
    try {
      this.#reader = addReader(gate, wanted, found, found.acceptedUpTo, this)
      if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#reader.start()
      else this.#closed()
    } finally {
      open(gate, found)
    }
    return packet
  }

  #take(data: Buffer, binary: boolean): void {
    const { settings, store } = this.#gate
    try {
      const held = this.#held
      this.#held = undefined
      if (held && !binary) throw new Refusal('malformed', 'a binary frame was announced')
      const packet = binary
        ? addFrame(held, data, settings.maxMessage)
        : parsePacket(decodeText(data), settings.maxMessage, true)
      if (packet.framed && !binary) {
        this.#held = packet
        return
      }
      if (packet.ack) this.#acknowledged(store.acknowledge(this.#sender!.id, packet.ack))
      this.#receive(packet, data.length)
    } catch (error) {
      this.fail(error)
    }
  }

  #acknowledged(lost: Awaitable<End | undefined>): void {
    if (lost instanceof Promise) this.#watch(lost.then((end) => this.#acknowledged(end)))
    else if (lost) this.#reader!.close(lost)
  }

  #receive(packet: Packet, bytes: number): void {
    const gate = this.#gate
    const { id } = this.#sender!
    const handled = receive(gate, this.#sender!, packet, bytes)
    if (packet.batch) this.#reader!.scheduleAck()
    if (!handled) return
    this.#watch(handled)
    if (gate.runner.waitingBytes(id) > gate.settings.window) this.#pause()
  }

  /** A client that sends faster than its handlers run is not read from meanwhile. */
  #pause(): void {
    const { runner, now } = this.#gate
    const reader = this.#reader!
    if (this.#webSocket.isPaused) return
    this.#webSocket.pause()
    // Who is not listened to is not silent.
    reader.isClientPaused = true
    this.#watch(
      runner.waitUntilHandled(this.#sender!.id).then(() => {
        reader.isClientPaused = false
        reader.lastHeardAt = now()
        this.#webSocket.resume()
      }),
    )
  }

  #watch(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.fail(error))
  }

  #closed(): void {
    this.#pending.delete(this)
    if (this.#reader) this.#gate.readers.remove(this.#reader)
  }

  /** Ends a connection that sends more than an attach before we know it; `ws` itself has one limit for all frames. */
  #limitUnknown(): void {
    let bytes = 0
    const count = (chunk: Buffer): void => {
      bytes += chunk.length
      if (this.#early === undefined && this.#reader === undefined && bytes <= MAX_UNKNOWN) return
      this.#socket.off('data', count)
      if (bytes <= MAX_UNKNOWN) return
      this.fail(new Refusal('too-large', 'the first frame is too large'))
      // `ws` would keep what it reads until the end of the frame.
      this.#socket.removeAllListeners('data').resume()
    }
    this.#socket.on('data', count)
  }
}
