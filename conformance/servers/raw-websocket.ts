/** A WebSocket by hand, for frames that no library would send (RFC 6455). */
import { randomBytes } from 'node:crypto'
import type net from 'node:net'
import { violations } from '../prove.ts'
import { Feed } from './feed.ts'
import { connect, head, parse } from './wire.ts'

export const CONTINUATION = 0
export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

export interface RawFrame {
  readonly opcode: number
  readonly payload?: string | Uint8Array
  /** Default true. */
  readonly isLast?: boolean
  /** Default true. */
  readonly isMasked?: boolean
  /** Bits of RSV1 to RSV3; 0x40 is RSV1. */
  readonly reserved?: number
}

/** A frame of a client. */
export function encode({
  opcode,
  payload = '',
  isLast = true,
  isMasked = true,
  reserved = 0,
}: RawFrame): Buffer {
  const bytes = Buffer.from(payload as Uint8Array)
  const { length } = bytes
  const header = Buffer.alloc(length < 126 ? 2 : 4)
  header[0] = (isLast ? 0x80 : 0) | reserved | opcode
  header[1] = (isMasked ? 0x80 : 0) | (length < 126 ? length : 126)
  if (length >= 126) header.writeUInt16BE(length, 2)
  if (!isMasked) return Buffer.concat([header, bytes])
  const mask = randomBytes(4)
  return Buffer.concat([header, mask, bytes.map((byte, index) => byte ^ mask[index & 3]!)])
}

export class RawSocket {
  /** Frames of the server that are no text. */
  readonly frames: { readonly opcode: number; readonly payload: Buffer }[] = []
  readonly feed = new Feed('websocket', new Map())
  readonly closed: Promise<void>
  readonly #socket: net.Socket
  #buffered = Buffer.alloc(0)

  constructor(socket: net.Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#buffered = Buffer.concat([this.#buffered, chunk])
      while (this.#takeFrame());
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.feed.end('the connection was closed')
        resolve()
      })
    })
  }

  send(...frames: RawFrame[]): void {
    this.write(Buffer.concat(frames.map(encode)))
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Resolves to the first frame with an opcode. */
  frame(opcode: number): Promise<{ readonly opcode: number; readonly payload: Buffer }> {
    const find = () => this.frames.find((frame) => frame.opcode === opcode)
    return this.feed.until(`frame ${opcode}`, find)
  }

  end(): void {
    this.#socket.destroy()
  }

  #takeFrame(): boolean {
    const bytes = this.#buffered
    if (bytes.length < 2) return false
    const short = bytes[1]! & 0x7f
    const start = short < 126 ? 2 : short === 126 ? 4 : 10
    if (bytes.length < start) return false
    const length =
      start === 2 ? short : start === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    if (bytes.length < start + length) return false
    if (bytes[1]! & 0x80) violations.push('a server masks no frame (RFC 6455, 5.1)')
    if (bytes[0]! & 0x70) violations.push('no extension was asked for (RFC 6455, 5.2)')
    const payload = bytes.subarray(start, start + length)
    this.#buffered = bytes.subarray(start + length)
    const opcode = bytes[0]! & 0x0f
    if (opcode === TEXT) this.feed.take(String(payload), parse(String(payload)))
    else this.frames.push({ opcode, payload })
    this.feed.wake()
    return true
  }
}

/** Resolves when the handshake is done. */
export async function openRaw(): Promise<RawSocket> {
  const socket = await connect()
  const key = randomBytes(16).toString('base64')
  socket.write(
    head('GET', {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
    }),
  )
  let text = ''
  for (;;) {
    const chunk = (await new Promise((resolve) => socket.once('data', resolve))) as Buffer
    text += chunk.toString('latin1')
    if (text.includes('\r\n\r\n')) break
  }
  if (!text.startsWith('HTTP/1.1 101 ')) throw new Error(`no handshake: ${text}`)
  return new RawSocket(socket)
}
