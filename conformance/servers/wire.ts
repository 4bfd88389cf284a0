/** The wire as it is: requests and packets, with nothing of a client or server in between. */
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { text as readText } from 'node:stream/consumers'
import tls from 'node:tls'

/** `[data, peer, kind]`, or a part: `[data, peer, kind, offset, size]`; PROTOCOL.md 4.4. */
export type Entry = [data: unknown, peer?: unknown, kind?: number, offset?: number, size?: number]

/** The server's terms; PROTOCOL.md 4.3. */
export interface Hello {
  readonly version: number
  readonly id: string
  readonly epoch: string
  readonly heartbeat: number
  readonly lifetime: number
  readonly maxMessage: number
  readonly maxBatch: number
  readonly window: number
  readonly bound?: 1
  readonly protocol?: string
  readonly retryAfter?: readonly [number, number]
  readonly features?: readonly string[]
}

export type Ack = readonly [
  received: number,
  accepted: number,
  head: number,
  partial?: number,
  outstanding?: number,
]

/** A packet of the server; PROTOCOL.md 4.3. */
export interface Down {
  readonly hello?: Hello
  readonly ack?: Ack
  readonly gap?: 1
  readonly batch?: readonly [first: number, entries: Entry[]]
  readonly tag?: string
  readonly volatile?: Entry[]
  readonly ticket?: string
  readonly ready?: 1
  readonly token?: 1
  readonly end?: readonly [type: string, reason: string, then: string, code?: number]
  readonly retryAfter?: readonly [number, number]
  readonly version?: number
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  /** The packet in it; empty where there is none. */
  readonly packet: Down
}

export type Headers = Readonly<Record<string, string>>

const { RUNGS_URL } = process.env
if (!RUNGS_URL) throw new Error('Run it with: npm run conformance -- URL')

/** The server's path, without a slash at its end. */
export const target = new URL(RUNGS_URL.replace(/\/$/, ''))
const secure = target.protocol === 'https:'
const { request: httpRequest } = secure ? https : http

/** The packet in a text; an empty one where there is none. */
export function parse(text: string): Down {
  try {
    const packet = JSON.parse(text) as Down | null
    return typeof packet === 'object' && packet !== null ? packet : {}
  } catch {
    // What should be a packet and is none is noted by `checkPacket`.
    return {}
  }
}

/** Sends a request below the server's path, on a connection of its own. Resolves when its headers are here. */
export async function open(
  method: string,
  below: string,
  headers: Headers = {},
  body?: string | Uint8Array,
): Promise<http.IncomingMessage> {
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
  const request = httpRequest(new URL(target.href + below), {
    method,
    headers: { ...length, ...headers },
    agent: false,
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  return response
}

/** Sends a request, and reads the whole answer. */
export async function ask(
  method: string,
  below: string,
  headers: Headers = {},
  body?: string | Uint8Array,
): Promise<Answer> {
  const response = await open(method, below, headers, body)
  const text = await readText(response)
  return { status: response.statusCode!, headers: response.headers, text, packet: parse(text) }
}

/** An exchange with any body. */
export const post = (body: string | Uint8Array, headers?: Headers): Promise<Answer> =>
  ask('POST', '', headers, body)

/** A plain connection to the server, for what no HTTP client would send. */
export async function connect(): Promise<net.Socket> {
  const port = Number(target.port || (secure ? 443 : 80))
  const host = target.hostname.replace(/^\[|\]$/g, '')
  const socket = secure ? tls.connect({ port, host, servername: host }) : net.connect(port, host)
  // A server may answer and reset before all was written; the tests look at what it answered.
  socket.on('error', () => {})
  await once(socket, secure ? 'secureConnect' : 'connect')
  return socket
}

/** The head of a raw request. */
export const head = (method: string, headers: Headers): string =>
  [
    `${method} ${target.pathname} HTTP/1.1`,
    `Host: ${target.host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n')

/** What a raw connection says until the text has a pattern. The connection may stay open. */
export function heard(socket: net.Socket, pattern: RegExp): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk) => {
      text += String(chunk)
      if (pattern.test(text)) resolve(text)
    })
    socket.on('close', () => reject(new Error(`no ${pattern} in: ${text}`)))
  })
}

/** All that a raw connection says until it closes, also by an error. */
export function drain(socket: net.Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  return new Promise((resolve) => {
    socket.on('close', () => resolve(text))
  })
}
