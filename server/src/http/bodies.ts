/** Plain HTTP: what a request is for, its body, and every answer that is not a stream. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { END } from 'rungs/protocol'
import { endPacket } from '../delivery/sink.ts'
import { Refusal } from '../errors.ts'
import type { End } from '../store/store.ts'
import { corsHeaders } from './origins.ts'

/** Milliseconds of silence in the middle of a body. */
const BODY_SILENCE = 10_000
/** Milliseconds that a client has to send the rest of a body that was refused. */
const LINGER = 2_000

/** What lies below the hub's path: `''`, `/sse` …; `undefined` where the request is not the hub's. */
export function below(path: string, request: IncomingMessage): string | undefined {
  const target = (request.url ?? '').split('?', 1)[0]!
  if (target === path || target === path + '/') return ''
  return target.startsWith(path + '/') ? target.slice(path.length) : undefined
}

/** The whole body. Fails with a {@link Refusal} if it is too large, encoded, cut or never ends. */
export async function readBody(
  request: IncomingMessage,
  most: number,
  silence: number = BODY_SILENCE,
): Promise<Buffer> {
  const { 'content-encoding': encoding, 'content-length': length } = request.headers
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Refusal('unsupported-encoding', 'send the body as it is: what unpacks can be a bomb')
  }
  const tooLarge = (): Refusal => new Refusal('too-large', `a body of more than ${most} bytes`)
  if (Number(length) > most) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  const before = request.socket.timeout ?? 0
  await new Promise<void>((resolve, reject) => {
    const late = (): void => over(new Refusal('timeout', 'the body did not go on'))
    const cut = (): void => over(new Refusal('malformed', 'the body was cut'))
    const take = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size > most) over(tooLarge())
    }
    const over = (refusal?: Refusal): void => {
      request.setTimeout(before).off('timeout', late).off('data', take)
      if (refusal) reject(refusal)
      else resolve()
    }
    request.setTimeout(silence).on('timeout', late).on('data', take)
    request.on('end', () => over()).on('close', cut)
  })
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)
}

/** Answers with a packet. Does nothing if the request was answered, or its client is gone. */
export function respond(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
): void {
  if (response.headersSent || response.destroyed) return
  const body = Buffer.from(text)
  response.writeHead(status, {
    ...corsHeaders(request),
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
    // Nothing between here and the page may keep it, change it or guess what it is.
    'Cache-Control': 'no-store, no-transform',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(body)
  if (!request.complete) discardRest(request)
}

/** Answers a request that is not served, or whose session ended. */
export function refuse(request: IncomingMessage, response: ServerResponse, end: End): void {
  respond(request, response, END[end.type][0], endPacket(end))
}

/**
 * Lets go of a client that takes nothing of the end of its answer for so many milliseconds: its session may be over, and
 * then nothing else counts what is kept for it.
 */
export function limitEnd(response: ServerResponse, silence: number): void {
  response.once('prefinish', () => {
    const before = response.socket?.timeout ?? 0
    response.setTimeout(silence, () => response.destroy())
    // First, because Node then gives the connection the time of one that is kept alive.
    response.prependOnceListener('finish', () => response.setTimeout(before))
  })
}

/** Many clients read no answer before they have sent all: a connection that is reset at once would take it along. */
function discardRest(request: IncomingMessage): void {
  const timer = setTimeout(() => request.destroy(), LINGER).unref()
  request.on('close', () => clearTimeout(timer)).resume()
}
