/** Answers that are one packet, and the headers of streams (PROTOCOL.md 3.1, 3.5). */
import { corsHeaders } from './origins.mjs'

/** Nothing on the way keeps or changes what is sent, or tells others where it came from. */
export const COMMON_HEADERS = {
  'Cache-Control': 'no-store, no-transform',
  'Referrer-Policy': 'no-referrer',
}

export function sendPacket(request, response, status, packet, headers = {}) {
  response.writeHead(status, {
    ...COMMON_HEADERS,
    ...corsHeaders(request),
    'Content-Type': 'application/json; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(packet),
    ...headers,
  })
  response.end(packet)
}

/** Answers with an end. A body that was not read is not waited for. */
export function sendEnd(request, response, end, headers = {}) {
  const close = request.complete ? {} : { Connection: 'close' }
  sendPacket(request, response, end.status, JSON.stringify(end.packet), { ...close, ...headers })
}
