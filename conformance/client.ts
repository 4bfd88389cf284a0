/** One client as the tests need it: it can say anything at any time, and does nothing by itself. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll } from 'vitest'
import { WebSocket } from 'ws'
import { Feed } from './feed.ts'
import { ask, open, parse, post, target, type Answer, type Entry, type Headers } from './wire.ts'

/** Any fields, right or wrong. */
export type Fields = Readonly<Record<string, unknown>>

/** Ends what a file's tests left open. */
const closers: (() => void)[] = []
afterAll(() => {
  for (const close of closers) close()
})

export const randomKey = (): string => randomBytes(16).toString('hex')

export class Client {
  key = randomKey()
  epoch: string | undefined
  t = 0
  want = 1
  page: readonly [generation: number, holder: string] | undefined
  token: string | undefined

  /** The `attach` of the next request, with other fields if the test wants them. */
  attach(other: Fields = {}): Fields {
    const { key, epoch, want, page, token } = this
    return { version: 1, key, epoch, t: ++this.t, want, page, token, ...other }
  }

  /** One exchange. */
  async exchange(fields: Fields = {}, attach: Fields = {}, headers: Headers = {}): Promise<Answer> {
    const answer = await post(JSON.stringify({ attach: this.attach(attach), ...fields }), headers)
    // Only what is answered with a session tells of its epoch.
    this.epoch ??= answer.packet.ack?.[0]
    return answer
  }

  /** One exchange that sends messages from a number on. */
  send(first: number, ...data: unknown[]): Promise<Answer> {
    return this.exchange({ batch: batch(first, ...data) })
  }

  /** A WebSocket that is attached and said hello. */
  async socket(fields: Fields = {}, attach: Fields = {}): Promise<Socket> {
    const socket = await openSocket()
    socket.send({ attach: this.attach(attach), ...fields })
    await socket.feed.field('ready')
    this.epoch ??= (await socket.feed.field('ack'))[0]
    return socket
  }

  /** A stream by a ticket of its own. */
  async stream(transport: 'sse' | 'forever-iframe', fields: Fields = {}): Promise<Stream> {
    const { packet } = await this.exchange({ stream: transport, ...fields })
    return openStream(transport, packet.ticket!)
  }
}

/** A client whose session exists. */
export async function newSession(): Promise<Client> {
  const client = new Client()
  await client.exchange()
  return client
}

/** A ticket for a session. */
export async function ticketOf(
  client: Client,
  stream: string,
  want = client.want,
): Promise<string> {
  return (await client.exchange({ stream }, { want })).packet.ticket!
}

export const batch = (first: number, ...data: unknown[]): [number, Entry[]] => [
  first,
  data.map((each) => [each] as Entry),
]

export class Socket {
  readonly feed = new Feed()
  /** The binary frames, and the entries that announced them. */
  readonly frames: Buffer[] = []
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer, binary) => {
      if (binary) this.frames.push(data)
      this.feed.take(binary ? {} : parse(String(data)))
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.feed.end(`closed with ${code}`)
        resolve({ code, reason: String(reason) })
      })
    })
  }

  send(packet: Fields): void {
    this.#socket.send(JSON.stringify(packet))
  }

  sendRaw(data: string | Uint8Array, binary = typeof data !== 'string'): void {
    this.#socket.send(data, { binary })
  }

  /** The network is cut: no close frame. */
  async cut(): Promise<void> {
    this.#socket.terminate()
    await this.closed
  }
}

/** A WebSocket that has said nothing yet. */
export async function openSocket(headers: Headers = {}, below = ''): Promise<Socket> {
  const url = target.href.replace(/^http/, 'ws') + below
  const ws = new WebSocket(url, { headers, perMessageDeflate: false })
  closers.push(() => ws.terminate())
  const socket = new Socket(ws)
  await once(ws, 'open')
  return socket
}

export class Stream {
  readonly feed = new Feed()
  readonly headers: IncomingMessage['headers']
  /** All of the body until now. */
  text = ''
  readonly #response: IncomingMessage
  readonly ended: Promise<void>

  constructor(response: IncomingMessage, pattern: RegExp) {
    this.headers = response.headers
    this.#response = response
    let read = 0
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      this.text += chunk
      for (const found of this.text.slice(read).matchAll(pattern)) {
        this.feed.take(parse(found[1]!))
        read = this.text.indexOf(found[0], read) + found[0].length
      }
    })
    this.ended = new Promise((resolve) => {
      response.on('close', () => {
        this.feed.end('the stream ended')
        resolve()
      })
    })
    response.on('error', () => {})
  }

  cut(): void {
    this.#response.destroy()
  }
}

/** How packets stand in a stream. A packet in a script is the server's own affair, so only its life is seen. */
const PATTERNS = { sse: /data: ([^\n]*)\n\n/g, 'forever-iframe': /<script[^>]*>([^<]*)<\/script>/g }

export async function openStream(
  transport: 'sse' | 'forever-iframe',
  ticket: string,
  headers: Headers = {},
): Promise<Stream> {
  const response = await open('GET', streamPath(transport, ticket), headers)
  if (response.statusCode !== 200) throw new Error(`The stream was refused: ${response.statusCode}`)
  const stream = new Stream(response, PATTERNS[transport])
  closers.push(() => stream.cut())
  return stream
}

/** A request for a stream that is expected to be refused. */
export const refusedStream = (
  transport: string,
  ticket: string,
  headers?: Headers,
): Promise<Answer> => ask('GET', streamPath(transport, ticket), headers)

const streamPath = (transport: string, ticket: string): string =>
  `/${transport}?ticket=${encodeURIComponent(ticket)}`
