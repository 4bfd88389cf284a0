import {
  MESSAGE_OVERHEAD,
  encodeEntry,
  encodeWhole,
  type EncodedEntry,
  type Message,
  type Peer,
} from 'rungs/protocol'

/** A message on its way down. Its entry is encoded once, however many sessions get it. */
export class OutgoingMessage implements Message {
  readonly body: string | Uint8Array
  /** Bytes before encoding: a text's length in UTF-8, or the number of bytes. */
  readonly size: number
  readonly peer: Peer
  readonly kind: number
  /** Logs of a memory store that have the message. */
  holders = 0
  #whole: EncodedEntry | undefined
  #entryBytes: number | undefined

  constructor({ body, size, peer = 0, kind = 0 }: Message) {
    this.body = body
    this.size = size
    this.peer = peer
    this.kind = kind
  }

  /** About how many bytes the message takes in memory and on the wire: escapes can make a text six times as long. */
  get encodedSize(): number {
    // The quotes of a text do not count.
    return Math.max(this.size, this.body.length - '""'.length)
  }

  /** Bytes that the message counts while it is in a log. */
  get cost(): number {
    return this.encodedSize + MESSAGE_OVERHEAD
  }

  /** Bytes of the whole message as an entry in UTF-8. It is not encoded to know this: in parts, and in frames, it never is. */
  get entryBytes(): number {
    return (this.#entryBytes ??= this.#envelopeBytes + this.#dataBytes)
  }

  /**
   * The whole message as an entry.
   *
   * @param asFrame Whether bytes go in a frame of their own, instead of base64.
   */
  encodeWhole(asFrame: boolean): EncodedEntry {
    if (asFrame && typeof this.body !== 'string') return encodeWhole(this)
    return (this.#whole ??= encodeWhole(this, toBase64))
  }

  /**
   * The message as an entry, from an offset on: all that is left of it, or a part (PROTOCOL.md 4.6). Nothing if it is to wait for
   * the next batch: because it fits into one, or because there is no room here for a part that is worth an entry.
   *
   * @param room Bytes that the batch has left.
   * @param maxBatch Bytes of a batch.
   * @param asFrame As for {@link encodeWhole}.
   */
  encode(
    offset: number,
    room: number,
    maxBatch: number,
    asFrame: boolean,
  ): EncodedEntry | undefined {
    const isFrame = asFrame && typeof this.body !== 'string'
    const bytes = isFrame ? this.#envelopeBytes + this.size : this.entryBytes
    // Parts cost both ends more than whole messages, so only what fits into no batch goes in parts.
    if (offset > 0 || bytes > maxBatch) {
      return encodeEntry(this, offset, room, room === maxBatch, isFrame ? undefined : toBase64)
    }
    return bytes <= room ? this.encodeWhole(asFrame) : undefined
  }

  /** Bytes of an entry beside its data. */
  get #envelopeBytes(): number {
    const { peer, kind, body } = this
    const empty = typeof body === 'string' ? '' : new Uint8Array()
    return encodeWhole({ body: empty, size: 0, peer, kind }, () => '').bytes
  }

  get #dataBytes(): number {
    const { body, size } = this
    return typeof body === 'string' ? Buffer.byteLength(body) : 4 * Math.ceil(size / 3)
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
