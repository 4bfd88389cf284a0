import { END, VERSION, packet } from 'rungs/protocol'
import type { CarrierEnd } from '../errors.ts'
import type { End } from '../store/store.ts'

/** Where the packets of a carrier go. A carrier that was congested schedules a flush of its reader when it is free again. */
export interface Sink {
  /** Whether binary messages go as frames of their own. */
  readonly takesFrames: boolean
  /** Whether the carrier takes one packet only, like a poll. */
  readonly takesOnePacket: boolean
  /** Writes a packet, or a binary frame if the carrier takes frames. */
  write(data: string | Uint8Array): void
  /** Writes padding, without which heartbeats are held back in this client's network. Absent: none is needed. */
  writeBeforeHeartbeat?(): void
  /** Whether too much of what was written still waits for the network. */
  isCongested(): boolean
  /** Ends the carrier with its last packet. */
  end(text: string, end: End): void
  /** Drops the carrier without a word, because nobody is there any more. */
  destroy(): void
}

/** The last packet of a carrier (PROTOCOL.md 8). */
export function endPacket(carrierEnd: CarrierEnd): string {
  const { type, reason, code, retryAfter, then = END[type][1] } = carrierEnd
  return packet({
    end: JSON.stringify(code === undefined ? [type, reason, then] : [type, reason, then, code]),
    retryAfter: retryAfter && JSON.stringify(retryAfter),
    // The client attaches again with a version that both speak (PROTOCOL.md 2).
    version: type === 'unsupported-version' && VERSION,
  })
}
