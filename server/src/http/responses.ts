/** Answers that are one packet. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { END } from 'rungs/protocol'
import { endPacket } from '../delivery/sink.ts'
import type { CarrierEnd } from '../errors.ts'
import { corsHeaders } from './origins.ts'

/** No cache or proxy may keep or change an answer, no browser guess another type, and no page tell where it came from. */
export const NO_STORE = {
  'Cache-Control': 'no-store, no-transform',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const

/** Milliseconds that a client has to send the rest of a body that was refused. */
const DISCARD_TIME = 2_000
/** Pieces in which that may come: 16 MB of what a network hands out at once. Each costs as much as a request, also one of a byte. */
const MAX_DISCARDED_PIECES = 256

/** Answers with a packet, unless the request was answered already or its client is gone. */
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
    ...NO_STORE,
  })
  response.end(body)
  if (!request.complete || request.readableLength > 0) discardRest(request)
}

/** Answers with an end, and its status. */
export function refuse(request: IncomingMessage, response: ServerResponse, end: CarrierEnd): void {
  const [status] = END[end.type]
  respond(request, response, status, endPacket(end))
}

/**
 * Destroys a response whose client takes none of its last bytes for so many milliseconds. The session of the client may be
 * over, and then no other limit counts what is kept for it.
 */
export function limitFlushTime(response: ServerResponse, ms: number): void {
  response.once('prefinish', () => {
    const formerTimeout = response.socket?.timeout ?? 0
    response.setTimeout(ms, () => response.destroy())
    // Before other listeners of this event, because Node then sets the timeout of a connection that is kept alive.
    response.prependOnceListener('finish', () => response.setTimeout(formerTimeout))
  })
}

/**
 * Reads the rest of a body and drops it. Many clients read no answer before they have sent all, and would lose it if their
 * connection was reset at once.
 */
function discardRest(request: IncomingMessage): void {
  const timer = setTimeout(() => request.destroy(), DISCARD_TIME).unref()
  const stop = (): void => clearTimeout(timer)
  let pieces = 0
  const count = (): void => {
    if (++pieces > MAX_DISCARDED_PIECES) request.destroy()
  }
  request.on('data', count).on('end', stop).on('close', stop).resume()
}
