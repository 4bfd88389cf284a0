/** A server that does what a test says, and nothing by itself: each carrier of the client is handed to the test. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { afterEach } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'

/** A packet of the client; PROTOCOL.md 4.2. Tests look at what they need. */
export interface Up {
  readonly attach?: Attach
  readonly ack?: readonly [number: number, tag: string, partial?: number]
  readonly batch?: readonly [first: number, entries: (readonly unknown[])[]]
  readonly answer?: 'none' | 'now' | 'wait'
  readonly hello?: 1
  readonly stream?: string
  readonly token?: string
  readonly bye?: readonly unknown[]
}

export interface Attach {
  readonly version: number
  readonly key: string
  readonly epoch?: string
  readonly t: number
  readonly want: number
  readonly token?: string
}

/** Any packet, right or wrong. */
export type Fields = Readonly<Record<string, unknown>>

export const HELLO = {
  version: 1,
  id: 'a-session',
  epoch: 'an-epoch',
  heartbeat: 5_000,
  lifetime: 60_000,
  maxMessage: 200_000,
  maxBatch: 60_000,
  window: 65_536,
} as const

/** Something that arrives one after the other, and is awaited one after the other. */
class Arrivals<T> {
  readonly all: T[] = []
  #taken = 0
  #waiting: (() => void)[] = []

  add(item: T): void {
    this.all.push(item)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The next one that nobody took. */
  async next(): Promise<T> {
    while (this.all.length <= this.#taken) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.all[this.#taken++]!
  }
}

/** An exchange that has to be answered. */
export class Exchange {
  readonly kind = 'exchange'
  readonly packets: readonly Up[]
  readonly attach: Attach
  /** The fields of all its packets. */
  readonly packet: Up
  isAnswered = false
  readonly #response: ServerResponse

  constructor(body: string, response: ServerResponse) {
    this.packets = body.split('\n').map((line) => JSON.parse(line) as Up)
    this.packet = Object.assign({}, ...this.packets) as Up
    this.attach = this.packet.attach!
    this.#response = response
  }

  answer(packet: Fields | string, status = 200): void {
    this.isAnswered = true
    const text = typeof packet === 'string' ? packet : JSON.stringify(packet)
    this.#response.writeHead(status, { 'Content-Type': 'application/json' }).end(text)
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

  constructor(socket: WebSocket, first: Up) {
    this.#socket = socket
    this.first = first
    this.attach = first.attach!
    this.arrivals.add(first)
    socket.on('message', (data: Buffer, binary) => {
      this.arrivals.add(binary ? data : (JSON.parse(String(data)) as Up))
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.isClosed = true
        resolve()
      })
    })
  }

  send(packet: Fields, frame?: Uint8Array): void {
    this.#socket.send(JSON.stringify(packet))
    if (frame) this.#socket.send(frame)
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

  end(packet: Fields, code = 4_410): void {
    this.send(packet)
    this.#socket.close(code)
  }

  /** The network is cut: no close frame. */
  cut(): void {
    this.#socket.terminate()
  }
}

export class Server {
  readonly #carriers = new Arrivals<Exchange | Channel>()
  /** Requests as they came, for what must not be in them. */
  readonly requests: IncomingMessage[] = []
  /** Tickets of streams that were opened, and their responses. */
  readonly streams = new Arrivals<{ readonly ticket: string; readonly response: ServerResponse }>()
  url = ''

  readonly #http = createServer((request, response) => void this.#serve(request, response))
  readonly #websockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

  constructor() {
    this.#http.on('upgrade', (request, socket, head) => {
      this.requests.push(request)
      this.#websockets.handleUpgrade(request, socket, head, (websocket) => {
        websocket.on('error', () => websocket.terminate())
        websocket.once('message', (data: Buffer) => {
          this.#carriers.add(new Channel(websocket, JSON.parse(String(data)) as Up))
        })
      })
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(request)
    // The page of the client is from elsewhere (PROTOCOL.md 3.7).
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
    response.setHeader('Access-Control-Allow-Credentials', 'true')
    response.setHeader('Cache-Control', 'no-store')
    const { pathname, searchParams } = new URL(request.url!, 'http://server')
    if (request.method === 'POST') {
      const body = await readText(request)
      this.#carriers.add(new Exchange(body, response))
    } else if (pathname.endsWith('/sse')) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(':\n\n')
      this.streams.add({ ticket: searchParams.get('ticket') ?? '', response })
    } else {
      response.writeHead(404).end()
    }
  }

  async start(): Promise<this> {
    this.#http.listen(0, '127.0.0.1')
    await once(this.#http, 'listening')
    this.url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/rungs`
    return this
  }

  get carriers(): readonly (Exchange | Channel)[] {
    return this.#carriers.all
  }

  async exchange(): Promise<Exchange> {
    const carrier = await this.#carriers.next()
    if (carrier.kind !== 'exchange') throw new Error('A WebSocket has come instead of an exchange')
    return carrier
  }

  async channel(): Promise<Channel> {
    const carrier = await this.#carriers.next()
    if (carrier.kind !== 'websocket') throw new Error('An exchange has come instead of a WebSocket')
    return carrier
  }

  close(): void {
    for (const client of this.#websockets.clients) client.terminate()
    this.#http.close()
    this.#http.closeAllConnections()
  }
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A new server, which ends with its test. */
export async function startServer(): Promise<Server> {
  const server = await new Server().start()
  servers.push(server)
  return server
}
