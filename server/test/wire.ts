/** The wire: requests and packets, without the code of the client or the server. */
import { once } from 'node:events'
import { request as send, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import type { Down } from 'rungs/protocol'

export type Headers = Readonly<Record<string, string>>

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The packet in it; empty where there is none. */
  readonly packet: Down
}

export function parse(text: string): Down {
  try {
    return JSON.parse(text) as Down
  } catch {
    return {}
  }
}

/** Sends a request on a connection of its own. Resolves when the headers of the answer are here. */
export async function open(
  method: string,
  url: string,
  headers: Headers = {},
  body?: string | Uint8Array,
): Promise<IncomingMessage> {
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
  const request = send(url, { method, headers: { ...length, ...headers }, agent: false })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

/** Sends a request, and reads the whole answer. */
export async function ask(
  method: string,
  url: string,
  headers: Headers = {},
  body?: string | Uint8Array,
): Promise<Answer> {
  const response = await open(method, url, headers, body)
  const text = await readText(response)
  return { status: response.statusCode!, headers: response.headers, text, packet: parse(text) }
}

/** An exchange with any body. */
export const post = (url: string, body: string | Uint8Array, headers?: Headers): Promise<Answer> =>
  ask('POST', url, headers, body)

/** A plain connection, for bytes that no HTTP client would send. */
export async function raw(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  // A server may answer and reset the connection before all was written. Tests look at the answer.
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** The text that a plain connection brings until it closes, also by an error. */
export async function rest(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  await new Promise((resolve) => socket.on('close', resolve))
  return text
}
