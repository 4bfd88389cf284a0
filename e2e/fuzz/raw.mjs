// @ts-check
/** Plain connections: bytes that no HTTP client would send, and what comes back. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** @import { Socket } from 'node:net' */

/** Milliseconds for which an attack waits for an answer, and then for more of it. */
const PATIENCE = 300
const SILENCE = 60

/** @param {string} url @returns {Promise<Socket>} */
export async function openRaw(url) {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  // A refused attack may be cut while it writes.
  socket.on('error', () => {})
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
  return socket
}

/**
 * Collects what a connection brings until it closes, is silent for a while, or `isDone` has seen enough.
 *
 * @param {Socket} socket
 * @param {(bytes: Buffer) => boolean} [isDone]
 */
export function listen(socket, isDone = () => false) {
  /** @type {Buffer[]} */
  const chunks = []
  const all = () => Buffer.concat(chunks)
  /** @type {Promise<Buffer>} */
  const heard = new Promise((resolve) => {
    /** @type {ReturnType<typeof setTimeout>} */
    let timer
    const finish = () => {
      clearTimeout(timer)
      resolve(all())
    }
    timer = setTimeout(finish, PATIENCE)
    socket.once('close', finish)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      clearTimeout(timer)
      timer = setTimeout(finish, SILENCE)
      if (isDone(all())) finish()
    })
  })
  return heard
}

/**
 * @param {string} method
 * @param {string} target
 * @param {Record<string, string | number | undefined>} headers
 */
export const head = (method, target, headers) =>
  [
    `${method} ${target} HTTP/1.1`,
    ...Object.entries({ Host: 'fuzz.example', ...headers })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n')

/**
 * Writes bytes in pieces, with turns of the event loop between them, until the connection is gone.
 *
 * @param {Socket} socket
 * @param {Buffer} bytes
 * @param {number} size of a piece
 */
export async function writeInPieces(socket, bytes, size) {
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    socket.write(bytes.subarray(at, at + size))
    if (at % (64 * size) === 0) await sleep(0)
  }
}

/** HTTP answers in what a connection brought. @param {Buffer} bytes */
export function answersIn(bytes) {
  const answers = []
  const text = bytes.toString('latin1')
  for (const [, status, rest] of text.matchAll(
    /HTTP\/1\.1 (\d{3})([\s\S]*?)(?=HTTP\/1\.1 \d|$)/g,
  )) {
    const [, body = ''] = String(rest).split('\r\n\r\n')
    answers.push({ status: Number(status), body })
  }
  return answers
}
