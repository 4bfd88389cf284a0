/** A client that says anything at any time, and does nothing by itself. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Batch, Down, Entry } from 'rungs/protocol'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { List } from './list.ts'
import { numbered, partsJoiner } from './parts.ts'
import { open, parse, post, type Answer, type Headers } from './wire.ts'

/** Fields of a packet or an attach, right or wrong. */
export type Fields = Readonly<Record<string, unknown>>

/** Bytes of the first packet of an exchange. */
const MAX_ATTACH = 16_384

export const randomKey = (): string => randomBytes(16).toString('hex')

/** A batch of messages from a number on. */
export const batch = (first: number, ...data: readonly unknown[]): Batch => [
  first,
  data.map((each): Entry => [each]),
]

export class Client {
  key: string = randomKey()
  epoch: string | undefined
  t = 0
  want = 1
  page: readonly [generation: number, holder: string] | undefined
  token: string | undefined
  headers: Headers = {}
  /** Where the next request goes: nodes of one site may take turns. */
  url: string

  constructor(url: string) {
    this.url = url
  }

  /** A packet as text, with the `attach` of the next request in it. */
  body(fields: Fields = {}, attach: Fields = {}): string {
    const { key, epoch, want, page, token } = this
    return JSON.stringify({
      attach: { version: 1, key, epoch, t: ++this.t, want, page, token, ...attach },
      ...fields,
    })
  }

  async exchange(fields: Fields = {}, attach: Fields = {}): Promise<Answer> {
    const body = inLines(this.body(fields, attach))
    const answer = await post(this.url, body, this.headers)
    this.#learn(answer.packet)
    return answer
  }

  /** Sends messages from a number on by exchange. */
  send(first: number, ...data: readonly unknown[]): Promise<Answer> {
    return this.exchange({ batch: batch(first, ...data) })
  }

  /** A WebSocket that has attached, and got its hello or an end. */
  async socket(fields: Fields = {}, attach: Fields = {}): Promise<Socket> {
    const socket = await openSocket(this.url, this.headers)
    socket.send(this.body(fields, attach))
    this.#learn(
      await socket.packets.find(({ hello, end }) => hello !== undefined || end !== undefined),
    )
    return socket
  }

  /** A stream, by a ticket of its own. */
  async stream(
    transport: 'sse' | 'forever-iframe',
    fields: Fields = {},
    attach: Fields = {},
  ): Promise<Stream> {
    const ticket = await this.ticket(transport, fields, attach)
    return openStream(this.url, transport, ticket, this.headers)
  }

  async ticket(
    transport: 'sse' | 'forever-iframe',
    fields: Fields = {},
    attach: Fields = {},
  ): Promise<string> {
    return (await this.exchange({ stream: transport, ...fields }, attach)).packet.ticket!
  }

  #learn({ hello }: Down): void {
    this.epoch ??= hello?.epoch
  }
}

/** A packet as the body of an exchange: messages that do not fit the first packet go in one behind it. */
function inLines(packet: string): string {
  if (Buffer.byteLength(packet) <= MAX_ATTACH) return packet
  const { batch: messages, ...first } = JSON.parse(packet) as Fields
  return `${JSON.stringify(first)}\n${JSON.stringify({ batch: messages })}`
}

/** The packets that a carrier brought down. */
export class Feed {
  readonly packets = new List<Down>()

  /** All entries of the log down, with their numbers, each as often as it came. Those in parts are put together. */
  get entries(): (readonly [number: number, ...Entry])[] {
    const join = partsJoiner()
    return this.packets.items.flatMap(({ batch: down }) => (down ? numbered(down, join) : []))
  }

  /** Resolves to the data of all messages, once there are so many. */
  async messages(number: number): Promise<unknown[]> {
    await this.packets.until(() => this.entries.length >= number)
    return this.entries.map(([, data]) => data)
  }

  /** Resolves once the server has accepted so many messages. */
  async accepted(number: number): Promise<void> {
    await this.packets.find(({ ack }) => ack !== undefined && ack[1] >= number)
  }

  async end(): Promise<NonNullable<Down['end']>> {
    return (await this.packets.find(({ end }) => end !== undefined)).end!
  }
}

export class Socket extends Feed {
  readonly frames = new List<Buffer>()
  readonly closed: Promise<readonly [code: number, reason: string]>
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    super()
    this.#socket = socket
    socket.on('message', (data: Buffer, binary) => {
      if (binary) this.frames.push(data)
      else this.packets.push(parse(String(data)))
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve([code, String(reason)]))
    })
  }

  send(data: string | Uint8Array | Fields): void {
    this.#socket.send(
      typeof data === 'string' || data instanceof Uint8Array ? data : JSON.stringify(data),
    )
  }

  close(): void {
    this.#socket.close()
  }

  /** Cuts the connection, without a close frame. */
  cut(): void {
    this.#socket.terminate()
  }

  /** Stops reading until {@link resume}. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }
}

/** A WebSocket that has not attached. */
export async function openSocket(url: string, headers: Headers = {}): Promise<Socket> {
  const webSocket = new WebSocket(url.replace(/^http/, 'ws'), { headers, perMessageDeflate: false })
  onTestFinished(() => webSocket.terminate())
  const socket = new Socket(webSocket)
  await once(webSocket, 'open')
  return socket
}

/** How a packet begins and ends in a stream. */
const CHUNKS = {
  sse: ['data: ', '\n\n'],
  'forever-iframe': ['">p(', ')</script>\n'],
} as const

export class Stream extends Feed {
  readonly response: IncomingMessage
  readonly closed: Promise<void>
  readonly #chunks: string[] = []

  constructor(response: IncomingMessage, transport: 'sse' | 'forever-iframe') {
    super()
    this.response = response
    const [before, after] = CHUNKS[transport]
    let unread = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      this.#chunks.push(chunk)
      unread += chunk
      // A packet is complete only if the last chunk ends one.
      if (!chunk.endsWith(after.at(-1)!)) return
      for (let from; (from = unread.indexOf(before)) >= 0;) {
        const to = unread.indexOf(after, from)
        if (to < 0) return
        const text = unread.slice(from + before.length, to)
        this.packets.push(parse(transport === 'sse' ? text : (JSON.parse(text) as string)))
        unread = unread.slice(to + after.length)
      }
    })
    response.on('error', () => {})
    this.closed = new Promise((resolve) => {
      response.on('close', resolve)
    })
  }

  /** The body as far as it has come. */
  get text(): string {
    return this.#chunks.join('')
  }

  cut(): void {
    this.response.destroy()
  }
}

export async function openStream(
  url: string,
  transport: 'sse' | 'forever-iframe',
  ticket: string,
  headers: Headers = {},
): Promise<Stream> {
  const response = await open('GET', `${url}/${transport}?ticket=${ticket}`, headers)
  if (response.statusCode !== 200) throw new Error(`The stream was refused: ${response.statusCode}`)
  onTestFinished(() => void response.destroy())
  return new Stream(response, transport)
}
