import { encodeEntry, type Message, type Peer } from 'rungs/protocol'

/** A message of a log down. Its text is made once, however many sessions get it. */
export class LogMessage implements Message {
  readonly body: string | Uint8Array
  readonly size: number
  readonly peer: Peer
  readonly kind: number
  #text: string | undefined
  #bytes = 0

  constructor({ body, size, peer = 0, kind = 0 }: Message) {
    this.body = body
    this.size = size
    this.peer = peer
    this.kind = kind
  }

  /** The entry, as JSON text. */
  get text(): string {
    return (this.#text ??= encodeEntry(this, toBase64))
  }

  /** Bytes of {@link text} in UTF-8. What is binary is not encoded for it: on a WebSocket it never is. */
  get bytes(): number {
    return (this.#bytes ||=
      typeof this.body === 'string'
        ? Buffer.byteLength(this.text)
        : Buffer.byteLength(encodeEntry(this, () => '')) + 4 * Math.ceil(this.size / 3))
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
