/** A server that does what a test says, and nothing by itself: each carrier of the client is handed to the test. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { afterEach } from 'vitest'
import { WebSocketServer } from 'ws'
import { BRIDGE, beginDocument, scriptOf } from './bridge.ts'
import { Channel, Exchange, Stream, type Limits } from './carriers.ts'
import { KeyRules } from './rules.ts'
import { Arrivals, HELLO } from './wire.ts'

type Carrier = Exchange | Channel

export class Server {
  readonly #carriers = new Arrivals<Carrier>()
  readonly #limits: Limits = { maxBatch: HELLO.maxBatch }
  readonly #rules = new KeyRules()
  /** Bodies that have come. */
  readonly #bodies = new Set<string>()
  /** Requests as they came. */
  readonly requests: IncomingMessage[] = []
  /** Streams that were opened. */
  readonly streams = new Arrivals<Stream>()
  /** Answers a request for the bridge. */
  serveBridge = (response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(BRIDGE)
  }
  /** Texts that a document other than the bridge has heard. */
  readonly heard: string[] = []
  origin = ''

  readonly #http = createServer((request, response) => void this.#serve(request, response))
  readonly #websockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

  constructor() {
    this.#http.on('upgrade', (request, socket, head) => {
      this.#note(request)
      this.#websockets.handleUpgrade(request, socket, head, (websocket) => {
        websocket.on('error', () => websocket.terminate())
        websocket.once('message', (data: Buffer) => {
          this.#add(new Channel(websocket, String(data), this.#limits), request)
        })
      })
    })
  }

  get url(): string {
    return `${this.origin}/rungs`
  }

  #note(request: IncomingMessage): void {
    this.requests.push(request)
    this.#rules.request(request)
  }

  #add(carrier: Carrier, request: IncomingMessage): void {
    this.#rules.attach(carrier.attach, request)
    this.#carriers.add(carrier)
  }

  #takePost(body: string, request: IncomingMessage, response: ServerResponse): void {
    if (this.#bodies.has(body)) {
      // A browser repeats a request whose connection was cut (PROTOCOL.md 6.4). The client knows nothing of it.
      response.destroy()
      return
    }
    this.#bodies.add(body)
    this.#add(new Exchange(body, request, response, this.#limits), request)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#note(request)
    // The page of the client is from elsewhere (PROTOCOL.md 3.7).
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
    response.setHeader('Access-Control-Allow-Credentials', 'true')
    response.setHeader('Cache-Control', 'no-store')
    const { pathname, searchParams } = new URL(request.url!, 'http://server')
    const ticket = searchParams.get('ticket') ?? ''
    if (request.method === 'POST') {
      this.#takePost(await readText(request), request, response)
    } else if (request.method === 'PUT' && pathname === '/heard') {
      this.heard.push(await readText(request))
      response.writeHead(204).end()
    } else if (pathname === '/rungs/sse') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(':\n\n')
      this.streams.add(new Stream('sse', ticket, response, (packet) => `data: ${packet}\n\n`))
    } else if (pathname === '/rungs/forever-iframe') {
      beginDocument(response)
      this.streams.add(new Stream('forever-iframe', ticket, response, scriptOf))
    } else if (pathname === '/rungs/bridge') {
      this.serveBridge(response)
    } else {
      response.writeHead(404).end()
    }
  }

  async start(): Promise<this> {
    this.#http.listen(0, '127.0.0.1')
    await once(this.#http, 'listening')
    this.origin = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
    return this
  }

  get carriers(): readonly Carrier[] {
    return this.#carriers.all
  }

  /** Exchanges that are neither answered nor given up. */
  get waiting(): readonly Exchange[] {
    return this.carriers.filter(
      (each): each is Exchange => each.kind === 'exchange' && !each.isAnswered && !each.isAborted,
    )
  }

  async exchange(): Promise<Exchange> {
    const carrier = await this.#carriers.next()
    if (carrier.kind !== 'exchange') throw new Error('A WebSocket has come instead of an exchange')
    return carrier
  }

  /** The next exchange with messages. Others are left without an answer. */
  async upload(): Promise<Exchange> {
    for (;;) {
      const exchange = await this.exchange()
      if (exchange.packet.batch) return exchange
    }
  }

  async channel(): Promise<Channel> {
    const carrier = await this.#carriers.next()
    if (carrier.kind !== 'websocket') throw new Error('An exchange has come instead of a WebSocket')
    return carrier
  }

  /** The next carrier, of whatever kind. */
  carrier(): Promise<Carrier> {
    return this.#carriers.next()
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
