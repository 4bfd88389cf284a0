/** What an application sees: options, events and the socket. */
import type { Memory } from './connection/network-memory.ts'
import type { EndType, TransportName } from './protocol.ts'
import type { Keeper } from './session/saved.ts'
import type { Attempt } from './connection/attempt.ts'
import type { Transport } from './transports/transport.ts'

/** A JSON value. A string arrives as the same string. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }

/** What can be sent. Binary is copied, and arrives as a `Uint8Array`. */
export type Data = Json | ArrayBuffer | ArrayBufferView

/**
 * `connecting` until the first carrier is proven, then `open`; `reconnecting` while there is none;
 * `closed` for good.
 */
export type State = 'connecting' | 'open' | 'reconnecting' | 'closed'

/** `type` of a {@link RungsError}. */
export type ErrorType =
  /** `connect`: the URL is not http(s), or has a query or fragment. */
  | 'invalid-url'
  /** `connect`: an option has a value that it cannot have. */
  | 'invalid-option'
  /** `connect`, `use`: the browser supports none of these transports, or lacks `crypto.getRandomValues`. */
  | 'unsupported'
  /** `send`: neither JSON nor binary. */
  | 'invalid-message'
  /** `send`: larger than the server's `maxMessage`. */
  | 'message-too-large'
  /** `send`: more than `maxBuffered` bytes would wait for the server. Nothing was queued. */
  | 'buffer-full'
  /** `send`, `use`, `drained`: the socket is closed. */
  | 'closed'
  /** `drained`: the server no longer knows the session; see `onReset`. */
  | 'reset'

/** A message that was not delivered, as it was given to `send`. */
export interface Undelivered<Out = Data> {
  readonly data: Out
  /** The user ids that it was for, if any. */
  readonly to?: readonly string[]
}

/** What happened to the messages that the server has not accepted. */
export interface Leftovers<Out = Data> {
  /** Never handed to any carrier: certainly not processed. */
  readonly unsent: readonly Undelivered<Out>[]
  /** Handed to a carrier, and not known to be accepted: perhaps processed. */
  readonly inDoubt: readonly Undelivered<Out>[]
}

export interface ResetEvent<Out = Data> extends Leftovers<Out> {
  /** Why: `unknown`, `expired`, `overflow`, `handler-failed`, `taken`, `lost` … (PROTOCOL.md 8). */
  readonly reason: string
}

export interface StateEvent<Out = Data> extends Partial<Leftovers<Out>> {
  readonly state: State
  /** Why, in the words of PROTOCOL.md 8 where the server said so. With `closed`, what ended it. */
  readonly reason: string
  /** With `closed`: the code given to `close` at either end, else 1000 (RFC 6455, 7.4.1). */
  readonly code?: number
}

/** Another transport carries, or none; or one has failed on the way, and `transport` is still what it was. */
export interface TransportEvent {
  /** What carries now; `null` while nothing does. */
  readonly transport: TransportName | null
  readonly previous: TransportName | null
  /**
   * `opened` where nothing carried before, `preferred` where it took over from one that worked, else what the previous one
   * was suspect of, why it ended, or why the last attempt failed. docs/reasons.md lists them all.
   */
  readonly reason: string
}

export interface MessageInfo {
  /** Public id of the session that sent it, if a client did. */
  readonly from?: string
}

export interface SendOptions {
  /** User ids: only their sessions get the message, if the server's `relay` hook allows it. */
  readonly to?: readonly string[]
  /** May be dropped where nothing carries at this moment. Neither numbered nor sent again. Default `false`. */
  readonly volatile?: boolean
}

/** What both entries of the package understand. */
interface CommonOptions {
  /**
   * A token for the server's `authenticate`, or what gets one (called before each carrier is opened). It travels
   * in bodies and frames, never in a URL. A function that throws or rejects counts as a failed attempt.
   */
  readonly auth?: string | (() => string | PromiseLike<string>)
  /** Bytes of messages that may wait for the server's acceptance before `send` throws. Default 4 MB. */
  readonly maxBuffered?: number
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

/** How `rungs/core` changes between transports: what it exports as `ladder`, and nothing else. */
export interface Ladder {
  /** Never there: its inside is no API. */
  readonly __ladder: true
}

/** Options of `connect` from `rungs/core`: what you do not pass in is not in your bundle. */
export interface CoreOptions extends CommonOptions {
  /** The ladder, best rung first. */
  readonly transports: readonly Transport[]
  /** Keeps the session over a page reload: `resume(name)`. Default: it ends with the page. */
  readonly resume?: Keeper | undefined
  /** What changes between several transports: `ladder`. Default: the first that the browser has, again and again. */
  readonly ladder?: Ladder | undefined
  /** Where the ladder remembers how transports fared on the way to the server: `remember()`. Default: nowhere. */
  readonly remember?: Memory | undefined
}

/** Stops what it was returned from. */
export type Off = () => void

/** One live, two-way message channel. */
export interface Socket<In = Data, Out = Data> {
  /** Public id of the session; `null` before the server said it. */
  readonly id: string | null
  readonly state: State
  /** What carries now; `null` while nothing does. */
  readonly transport: TransportName | null
  /** Smoothed round-trip time in milliseconds; `null` before the first was measured. */
  readonly rtt: number | null
  /** What was tried, when, and why it ended; the last 50, the latest last. Made to be put into a support ticket. */
  readonly attempts: readonly Attempt[]
  /** Bytes given to `send` and not yet accepted by the server, on whatever transport. */
  readonly bufferedAmount: number
  /**
   * Queues a message. It is sent at the end of this task, in order, exactly once for the life of the session.
   * @throws RungsError `closed`, `buffer-full`, `message-too-large` or `invalid-message`; nothing is queued then.
   */
  send(data: Out, options?: SendOptions): void
  /** Messages wait, unacknowledged, for the first listener. */
  onMessage(listener: (data: In, info: MessageInfo) => void): Off
  onState(listener: (event: StateEvent<Out>) => void): Off
  onTransport(listener: (event: TransportEvent) => void): Off
  /** The server no longer knew the session, and a new one was begun. */
  onReset(listener: (event: ResetEvent<Out>) => void): Off
  /** The server's `relay` hook refused an addressed message; here it is back. */
  onRefused(listener: (message: Undelivered<Out>) => void): Off
  /**
   * Changes the ladder of a live socket: the best of these opens beside what carries now, which is then closed.
   * @throws RungsError `unsupported` where the browser has none of them.
   */
  use(transports: readonly TransportName[]): void
  /**
   * Resolves when everything sent so far is accepted (at once, if nothing waits).
   * Rejects with a RungsError `reset` or `closed` if the session ends first. Needs `Promise`.
   */
  drained(): Promise<void>
  /** Ends the session, at both ends. The last state event lists what was not delivered. */
  close(code?: number, reason?: string): void
}

export type { Attempt, EndType, TransportName }
