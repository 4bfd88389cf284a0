/** A small real server, and clients that see what a browser would see; for the tests of the proxy. */
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { startFaultProxy } from './proxy.mjs'
import type { FaultProxy, Faults, ProxyEvent, ProxyOptions } from './types.d.ts'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly version: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** Things that arrive one after the other, to be awaited. */
export class Queue<T> {
  readonly all: T[] = []
  #taken = 0
  #waiting: ((item: T) => void)[] = []

  readonly push = (item: T): void => {
    this.all.push(item)
    const next = this.#waiting.shift()
    if (!next) return
    this.#taken++
    next(item)
  }

  next(): Promise<T> {
    const item = this.all[this.#taken]
    if (item === undefined) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#taken++
    return Promise.resolve(item)
  }
}

export interface Server {
  readonly origin: string
  readonly seen: Queue<Seen>
  /** Answers to GET /stream and /hang, and to POST /hang; the test writes them. */
  readonly open: Queue<http.ServerResponse>
  readonly sockets: Queue<WebSocket>
}

/**
 * `GET /stream` begins an endless answer, `/hang` none; `/bytes?n` is so many bytes of known length;
 * all else is answered with `answer 1`, `answer 2` …; `/ws` echoes.
 */
export async function startServer(): Promise<Server> {
  const seen = new Queue<Seen>()
  const open = new Queue<http.ServerResponse>()
  const sockets = new Queue<WebSocket>()
  let count = 0
  const server = http.createServer(async (request, response) => {
    const { method = '', url = '', headers, httpVersion: version } = request
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push({ method, url, version, headers, body: Buffer.concat(chunks).toString() })
    if (url === '/stream')
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    if (url === '/stream' || url === '/hang') return open.push(response)
    response.end(
      url.startsWith('/bytes?') ? Buffer.alloc(Number(url.slice(7)), 'x') : `answer ${++count}`,
    )
  })
  const hub = new WebSocketServer({ server, path: '/ws' })
  hub.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const client of hub.clients) client.terminate()
    server.closeAllConnections()
    server.close()
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    seen,
    open,
    sockets,
  }
}

export interface Setup {
  readonly server: Server
  readonly proxy: FaultProxy
  readonly events: Queue<ProxyEvent>
  /** Waits until a mode strikes. */
  struck(mode: keyof Faults): Promise<void>
}

export async function setUp(
  faults: Faults = {},
  options: Partial<ProxyOptions> = {},
): Promise<Setup> {
  const server = await startServer()
  const events = new Queue<ProxyEvent>()
  const proxy = await startFaultProxy({
    upstream: server.origin,
    faults,
    log: events.push,
    ...options,
  })
  onTestFinished(() => proxy.close())
  const struck = async (mode: keyof Faults): Promise<void> => {
    for (;;) {
      const event = await events.next()
      if (event.type === 'fault' && event.mode === mode) return
    }
  }
  return { server, proxy, events, struck }
}

/** An answer as it comes in. */
export interface Reply {
  readonly response: http.IncomingMessage
  /** All that has arrived until now. */
  text(): string
  /** Resolves when this text has arrived. */
  has(part: string): Promise<void>
  /** Resolves with the whole body; fails if it breaks off. */
  readonly whole: Promise<string>
}

function read(response: http.IncomingMessage): Reply {
  let text = ''
  const arrived = new Queue<string>()
  response.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    arrived.push(chunk)
  })
  const whole = new Promise<string>((resolve, reject) => {
    response.on('end', () => resolve(text)).on('error', reject)
  })
  whole.catch(() => {}) // Whether it broke off matters only to those who ask.
  const has = async (part: string): Promise<void> => {
    while (!text.includes(part)) await arrived.next()
  }
  return { response, text: () => text, has, whole }
}

/** A request on a connection of its own, unless an agent is given. */
export function ask(
  url: string,
  { body, ...options }: http.RequestOptions & { body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
      ...options,
    })
    request.on('response', (response) => resolve(read(response))).on('error', reject)
    request.end(body)
  })
}

/** One connection for all requests. */
export function keepAlive(): http.Agent {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return agent
}

/** The whole answer. */
export const fetchText = async (...args: Parameters<typeof ask>): Promise<string> =>
  (await ask(...args)).whole

export interface Client {
  readonly socket: WebSocket
  readonly messages: Queue<string>
  /** Resolves when it is open; fails with its error. */
  readonly opened: Promise<void>
  /** Close code, when it is closed. */
  readonly closed: Promise<number>
}

export function openWebSocket(proxy: FaultProxy): Client {
  const socket = new WebSocket(`${proxy.url.replace('http', 'ws')}/ws`)
  onTestFinished(() => socket.terminate())
  const messages = new Queue<string>()
  socket.on('message', (data) => messages.push(String(data)))
  const opened = new Promise<void>((resolve, reject) =>
    socket.on('open', resolve).on('error', reject),
  )
  opened.catch(() => {}) // Whether it failed matters only to those who ask.
  return { socket, messages, opened, closed: new Promise((resolve) => socket.on('close', resolve)) }
}

/** Sends bytes as they are; resolves with all that came back, when the other side has ended. */
export async function raw(proxy: FaultProxy, text: string): Promise<string> {
  const socket = net.connect(proxy.port, '127.0.0.1')
  socket.write(text)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

/** How long it took, ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
