import { encodeEntry, type Message, type Peer } from 'rungs/protocol'
import { MESSAGE_OVERHEAD } from './message-overhead.ts'

/** A message on its way down. Its entry is encoded once, however many sessions get it. */
export class OutgoingMessage implements Message {
  readonly body: string | Uint8Array
  /** Bytes before encoding: a text's length in UTF-8, or the number of bytes. */
  readonly size: number
  readonly peer: Peer
  readonly kind: number
  #entry: string | undefined
  #entryBytes: number | undefined

  constructor({ body, size, peer = 0, kind = 0 }: Message) {
    this.body = body
    this.size = size
    this.peer = peer
    this.kind = kind
  }

  /** Bytes that the message counts while it is in a log. */
  get cost(): number {
    return this.size + MESSAGE_OVERHEAD
  }

  /** The entry of a packet, as JSON text (PROTOCOL.md 4.4). */
  get entry(): string {
    return (this.#entry ??= encodeEntry(this, toBase64))
  }

  /** Bytes of {@link entry} in UTF-8. Binary data is not encoded to know this: on a WebSocket it never is. */
  get entryBytes(): number {
    return (this.#entryBytes ??=
      typeof this.body === 'string'
        ? Buffer.byteLength(this.entry)
        : Buffer.byteLength(encodeEntry(this, () => '')) + 4 * Math.ceil(this.size / 3))
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
