/** Requests and frames as bytes, for floods: no client of the protocol would send them so. */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

const randomKey = () => randomBytes(16).toString('hex')

/** Settles at the first of these events; unlike `once` of Node also where an error came before. */
const anyOf = (emitter, ...names) =>
  new Promise((resolve) => {
    for (const name of names) emitter.once(name, resolve)
  })

/** Opens a plain connection, whose errors are of no interest. */
export async function dial(port) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await anyOf(socket, 'connect', 'close')
  return socket
}

/** The bytes of an exchange. */
export const exchange = (body) =>
  `POST /rungs HTTP/1.1\r\nHost: a\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** The text of a first packet. */
export const attach = (self, fields = {}) =>
  JSON.stringify({
    attach: {
      version: 1,
      key: self.key,
      epoch: self.epoch,
      t: ++self.t,
      want: 1,
      token: self.token,
    },
    ...fields,
  })

/** A session that has said nothing yet; the token is the user. */
export const newSelf = (token = '') => ({ key: randomKey(), epoch: undefined, t: 0, token })

/** A frame of a client. A mask of zeros changes no byte. */
export function frame(text, opcode = 1) {
  const payload = Buffer.from(text)
  const { length } = payload
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const header = Buffer.alloc(size + 4)
  header[0] = 0x80 | opcode
  header[1] = 0x80 | (size === 2 ? length : size === 4 ? 126 : 127)
  if (size === 4) header.writeUInt16BE(length, 2)
  if (size === 10) header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header, payload])
}

/** A WebSocket by hand, attached. */
export async function openSocket(port, self) {
  const socket = await dial(port)
  socket.write(
    'GET /rungs HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )
  await anyOf(socket, 'data', 'close')
  socket.write(frame(attach(self)))
  return socket
}

/** Writes again and again, as fast as the connection takes it, until it is closed. */
async function pour(socket, next, signal) {
  while (!signal.aborted && !socket.destroyed) {
    if (socket.write(next())) await new Promise((resolve) => setImmediate(resolve))
    else await anyOf(socket, 'drain', 'close')
  }
}

/** Pours into a new connection whenever the server has closed the one before. */
export async function pourAgain(open, next, signal) {
  while (!signal.aborted) {
    const socket = await open()
    const stop = () => socket.destroy()
    signal.addEventListener('abort', stop)
    await pour(socket, next, signal)
    signal.removeEventListener('abort', stop)
    socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
