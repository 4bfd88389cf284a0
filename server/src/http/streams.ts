/** The streams that only come down, SSE and forever-iframe, and the bridge frame that goes with the latter. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readAsset } from '../assets.ts'
import type { Reader } from '../delivery/reader.ts'
import { Refusal } from '../errors.ts'
import { addReader, contact, type Gate } from './admission.ts'
import { checkOrigin, corsHeaders, frameAncestors } from './origins.ts'

/** Bytes after which a frame's stream is begun anew: a browser keeps all of a document that still loads. */
const RECYCLE = 4_194_304
/** WebKitGTK shows nothing of a document below 512 bytes; others wait for 1 KiB. */
const PAD = ' '.repeat(1_024)

const STREAM_HEADERS = {
  // Proxies that obey neither buffer nor compress this; nginx obeys the second.
  'Cache-Control': 'no-cache, no-store, no-transform',
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
}

/** Opens the stream that a ticket stands for. */
export async function stream(
  gate: Gate,
  transport: 'sse' | 'forever-iframe',
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { store, readers } = gate
  checkOrigin(request, gate.settings)
  const ticket = new URL(request.url!, 'http://localhost').searchParams.get('ticket') ?? ''
  const wanted = await store.redeemTicket(ticket)
  if (!wanted || wanted.readerTransport !== transport)
    throw new Refusal('not-found', 'the ticket is used, old or unknown')
  const found = await contact(gate, wanted)
  const format = transport === 'sse' ? sseFormat(request) : iframeFormat(gate)

  let written = 0
  const reader: Reader = addReader(gate, wanted, found, found.acceptedUpTo, {
    takesFrames: false,
    takesOnePacket: false,
    write(text) {
      const chunk = format.chunk(text as string)
      response.write(chunk)
      if ((written += chunk.length) <= format.recycle) return
      response.end()
      readers.remove(reader)
    },
    isCongested: () => response.writableNeedDrain,
    end: (text) => response.end(format.chunk(text)),
    destroy: () => response.destroy(),
  })
  response.on('drain', () => readers.scheduleFlush(reader))
  response.on('close', () => readers.remove(reader))
  // Its client may have gone while it was looked for.
  if (response.destroyed) return readers.remove(reader)
  response.writeHead(200, { ...STREAM_HEADERS, ...format.headers })
  response.write(format.prologue)
  reader.start()
}

interface Format {
  readonly headers: { readonly [name: string]: string }
  readonly prologue: string
  /** Bytes after which the stream is begun anew. */
  readonly recycle: number
  chunk(text: string): string
}

/** HTML standard, 9.2.6: JSON text has no line feed of its own. */
function sseFormat(request: IncomingMessage): Format {
  return {
    headers: { 'Content-Type': 'text/event-stream', ...corsHeaders(request) },
    prologue: ':\n\n',
    recycle: Infinity,
    chunk: (text) => `data: ${text}\n\n`,
  }
}

/** A document of scripts. Each calls into the bridge, which is of the same origin, and removes itself. */
function iframeFormat({ settings }: Gate): Format {
  const nonce = randomBytes(16).toString('base64')
  return {
    // Every ancestor counts, the page around the bridge too.
    headers: pageHeaders(nonce, `frame-ancestors ${frameAncestors(settings)}`),
    prologue: page(nonce, readAsset('stream')) + PAD,
    recycle: RECYCLE,
    chunk: (text) => `<script nonce="${nonce}">p(${scriptText(text)})</script>\n`,
  }
}

/** A text as a literal that ends neither the script (HTML standard, 13.2.5.4) nor, before ES2019, the line. */
function scriptText(text: string): string {
  return JSON.stringify(text).replace(
    /[<\u2028\u2029]/g,
    (found) => '\\u' + (found.charCodeAt(0) + 0x10000).toString(16).slice(1),
  )
}

/** The page that makes the exchanges of a forever iframe. Nothing of a request reaches it. */
export function bridge(gate: Gate, response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64')
  response.writeHead(
    200,
    pageHeaders(
      nonce,
      `connect-src 'self'; frame-src 'self'; frame-ancestors ${frameAncestors(gate.settings)}`,
    ),
  )
  response.end(page(nonce, readAsset('bridge')))
}

function page(nonce: string, text: string): string {
  return `<!doctype html><meta charset="utf-8"><title>Rungs</title><script nonce="${nonce}">${text}</script>\n`
}

function pageHeaders(nonce: string, policy: string): { readonly [name: string]: string } {
  return {
    ...STREAM_HEADERS,
    'Content-Type': 'text/html; charset=utf-8',
    // A browser that knows nonces (CSP 2) ignores 'unsafe-inline'; one that does not would run no script at all without.
    'Content-Security-Policy': `default-src 'none'; script-src 'nonce-${nonce}' 'unsafe-inline'; base-uri 'none'; form-action 'none'; ${policy}`,
    // Pages that isolate themselves (HTML standard, 7.1.4) may frame it, too.
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    // With `no-referrer`, a browser says `Origin: null` in what the bridge posts (Fetch standard, 3.2).
    'Referrer-Policy': 'same-origin',
  }
}
