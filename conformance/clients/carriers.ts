/** The carriers of a client, as the server of the suite has them: each does what a test says, and nothing by itself. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import { checkExchange, FrameRules } from './rules.ts'
import { Arrivals, HELLO, type Attach, type Fields, type Up } from './wire.ts'

/** Facts that hold on all carriers of a server. */
export interface Limits {
  /** Bytes of a batch: 60,000, or what a hello has said. */
  maxBatch: number
}

const noteHello = (limits: Limits, { hello }: Fields): void => {
  const { maxBatch = 0 } = (hello ?? {}) as { maxBatch?: number }
  limits.maxBatch = Math.max(limits.maxBatch, maxBatch)
}

/** An exchange that has to be answered. */
export class Exchange {
  readonly kind = 'exchange'
  readonly request: IncomingMessage
  readonly packets: readonly Up[]
  readonly attach: Attach
  /** The fields of all its packets. */
  readonly packet: Up
  isAnswered = false
  /** Whether the client has given it up. */
  isAborted = false
  readonly #response: ServerResponse
  readonly #limits: Limits

  constructor(body: string, request: IncomingMessage, response: ServerResponse, limits: Limits) {
    this.packets = body.split('\n').map((line) => JSON.parse(line) as Up)
    this.packet = Object.assign({}, ...this.packets) as Up
    this.attach = this.packet.attach!
    this.request = request
    this.#response = response
    this.#limits = limits
    checkExchange(body, this.packets, limits.maxBatch)
    response.on('close', () => {
      this.isAborted = !this.isAnswered
    })
  }

  /** Answers, or ends an answer that has begun. */
  answer(packet: Fields | string, status = 200): void {
    this.isAnswered = true
    if (typeof packet !== 'string') noteHello(this.#limits, packet)
    if (!this.#response.headersSent) {
      this.#response.writeHead(status, { 'Content-Type': 'application/json' })
    }
    this.#response.end(typeof packet === 'string' ? packet : JSON.stringify(packet))
  }

  /** Sends a byte that means nothing: white space before the packet. */
  trickle(): void {
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, { 'Content-Type': 'application/json' })
    }
    this.#response.write(' ')
  }

  /** Breaks the connection. */
  cut(): void {
    this.isAnswered = true
    this.#response.destroy()
  }
}

/** A WebSocket, of which the first frame is here. */
export class Channel {
  readonly kind = 'websocket'
  readonly attach: Attach
  readonly first: Up
  /** Packets, with the first, and frames. */
  readonly arrivals = new Arrivals<Up | Buffer>()
  isClosed = false
  readonly closed: Promise<void>
  readonly #socket: WebSocket
  readonly #limits: Limits

  constructor(socket: WebSocket, first: string, limits: Limits) {
    const rules = new FrameRules()
    const read = (text: string): Up => {
      const packet = JSON.parse(text) as Up
      rules.text(text, packet, limits.maxBatch)
      return packet
    }
    this.#socket = socket
    this.#limits = limits
    this.first = read(first)
    this.attach = this.first.attach!
    this.arrivals.add(this.first)
    socket.on('message', (data: Buffer, binary) => {
      if (binary) rules.binary(data)
      this.arrivals.add(binary ? data : read(String(data)))
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.isClosed = true
        resolve()
      })
    })
  }

  send(packet: Fields | string, frame?: Uint8Array): void {
    if (typeof packet !== 'string') noteHello(this.#limits, packet)
    this.#socket.send(typeof packet === 'string' ? packet : JSON.stringify(packet))
    if (frame) this.#socket.send(frame)
  }

  /** Sends a binary frame that no packet has announced. */
  sendFrame(frame: Uint8Array): void {
    this.#socket.send(frame)
  }

  /** Says hello in its two parts. */
  open(ack: readonly number[] = [0, 0, 0], hello: Fields = {}): void {
    this.send({ hello: { ...HELLO, ...hello }, ack })
    this.send({ ready: 1 })
  }

  /** The next packet that has a field. */
  async packet(field: keyof Up): Promise<Up> {
    for (;;) {
      const packet = await this.arrivals.next()
      if (!Buffer.isBuffer(packet) && packet[field] !== undefined) return packet
    }
  }

  /** Packets so far, without frames. */
  get packets(): readonly Up[] {
    return this.arrivals.all.filter((each): each is Up => !Buffer.isBuffer(each))
  }

  end(packet: Fields, code = 4_410): void {
    this.send(packet)
    this.#socket.close(code)
  }

  /** The network is cut: no close frame. */
  cut(): void {
    this.#socket.terminate()
  }
}

/** A stream that a client has opened with a ticket. */
export class Stream {
  readonly transport: string
  readonly ticket: string
  isClosed = false
  readonly #response: ServerResponse
  readonly #encode: (packet: string) => string

  constructor(
    transport: string,
    ticket: string,
    response: ServerResponse,
    encode: (packet: string) => string,
  ) {
    this.transport = transport
    this.ticket = ticket
    this.#response = response
    this.#encode = encode
    response.on('close', () => {
      this.isClosed = true
    })
  }

  send(packet: Fields): void {
    this.#response.write(this.#encode(JSON.stringify(packet)))
  }

  /** Says hello in its two parts. */
  open(ack: readonly number[] = [0, 0, 0], hello: Fields = {}): void {
    this.send({ hello: { ...HELLO, ...hello }, ack })
    this.send({ ready: 1 })
  }

  /** Ends it, without a packet that says why. */
  end(): void {
    this.#response.end()
  }
}
