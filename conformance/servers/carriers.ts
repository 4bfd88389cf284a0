/** The carriers that a test holds open: WebSockets and streams. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll } from 'vitest'
import { WebSocket } from 'ws'
import { violations } from '../prove.ts'
import { Feed, type Tags } from './feed.ts'
import { ask, open, parse, target, type Answer, type Down, type Headers } from './wire.ts'

/** Any fields, right or wrong. */
export type Fields = Readonly<Record<string, unknown>>

/** Ends what a file's tests left open. */
const closers: (() => void)[] = []
afterAll(() => {
  for (const close of closers) close()
})

export class Socket {
  readonly feed: Feed
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #socket: WebSocket
  /** The packet that announced the next frame, and its text. */
  #announcing: { readonly text: string; readonly packet: Down } | undefined

  constructor(socket: WebSocket, feed: Feed) {
    this.#socket = socket
    this.feed = feed
    socket.on('message', (data: Buffer, binary) => {
      if (binary) this.#takeFrame(data)
      else this.#takeText(String(data))
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.feed.end(`closed with ${code}`)
        resolve({ code, reason: String(reason) })
      })
    })
  }

  #takeText(text: string): void {
    const packet = parse(text)
    if (this.#announcing) violations.push('a frame was announced, and a text came')
    const last = (packet.volatile ?? packet.batch?.[1])?.at(-1)
    if (Number(last?.[2] ?? 0) & 4) this.#announcing = { text, packet }
    else this.feed.take(text, packet)
  }

  #takeFrame(frame: Buffer): void {
    if (this.#announcing) this.feed.take(this.#announcing.text, this.#announcing.packet, frame)
    else violations.push('a binary frame that nobody announced')
    this.#announcing = undefined
  }

  send(packet: Fields): void {
    this.#socket.send(JSON.stringify(packet))
  }

  sendRaw(data: string | Uint8Array, binary = typeof data !== 'string'): void {
    this.#socket.send(data, { binary })
  }

  /** Resolves when the server has answered a ping, and so all that came before, or closed. */
  async ping(): Promise<void> {
    this.#socket.ping()
    await Promise.race([once(this.#socket, 'pong'), this.closed])
  }

  /** The network is cut: no close frame. */
  async cut(): Promise<void> {
    this.#socket.terminate()
    await this.closed
  }

  /** Closes it with a close frame. */
  async close(code = 1_000): Promise<void> {
    this.#socket.close(code)
    await this.closed
  }
}

/** A WebSocket that has said nothing yet. */
export async function openSocket(
  headers: Headers = {},
  below = '',
  feed: Feed = new Feed('websocket', new Map()),
): Promise<Socket> {
  const url = target.href.replace(/^http/, 'ws') + below
  const ws = new WebSocket(url, { headers, perMessageDeflate: false })
  closers.push(() => ws.terminate())
  const socket = new Socket(ws, feed)
  await once(ws, 'open')
  return socket
}

export type StreamName = 'sse' | 'forever-iframe'

/** How packets stand in a stream. A packet in a script is the server's own affair, so only its life is seen. */
const PATTERNS = { sse: /data: ([^\n]*)\n\n/g, 'forever-iframe': /<script[^>]*>([^<]*)<\/script>/g }

export class Stream {
  readonly feed: Feed
  readonly headers: IncomingMessage['headers']
  /** All of the body until now. */
  text = ''
  /** Scripts of the document until now. */
  scripts = 0
  readonly ended: Promise<void>
  readonly #response: IncomingMessage
  readonly #name: StreamName
  #read = 0

  constructor(response: IncomingMessage, name: StreamName, feed: Feed) {
    this.headers = response.headers
    this.feed = feed
    this.#response = response
    this.#name = name
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => this.#take(chunk))
    this.ended = new Promise((resolve) => {
      response.on('close', () => {
        this.feed.end('the stream ended')
        resolve()
      })
    })
    response.on('error', () => {})
  }

  #take(chunk: string): void {
    this.text += chunk
    const from = this.#read
    for (const found of this.text.slice(from).matchAll(PATTERNS[this.#name])) {
      this.#read = from + found.index + found[0].length
      if (this.#name === 'sse') this.feed.take(found[1]!, parse(found[1]!))
      else this.scripts++
    }
    this.feed.wake()
  }

  /** Resolves when a text is in the body. */
  includes(text: string): Promise<true> {
    return this.feed.until(text, () => this.text.includes(text) || undefined)
  }

  /** Resolves when the document has so many scripts. */
  script(count: number): Promise<true> {
    return this.feed.until(`script ${count}`, () => this.scripts >= count || undefined)
  }

  cut(): void {
    this.#response.destroy()
  }
}

const streamPath = (transport: string, ticket: string): string =>
  `/${transport}?ticket=${encodeURIComponent(ticket)}`

export async function openStream(
  transport: StreamName,
  ticket: string,
  headers: Headers = {},
  tags: Tags = new Map(),
  begun?: Feed,
): Promise<Stream> {
  const response = await open('GET', streamPath(transport, ticket), headers)
  if (response.statusCode !== 200) throw new Error(`The stream was refused: ${response.statusCode}`)
  const stream = new Stream(response, transport, new Feed('sse', tags, begun))
  closers.push(() => stream.cut())
  return stream
}

/** A request for a stream that is expected to be refused. */
export const refusedStream = (
  transport: string,
  ticket: string,
  headers?: Headers,
): Promise<Answer> => ask('GET', streamPath(transport, ticket), headers)
