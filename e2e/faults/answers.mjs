// @ts-check
import { STATUS_CODES } from 'node:http'
import { endToEnd } from './upstream.mjs'

/** @typedef {import('./parts.js').Answer} Answer */

/** @param {readonly string[]} rawHeaders */
export const hasLength = (rawHeaders) =>
  rawHeaders.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-length')

/**
 * Answers as Node's HTTP server does.
 *
 * @param {import('node:http').ServerResponse} response
 * @returns {Answer}
 */
export function viaResponse(response) {
  response.sendDate = false // The server's own is passed on.
  return {
    get started() {
      return response.headersSent
    },
    head(status, message, rawHeaders) {
      response.writeHead(status, message, endToEnd(rawHeaders))
      if (!hasLength(rawHeaders)) response.flushHeaders()
    },
    write: (chunk) => response.write(chunk),
    end: () => void response.end(),
    onDrain: (listener) => void response.on('drain', listener),
  }
}

/**
 * Answers on the bare connection, and ends the answer with it.
 *
 * @param {import('node:stream').Duplex} connection
 * @param {'1.0' | '1.1'} version
 * @returns {Answer}
 */
export function viaConnection(connection, version) {
  let started = false
  return {
    get started() {
      return started
    },
    head(status, message, rawHeaders) {
      started = true
      connection.write(
        headText(version, status, message, [...endToEnd(rawHeaders), 'Connection', 'close']),
        'latin1',
      )
    },
    write: (chunk) => connection.write(chunk),
    end: () => void connection.end(),
    onDrain: (listener) => void connection.on('drain', listener),
  }
}

/** @type {(version: string, status: number, message: string, rawHeaders: readonly string[]) => string} */
export function headText(version, status, message, rawHeaders) {
  const lines = [`HTTP/${version} ${status} ${message}`]
  for (let i = 0; i < rawHeaders.length; i += 2)
    lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

/**
 * An answer of the proxy's own.
 *
 * @type {(answer: Answer, status: number, text?: string) => void}
 */
export function say(answer, status, text = STATUS_CODES[status] ?? 'Fault') {
  const body = Buffer.from(`${text}\n`)
  answer.head(status, STATUS_CODES[status] ?? 'Fault', [
    'Content-Type',
    'text/plain',
    'Content-Length',
    String(body.length),
  ])
  answer.write(body)
  answer.end()
}
