import type { IncomingMessage } from 'node:http'
import { corsHeaders } from './origins.ts'
import { NO_STORE } from './responses.ts'

/** Proxies must neither buffer nor change a stream, nor wait for its end. nginx obeys `X-Accel-Buffering` only. */
export const STREAM_HEADERS: { readonly [name: string]: string } = {
  ...NO_STORE,
  'X-Accel-Buffering': 'no',
}

/** Characters of padding at most, whatever a client asks for. */
const MAX_PADDING = 4_096

/** Padding that a client asks for, because its network holds back the beginning of streams; empty if it does not. */
export function paddingOf(format: StreamFormat, pad = 0): string {
  return pad > 0 ? format.padding(Math.min(pad, MAX_PADDING)) : ''
}

/** How packets look in a stream. */
export interface StreamFormat {
  readonly headers: { readonly [name: string]: string }
  /** The beginning of the body. */
  readonly prologue: string
  /** Characters after which the stream ends, so that the client opens another one. */
  readonly maxLength: number
  encode(packetText: string): string
  /** So many characters of padding, at least. */
  padding(length: number): string
}

/** Events of one data line each: JSON text has no line feed of its own (HTML standard, 9.2.6). */
export function sseFormat(request: IncomingMessage): StreamFormat {
  return {
    headers: { 'Content-Type': 'text/event-stream', ...corsHeaders(request) },
    // A comment, so that the headers are flushed.
    prologue: ':\n\n',
    maxLength: Infinity,
    encode: (packetText) => `data: ${packetText}\n\n`,
    padding: (length) => `:${' '.repeat(length)}\n\n`,
  }
}
