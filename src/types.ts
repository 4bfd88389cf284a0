/** The public types: options, events and the socket. */
import type { AttemptRecord } from './connection/attempt.ts'
import type { NetworkMemory } from './connection/network-memory.ts'
import type { ErrorType } from './error.ts'
import type { Unsubscribe } from './event.ts'
import type { EndType, TransportName } from './protocol.ts'
import type { SessionStorage } from './session/saved.ts'
import type { Transport } from './transports/transport.ts'

/** A JSON value. A string arrives as the same string. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }

/** Data that can be sent. Binary data is copied, and arrives as a `Uint8Array`. */
export type Data = Json | ArrayBuffer | ArrayBufferView

/**
 * `connecting` until the first carrier is proven, then `open`; `reconnecting` while there is none;
 * `closed` for good.
 */
export type State = 'connecting' | 'open' | 'reconnecting' | 'closed'

/** A message that was not delivered, as it was given to `send`. */
export interface Undelivered<Out = Data> {
  readonly data: Out
  /** The user ids that it was for, if any. */
  readonly to?: readonly string[]
}

/** The messages that the server had not accepted, sorted by what may have become of them. */
export interface Leftovers<Out = Data> {
  /** Never handed to any carrier: certainly not processed. */
  readonly unsent: readonly Undelivered<Out>[]
  /** Handed to a carrier, and not known to be accepted: perhaps processed, perhaps not. */
  readonly inDoubt: readonly Undelivered<Out>[]
}

/** A message that comes back, because it was certainly not processed, and does not get through. */
export interface RefusedMessage<Out = Data> extends Undelivered<Out> {
  /**
   * `relay`: the server's `relay` hook refused an addressed message. `body-limit`: no WebSocket passes, and something on the way
   * refuses even a request with a part of it (RFC 9110, 15.5.14).
   */
  readonly reason: 'relay' | 'body-limit'
  /** With `body-limit`: bytes of the smallest request that was refused, 2,048 at most. */
  readonly limit?: number
}

export interface ResetEvent<Out = Data> extends Leftovers<Out> {
  /** Why: `unknown`, `expired`, `overflow`, `handler-failed`, `taken`, `lost` … (PROTOCOL.md 8), or `user-changed`. */
  readonly reason: string
}

export interface StateEvent<Out = Data> extends Partial<Leftovers<Out>> {
  readonly state: State
  /** Why, in the words of PROTOCOL.md 8 where the server said so. With `closed`, the reason of the end. */
  readonly reason: string
  /** With `closed`: the code given to `close` at either end, else 1000 (RFC 6455, 7.4.1). */
  readonly code?: number
}

/** Another transport carries, or none; or an attempt has failed, and `transport` is still what it was. */
export interface TransportEvent {
  /** The transport that carries now; `null` while none does. */
  readonly transport: TransportName | null
  readonly previous: TransportName | null
  /**
   * `opened` where nothing carried before, `preferred` where a better one took over from one that worked, else why the
   * previous one was suspect, why it ended, or why the last attempt failed. docs/reasons.md lists them all.
   */
  readonly reason: string
}

export interface MessageInfo {
  /** Public id of the session that sent the message, if a client did. */
  readonly from?: string
}

export interface SendOptions {
  /** User ids, up to 100 of 1 to 256 characters: only their sessions get the message, if the server's `relay` hook allows it. */
  readonly to?: string | readonly string[]
  /** Dropped if no transport carries at this moment. Neither numbered nor sent again. Default `false`. */
  readonly volatile?: boolean
}

/** Options of both entries of the package. */
interface CommonOptions {
  /**
   * A token for the server's `authenticate`, or a function that gets one, called before each carrier is opened. Tokens
   * travel in bodies and frames, never in a URL. A function that throws or rejects counts as a failed attempt. A token that
   * the server has refused is not sent again: the socket closes as `unauthorized` as soon as no transport carries.
   */
  readonly auth?: string | (() => string | PromiseLike<string>)
  /**
   * Bytes of messages that may wait for the server's acceptance before `send` throws `buffer-full`, above 0. One message
   * for each 64 of them may wait, at least 16, because empty messages take memory, too. Default 4,000,000 bytes, which are
   * 62,500 messages, or four messages of the server's `maxMessage` if that is more.
   */
  readonly maxBuffered?: number
  /**
   * Messages that are sent again by themselves after a reset (see `onReset`): `unsent`, which were certainly not processed;
   * `all`, so that those in doubt may be processed twice; or `none`. Default `unsent`. Where the user has changed, nothing is
   * sent again.
   */
  readonly resend?: 'unsent' | 'all' | 'none'
  /** Subprotocols of the application, best first, up to 16 of 1 to 64 characters. The server chooses one: `socket.protocol`. */
  readonly protocols?: readonly string[]
  /** The application's own description of this client when the session is created, for the server's `session.meta`. Up to 4,096 characters of JSON. */
  readonly meta?: Json
  /** Sends cookies to another origin (`XMLHttpRequest.withCredentials`). Default `false`. */
  readonly credentials?: boolean
  /** Closes the socket when aborted. */
  readonly signal?: AbortSignal
}

/** Options of `connect` from `rungs`. */
export interface Options extends CommonOptions {
  /** The ladder, best rung first. Default: all five. */
  readonly transports?: readonly (TransportName | Transport)[]
  /**
   * Keeps the session over a page reload, under this name (`true`: `default`); one name a `connect` on a page.
   * Default `false`.
   */
  readonly resume?: boolean | string
  /**
   * Remembers in `localStorage`, for a day, which transports failed on the way to this server, so that the next page
   * starts with what works. Default `true`.
   */
  readonly remember?: boolean
}

/** The way in which `rungs/core` changes between transports: its export `ladder`, and nothing else. */
export interface Ladder {
  /** Never there, because the inside is no API. */
  readonly __ladder: true
}

/** Options of `connect` from `rungs/core`: parts that you do not pass in are not in your bundle. */
export interface CoreOptions extends CommonOptions {
  /** The ladder, best rung first. */
  readonly transports: readonly Transport[]
  /** Keeps the session over a page reload: `resume(name)`. Default: the session ends with the page. */
  readonly resume?: SessionStorage | undefined
  /** Changes between several transports: `ladder`. Default: one transport, again and again. */
  readonly ladder?: Ladder | undefined
  /** Remembers how transports fared on the way to the server: `remember()`. Default: not remembered. */
  readonly remember?: NetworkMemory | undefined
}

/** One live, two-way message channel. */
export interface Socket<In = Data, Out = Data> {
  /** Public id of the session; `null` before the server said it. */
  readonly id: string | null
  /** The subprotocol that the server chose from the option `protocols`; `null` before that, or if it chose none. */
  readonly protocol: string | null
  readonly state: State
  /** The transport that carries now; `null` while none does. */
  readonly transport: TransportName | null
  /** Smoothed round-trip time in milliseconds; `null` before the first was measured. */
  readonly rtt: number | null
  /** The last 50 attempts, the latest last: which transport, when, and why it ended. Made for support tickets. */
  readonly attempts: readonly AttemptRecord[]
  /** Bytes of data given to `send` and not yet accepted by the server, on whatever transport. */
  readonly bufferedAmount: number
  /**
   * Queues a message, to be sent at the end of this task. It arrives in order, exactly once in the life of the session.
   * @throws RungsError `closed`, `buffer-full`, `message-too-large` or `invalid-message`; nothing is queued then.
   */
  send(data: Out, options?: SendOptions): void
  /** Messages wait, unacknowledged, for the first listener. */
  onMessage(listener: (data: In, info: MessageInfo) => void): Unsubscribe
  onState(listener: (event: StateEvent<Out>) => void): Unsubscribe
  onTransport(listener: (event: TransportEvent) => void): Unsubscribe
  /** The server no longer knew the session, and a new one was begun. */
  onReset(listener: (event: ResetEvent<Out>) => void): Unsubscribe
  /** A message was refused, by the server's `relay` hook or on its way, and comes back here. Others go on. */
  onRefused(listener: (message: RefusedMessage<Out>) => void): Unsubscribe
  /**
   * Changes the transports of a live socket, best first: the best one opens beside the one that carries now, which is then
   * closed. Without `ladder` (`rungs/core`) there is one, which is closed first.
   * @throws RungsError `unsupported` if the browser or the bundle has none of them; `closed`.
   */
  setTransports(transports: readonly (TransportName | Transport)[]): void
  /**
   * Resolves when everything sent so far is accepted (at once, if nothing waits).
   * Rejects with a RungsError `reset` or `closed` if the session ends first, or `message-too-large` if one of the messages came back
   * to `onRefused` because of its size. Needs `Promise`.
   */
  drained(): Promise<void>
  /**
   * Ends the session, at both ends. The last state event lists what was not delivered.
   * @param code 0 to 65,535 (RFC 6455, 7.4); anything else counts as 1000.
   * @param reason Up to 256 characters; the rest is cut off.
   */
  close(code?: number, reason?: string): void
}

export type { AttemptRecord, EndType, ErrorType, TransportName, Unsubscribe }
