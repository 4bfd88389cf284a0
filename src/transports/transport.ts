/**
 * The interface of a transport: facts and one `open`. The ladder decides, a transport never does. A new transport is one
 * new file that implements {@link Transport}.
 */
import type { Clock } from '../platform/clock.ts'
import type { Down, EncodeBinary, TransportName, Up } from '../protocol.ts'

/** Fields of a packet, as JSON text. */
export type Fields = { readonly [name in keyof Up]?: string | number | undefined }

/** The first frame of a WebSocket, or the body of an exchange. */
export interface AttachPacket {
  /** A packet with `attach`, which says whose it is, and perhaps one with messages in a line below. */
  readonly text: string
  /** Number of this attach, 1 or more. The server serves it until {@link Link.release} gives it up. */
  readonly t: number
  /** Milliseconds that the answer to it may take. */
  readonly timeout: number
}

export interface LastWords extends AttachPacket {
  /** Nothing is to follow. */
  readonly isLast: boolean
}

/** The session as one carrier sees it: a cursor of its own in the log up. */
export interface Link {
  /** Absolute http(s) URL of the server's path. */
  readonly url: string
  /** Whether cookies go to another origin. */
  readonly credentials: boolean
  readonly clock: Pick<Clock, 'now' | 'wallTime' | 'after'>
  /**
   * A packet with `attach` and these fields. Messages ride along if there is an encoder for binary ones.
   */
  attach(fields?: Fields, encodeBinary?: EncodeBinary): AttachPacket
  /**
   * A packet of less than 64 KiB for a request that outlives its page, with as many messages as have room. `bye`, a goodbye as
   * JSON text, is in it if nothing is left to send, or if nothing can follow (`isFinal`).
   */
  lastWords(encodeBinary: EncodeBinary, isFinal: boolean, bye?: string): LastWords
  /**
   * The next WebSocket frame; `undefined` if there is nothing to send. `isEnding`: the carrier closes behind the frames, so
   * nothing waits for its turn.
   */
  nextFrame(isEnding?: boolean): string | Uint8Array<ArrayBuffer> | undefined
  /**
   * A body with messages has passed, or was answered by no server: with this status, 0 if its connection broke. Answers true if it is
   * to be sent again, in smaller parts.
   */
  bodyAnswered(body: AttachPacket, status?: number): boolean
  /** Whether there is something to send. */
  hasPending(): boolean
  /**
   * A packet arrived on this carrier. `isUpIdle`: its acknowledgement counts everything that this carrier has sent, because
   * nothing is on its way up.
   */
  receive(down: Down, isUpIdle: boolean): void
  /** An answer took so many milliseconds from its first byte to its last one, or until it was cut off: then `bytes` is absent. */
  noteAnswer(ms: number, bytes?: number): void
  /** Gives up one answer or stream by its number. */
  release(t: number): void
  /** Gives up everything that this link still wanted. */
  releaseAll(): void
}

export interface CarrierEvents {
  /**
   * A packet arrived, of so many bytes. `outOfBand`: as the answer to a request that went up beside the stream or the
   * waiting poll, so the packet proves nothing about how messages come down.
   */
  packet(down: Down, bytes: number, outOfBand?: boolean): void
  /** Bytes arrived that make no packet yet. */
  progress(): void
  /** Nothing will come any more. Called once, and not if the carrier was closed by its owner. */
  closed(reason: string): void
}

export interface Carrier {
  /** There may be something to send. */
  flush(): void
  /**
   * Ends the carrier without a `closed` event. `bye`, a goodbye as JSON text, goes out first, behind all that is to be sent, if
   * the carrier can say it at once. Answers true if it did; else a request that needs no carrier says it.
   */
  close(bye?: string): boolean | void
}

export interface Transport {
  readonly name: TransportName
  /** Whether the first answer is the proof: the transport needs one round trip, and serves while others are tried. */
  readonly instant?: boolean
  /**
   * Bytes of the packets down that the transport asks for, because nothing of one is seen before all of it is there, and nothing of
   * its end. Absent: as large as the line and the server allow.
   */
  readonly maxPacketDown?: number | undefined
  /** Whether this browser has what the transport needs. */
  supported(): boolean
  /** Opens a carrier. May throw where the browser refuses to make the connection at all. */
  open(link: Link, on: CarrierEvents): Carrier
}
