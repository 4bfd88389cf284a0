/**
 * What a transport is: facts and one `open`. The ladder decides, a transport never does. A new transport is one
 * new file that implements {@link Transport}.
 */
import type { Down, TransportName, Up } from '../protocol.ts'

/** The slowest plausible line, in bytes a millisecond. */
export const SLOWEST = 8

/** Fields of a packet, as JSON text. */
export type Fields = { readonly [name in keyof Up]?: string | number | undefined }

/** The session as one carrier sees it: a cursor of its own in the log up. */
export interface LinkRequest {
  /** Absolute http(s) URL of the server's path. */
  readonly url: string
  /** Whether cookies go to another origin. */
  readonly credentials: boolean
  /**
   * A packet that says whose it is: the first frame of a WebSocket, or the body of an exchange. Messages go along if
   * there is an encoder for what is binary. Its number `t` is wanted until {@link release}; an answer to it may take so
   * many milliseconds.
   */
  attach(
    more?: Fields,
    base64?: false | ((bytes: Uint8Array) => string),
  ): readonly [packet: string, t: number, patience: number]
  /** Gives up an answer or a stream by its number, which is 1 or more; or all that this link still wanted. */
  release(t?: number): void
  /** The next WebSocket frame, while there is something to send. */
  frame(): string | Uint8Array<ArrayBuffer> | undefined
  /** Whether there is something to send. */
  due(): boolean
  /** Milliseconds of its clock. */
  now(): number
  /** Calls back after so many milliseconds. Returns what stops it. */
  after(ms: number, callback: () => void): () => void
}

export interface CarrierEvents {
  /**
   * A packet, and how many bytes it was. `aside`: it answered what went up, beside the stream or wait that brings messages
   * down, and proves nothing about that.
   */
  packet(down: Down, bytes: number, aside?: boolean): void
  /** Once, unless the carrier was closed by its owner: nothing will come any more. */
  closed(reason: string): void
}

export interface Carrier {
  /** There may be something to send. */
  flush(): void
  /** Ends it, silently. A goodbye, the field `bye` as JSON text, goes out first. */
  close(bye?: string): void
}

export interface Transport {
  readonly name: TransportName
  /** Whether its first answer is its proof: it needs one round trip, and serves while others are tried. */
  readonly instant?: boolean
  /** Whether this browser has what it takes. */
  supported(): boolean
  /** May throw, where the browser refuses to make the connection at all. */
  open(link: LinkRequest, on: CarrierEvents): Carrier
}
