import type { IncomingMessage } from 'node:http'
import { corsHeaders } from './origins.ts'
import { NO_STORE } from './responses.ts'

/** Proxies must neither buffer nor change a stream, nor wait for its end. nginx obeys `X-Accel-Buffering` only. */
export const STREAM_HEADERS: { readonly [name: string]: string } = {
  ...NO_STORE,
  'X-Accel-Buffering': 'no',
}

/** How packets look in a stream. */
export interface StreamFormat {
  readonly headers: { readonly [name: string]: string }
  /** The beginning of the body. */
  readonly prologue: string
  /** Characters after which the stream ends, so that the client opens another one. */
  readonly maxLength: number
  encode(packetText: string): string
}

/** Events of one data line each: JSON text has no line feed of its own (HTML standard, 9.2.6). */
export function sseFormat(request: IncomingMessage): StreamFormat {
  return {
    headers: { 'Content-Type': 'text/event-stream', ...corsHeaders(request) },
    // A comment, so that the headers are flushed.
    prologue: ':\n\n',
    maxLength: Infinity,
    encode: (packetText) => `data: ${packetText}\n\n`,
  }
}
