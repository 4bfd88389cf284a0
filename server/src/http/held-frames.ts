import { GrowingBuffer } from './growing-buffer.ts'
import type { Frame } from './websocket-frames.ts'

/** Bytes before those of each frame: whether it is binary, and its length. */
const HEADER = 5

/** Frames that wait. They are kept as bytes: as an object, an empty frame takes forty times as much as on the wire. */
export class HeldFrames implements Iterable<Frame> {
  readonly #buffer = new GrowingBuffer()

  /** Bytes that they take. */
  get bytes(): number {
    return this.#buffer.length
  }

  push({ data, isBinary }: Frame): void {
    const header = Buffer.alloc(HEADER)
    header.writeUInt8(isBinary ? 1 : 0)
    header.writeUInt32LE(data.length, 1)
    this.#buffer.push(header)
    this.#buffer.push(data)
  }

  *[Symbol.iterator](): Iterator<Frame> {
    const { bytes } = this.#buffer
    for (let offset = 0; offset < bytes.length;) {
      const isBinary = bytes.readUInt8(offset) === 1
      const start = offset + HEADER
      offset = start + bytes.readUInt32LE(offset + 1)
      yield { data: bytes.subarray(start, offset), isBinary }
    }
  }
}
