/** Bytes that come in pieces. A list of pieces would cost 150 bytes for each, and some clients send each byte by itself. */
export class GrowingBuffer {
  #buffer: Buffer = Buffer.alloc(0)
  length = 0

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length)
  }

  push(piece: Uint8Array): void {
    const length = this.length + piece.length
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.length)
      this.#buffer = larger
    }
    this.#buffer.set(piece, this.length)
    this.length = length
  }
}
