/** Options and results of a diagnosis. */
import type { TransportName } from '../protocol.ts'
import type { Transport } from '../transports/transport.ts'

/** Options of `diagnose`. */
export interface DiagnoseOptions {
  /** Transports to try, best first. Default: all five. */
  readonly transports?: readonly (TransportName | Transport)[]
  /**
   * A token for the server's `authenticate`, or what gets one (called once for each transport). It never appears in a
   * report.
   */
  readonly auth?: string | (() => string | PromiseLike<string>)
  /** Sends cookies to another origin (`XMLHttpRequest.withCredentials`). Default `false`. */
  readonly credentials?: boolean
  /** Milliseconds, above 0, that a transport has to open, each time that it is opened. Default 5,000. */
  readonly deadline?: number
  /**
   * Milliseconds for which each transport that opens is left alone, to find what cuts or drops quiet connections. It
   * ends with the next sign of life from the server, so 1 means "one heartbeat" (20 s, unless the server says
   * otherwise). Default 0: no such test.
   */
  readonly silence?: number
  /** Ends the diagnosis when aborted. The report then covers what was found out so far. */
  readonly signal?: AbortSignal
  /** Called when a transport's turn begins, and again with what came out. */
  readonly onProgress?: (progress: Progress) => void
}

/** How far a diagnosis is. */
export interface Progress {
  readonly transport: TransportName
  /** Its turn: 1, 2, 3 … */
  readonly turn: number
  /** How many transports are tried. */
  readonly of: number
  /** The result; absent while the transport is tried. */
  readonly result?: TransportReport
}

/** How messages come down a stream; a WebSocket counts as one. */
export type Flow =
  /** Each at once. */
  | 'flowing'
  /** Each is held until the next one comes. */
  | 'lagging'
  /** All are held until the stream ends. */
  | 'buffered'

/** Why a transport does not work. */
export type Problem =
  /** The browser does not have it. */
  | 'unsupported'
  /** The browser does not allow it here: a security policy, or `http:` in an `https:` page. */
  | 'forbidden'
  /** `auth` threw or rejected. */
  | 'no-token'
  /** Nothing answers within the deadline. */
  | 'unanswered'
  /** Opens, but not within the deadline. */
  | 'slow'
  /** There is no connection to the server: offline, blocked, or no permission (CORS) to read the answer. */
  | 'unreachable'
  /** Something on the way refuses it, or answers in place of the server. */
  | 'rejected'
  /** Opens, and nothing comes through. */
  | 'swallowed'
  /** Each message is held until the next one comes. */
  | 'lagging'
  /** All messages are held until the stream ends. */
  | 'buffered'
  /** The server itself refuses; `reason` is the type of PROTOCOL.md 8. */
  | 'refused'
  /** Several servers answer that do not know each other: the session of one is unknown to the next. */
  | 'several-servers'
  /** Opened, and failed when it was opened again. */
  | 'unsteady'
  /** Opened, and was closed when it was left alone. */
  | 'cut'
  /** Opened, and nothing came any more when it was left alone, without a sign that it was closed. */
  | 'silent'
  /** The diagnosis was aborted before this was tried to the end. */
  | 'aborted'

/** Findings about one transport. */
export interface Finding {
  readonly transport: TransportName
  /** Whether the browser has it. */
  readonly supported: boolean
  /** Whether hello was complete in time, at least once. */
  readonly opened: boolean
  /** `null`: it works. */
  readonly problem: Problem | null
  /**
   * The same in technical words: `deadline`, `closed-1006`, `http-403`, `stream-ended`, `upgrade-removed`, `bridge-http-503`,
   * `connect-src` …; `null` if it works. docs/reasons.md lists them all.
   */
  readonly reason: string | null
  /** Milliseconds from nothing to a complete hello, the first time; `null` if it did not open. */
  readonly hello: number | null
  /** Milliseconds of a round trip, the median of what was measured; `null` without an answer. */
  readonly rtt: number | null
  /** `null` where nothing shows it: polls have no stream. */
  readonly flow: Flow | null
  /** Milliseconds of the longest pause that it survived; `null` if it was not left alone. */
  readonly quiet: number | null
  /** Milliseconds that it went on while it was left alone; `null` if it was not. */
  readonly lasted: number | null
  /** Milliseconds after which a waiting poll was cut, and asked again; `null`: none was. */
  readonly waitCut: number | null
  /** Bytes of the largest body of a request that passes, if the client sends larger ones; `null`: no limit was met, or looked for. */
  readonly bodyLimit: number | null
  /** Public id of the session that it was tried in, to be looked for in the server's log; `null` without hello. */
  readonly session: string | null
}

/** A finding, and its meaning in words. */
export interface TransportReport extends Finding {
  /** One plain sentence: `WebSocket: works, 48 ms.` */
  readonly verdict: string
}

/** The result of a diagnosis: plain data for JSON, without secrets. */
export interface Report {
  /** Where the server is, without user name and password. */
  readonly url: string
  /** When it was made, in UTC (ISO 8601). */
  readonly time: string
  /** The browser's `navigator.userAgent`. */
  readonly browser: string
  /** `false`: it was aborted. */
  readonly complete: boolean
  /** The best transport that works; `null` if none does. */
  readonly use: TransportName | null
  /** More that was found out, in sentences: limits of bodies, and policies of the browser and the page where something fails. */
  readonly notes: readonly string[]
  /** `Use: websocket. 2 of 5 transports do not work here: sse, forever-iframe.` */
  readonly summary: string
  /** In the order in which they were tried. */
  readonly transports: readonly TransportReport[]
  /** All of it as text, for a support ticket. */
  readonly text: string
}
