import { MESSAGE_OVERHEAD, type PartialMessage, type Peer } from 'rungs/protocol'
import type { PartResult, PartUp } from './records.ts'

/** The one message up of a session of the memory store that is there in part. */
export class UnfinishedMessage implements PartialMessage {
  readonly number: number
  readonly peer: Peer
  readonly kind: number
  readonly size: number
  readonly pieces: (string | Uint8Array)[] = []
  length = 0
  /** When the last part came, in milliseconds. */
  changedAt = 0

  /** @param part The first part, which is still to be added. */
  constructor({ number, peer, kind, size }: PartUp) {
    this.number = number
    this.peer = peer
    this.kind = kind
    this.size = size
  }

  /** Bytes that the parts count. */
  get cost(): number {
    return this.length + this.pieces.length * MESSAGE_OVERHEAD
  }

  /** Adds a part of this message that begins where this one ends. */
  add({ kind, size, offset, data }: PartUp, now: number): PartResult {
    if (size !== this.size || kind !== this.kind) return 'malformed'
    if (offset > this.length) return 'gap'
    if (offset === this.length) {
      this.pieces.push(data)
      this.length += data.length
      this.changedAt = now
    }
    return { length: this.length }
  }
}
