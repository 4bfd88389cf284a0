/** The page: this folder's own files, and the client as it is published, with the sources that its source maps name. */
import { readFile } from 'node:fs/promises'

const TYPES = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  mjs: 'text/javascript',
  svg: 'image/svg+xml',
  map: 'application/json',
  ts: 'text/plain',
}

/** Files by their paths; `.mjs` here is the server, and is nobody's business. */
const OWN = /^\/[\w-]+\.(html|css|js|svg)$/
const CLIENT = /^\/dist\/(rungs|diagnose)\.min\.(mjs|mjs\.map)$|^\/src\/[\w/-]+\.ts$/

/**
 * @param {string} control where the page breaks the network
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
export async function servePage(control, request, response) {
  const path = (request.url ?? '/').split('?', 1)[0]
  const body = await read(path === '/' ? '/index.html' : path, control)
  if (body === undefined) return void response.writeHead(404).end('There is nothing here.\n')
  const type = TYPES[path === '/' ? 'html' : path.split('.').at(-1)]
  response.writeHead(200, {
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    // With `no-referrer`, Firefox says `Origin: null` in a beacon, and the server refuses the goodbye.
    'Referrer-Policy': 'same-origin',
    // `connect-src` is what WebSocket, SSE and polls need, `frame-src` the forever-iframe.
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; " +
      `connect-src 'self' ${new URL(control).origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function read(path, control) {
  const file = OWN.test(path) ? `.${path}` : CLIENT.test(path) ? `..${path}` : undefined
  if (!file) return undefined
  try {
    const text = await readFile(new URL(file, import.meta.url), 'utf8')
    return path === '/index.html' ? text.replace('{{control}}', control) : text
  } catch {
    return undefined
  }
}
