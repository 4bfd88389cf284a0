/** The two documents of a forever iframe: the bridge, and the stream inside of it (PROTOCOL.md 3.6, 7). */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { readAsset } from '../assets.ts'
import type { Settings } from '../settings.ts'
import type { ServerContext } from './context.ts'
import { frameAncestors } from './origins.ts'
import { STREAM_HEADERS, type StreamFormat } from './stream-format.ts'

/** Characters after which a stream ends. A browser keeps all of a document that still loads. */
const MAX_STREAM_LENGTH = 4_194_304
/** WebKitGTK shows nothing of a document below 512 bytes, other browsers wait for 1 KiB. */
const PADDING = ' '.repeat(1_024)

/** Sends the bridge: the page that makes the exchanges. No part of a request reaches it. */
export function sendBridge({ settings }: ServerContext, response: ServerResponse): void {
  const nonce = drawNonce()
  const policy = `connect-src 'self'; frame-src 'self'; frame-ancestors ${frameAncestors(settings)}`
  response.writeHead(200, {
    ...pageHeaders(nonce, policy),
    // With `no-referrer`, the bridge's exchanges would have `Origin: null` (Fetch standard, 3.2).
    'Referrer-Policy': 'same-origin',
  })
  response.end(pageWith(nonce, readAsset('bridge')))
}

/** A document of scripts, one for each packet. Each calls into the bridge, which has the same origin, and removes itself. */
export function iframeFormat(settings: Settings): StreamFormat {
  const nonce = drawNonce()
  return {
    // Every ancestor is checked, also the page around the bridge (CSP 3, 6.4.2).
    headers: pageHeaders(nonce, `frame-ancestors ${frameAncestors(settings)}`),
    prologue: pageWith(nonce, readAsset('stream')) + PADDING,
    maxLength: MAX_STREAM_LENGTH,
    encode: (packetText) => `<script nonce="${nonce}">p(${toLiteral(packetText)})</script>\n`,
    padding: (length) => ' '.repeat(length),
  }
}

/** A string literal that ends neither its script (HTML standard, 13.2.5.4) nor, before ES2019, its line. */
function toLiteral(text: string): string {
  return JSON.stringify(text).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function drawNonce(): string {
  return randomBytes(16).toString('base64')
}

function pageWith(nonce: string, script: string): string {
  return `<!doctype html><meta charset="utf-8"><title>Rungs</title><script nonce="${nonce}">${script}</script>\n`
}

function pageHeaders(nonce: string, policy: string): { readonly [name: string]: string } {
  return {
    ...STREAM_HEADERS,
    'Content-Type': 'text/html; charset=utf-8',
    // Browsers that know nonces (CSP 2) ignore 'unsafe-inline'. Older ones would run no script at all without it.
    'Content-Security-Policy': `default-src 'none'; script-src 'nonce-${nonce}' 'unsafe-inline'; base-uri 'none'; form-action 'none'; ${policy}`,
    // Pages that isolate themselves may frame these documents (HTML standard, 7.1.4).
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  }
}
