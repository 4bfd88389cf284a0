/** Frames of WebSockets, as a server reads and writes them (RFC 6455, 5). */

export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

const PROTOCOL_ERROR = 1_002
export const TOO_LARGE = 1_009

/** A connection that broke the rules, and the code to close it with. */
export class FrameError extends Error {
  constructor(code, reason) {
    super(reason)
    this.code = code
  }
}

/** A frame of the server: whole, and without a mask. */
export function encodeFrame(opcode, payload) {
  const { length } = payload
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = 0x80 | opcode
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

export const encodeClose = (code, reason) => {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code, 0)
  payload.write(reason, 2)
  return encodeFrame(CLOSE, payload)
}

/** Puts messages of a client together from chunks of its connection. */
export class FrameReader {
  #buffered = Buffer.alloc(0)
  /** The frames so far of a message in fragments, and their opcode. */
  #fragments = []
  #opcode
  #limit

  /** @param {() => number} limit Bytes of the largest message at the moment. */
  constructor(limit) {
    this.#limit = limit
  }

  /** The messages and control frames that a chunk completes. */
  *read(chunk) {
    this.#buffered = Buffer.concat([this.#buffered, chunk])
    for (;;) {
      const frame = this.#nextFrame()
      if (!frame) return
      const { opcode, isLast, payload } = frame
      if (opcode >= CLOSE) {
        yield { opcode, payload }
        continue
      }
      this.#opcode ??= opcode
      this.#fragments.push(payload)
      if (!isLast) continue
      const message = { opcode: this.#opcode, payload: Buffer.concat(this.#fragments) }
      this.#fragments = []
      this.#opcode = undefined
      yield message
    }
  }

  #nextFrame() {
    const bytes = this.#buffered
    if (bytes.length < 2) return undefined
    const isLast = (bytes[0] & 0x80) > 0
    const opcode = bytes[0] & 0x0f
    const short = bytes[1] & 0x7f
    this.#check(bytes[0] & 0x70, (bytes[1] & 0x80) > 0, opcode, isLast, short)
    const start = short < 126 ? 2 : short === 126 ? 4 : 10
    if (bytes.length < start + 4) return undefined
    const length =
      start === 2 ? short : start === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
    const before = this.#fragments.reduce((sum, fragment) => sum + fragment.length, 0)
    if (opcode < CLOSE && before + length > this.#limit()) {
      throw new FrameError(TOO_LARGE, 'a message is too large')
    }
    if (bytes.length < start + 4 + length) return undefined
    const mask = bytes.subarray(start, start + 4)
    const payload = Buffer.from(bytes.subarray(start + 4, start + 4 + length))
    for (let index = 0; index < length; index++) payload[index] ^= mask[index & 3]
    this.#buffered = bytes.subarray(start + 4 + length)
    return { opcode, isLast, payload }
  }

  #check(reserved, isMasked, opcode, isLast, length) {
    const isControl = opcode >= CLOSE
    const isKnown = opcode <= BINARY || (isControl && opcode <= PONG)
    if (reserved || !isMasked || !isKnown) throw new FrameError(PROTOCOL_ERROR, 'a wrong frame')
    if (isControl && (!isLast || length > 125)) {
      throw new FrameError(PROTOCOL_ERROR, 'a control frame is whole and short')
    }
    // A continuation goes on with a message; anything else begins one.
    if (!isControl && (opcode === 0) !== (this.#opcode !== undefined)) {
      throw new FrameError(PROTOCOL_ERROR, 'a fragment out of turn')
    }
  }
}
