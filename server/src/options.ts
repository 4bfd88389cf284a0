import type { IncomingMessage } from 'node:http'
import type { RetryBounds } from 'rungs/protocol'
import type { Session } from './session.ts'
import type { SessionStore, StoreLimits } from './store/store.ts'

/** Names of what is logged. Those that end in `-failed` have an `error`, unless they are about a client. */
export type LogEventName =
  /** A session was created here. Level `info`. */
  | 'session-opened'
  /** A session was ended here; `reason` says why. Level `info`. */
  | 'session-ended'
  /** A handler threw or rejected. Its session ends, except after `onClose`. Level `error`. */
  | 'handler-failed'
  /** `origins` or `relay` answered nonsense, which counts as no. Level `error`. */
  | 'hook-failed'
  /** A message was sent after the hub was closed, and dropped. Level `warn`. */
  | 'send-failed'
  /**
   * A request, packet or connection of a client was refused; `reason` says why. Level `debug`, or `warn` if it is likely that
   * the deployment is the cause; of each kind one a minute.
   */
  | 'refused'
  /** A request failed by an error that is not the client's. Level `error`. */
  | 'request-failed'
  /** A WebSocket broke. Level `debug`. */
  | 'websocket-failed'
  /** Writing to a carrier failed, or reading its log. Level `error`. */
  | 'carrier-failed'
  /** The store failed with what nobody waits for. Level `error`. */
  | 'store-failed'
  /** The store failed in the sweep that happens every second. Level `error`. */
  | 'sweep-failed'

/** Something that happened, for your logger. Never holds a key, a token or a message. */
export interface LogEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: LogEventName
  /** Public id of the session, where it is about one. */
  readonly session?: string
  readonly reason?: string
  readonly error?: unknown
}

/** A client's words in its attach beside the token. Set by the application around the client; nothing of it is checked. */
export interface ClientDescription {
  /** Path and query by which the client addressed the application. */
  readonly url: string | undefined
  /** Subprotocols of the application, best first. */
  readonly protocols: readonly string[]
  /** The client's description of itself: small JSON. */
  readonly meta: unknown
}

/** A user, and how long the token that names the user is good. */
export interface Authentication {
  /** User id; `''` for nobody in particular. */
  readonly user: string
  /**
   * When the token expires, in milliseconds since 1970. The client is asked for a new one then, and loses its connections if none
   * comes in 10 seconds; its session goes on for its lifetime.
   */
  readonly expires?: number
}

/** Answer of `authenticate`: a user id, or the user with the end of the token; `null` to refuse. */
export type AuthenticateResult = string | Authentication | null

/** Options of `attach`. A value that is not allowed throws a {@link RungsError} `invalid-option`. */
export interface Options extends Partial<StoreLimits> {
  /**
   * Path where clients connect: begins with a slash, does not end with one. Characters that are not ASCII are those that
   * browsers encode. Default `/rungs`.
   */
  readonly path?: string
  /**
   * Origins besides the server's own whose pages may connect, like `https://app.example` or `capacitor://localhost`; or a
   * function, which is asked for every origin but `null` and allows it by returning exactly `true`. `'null'` in the list lets
   * sandboxed frames and files connect, without cookies. Default: none.
   */
  readonly origins?: readonly string[] | ((origin: string, request: IncomingMessage) => boolean)
  /**
   * Hosts that are the server's own, where a proxy rewrites the header `Host` and the browser does not say itself that the page
   * is of the same origin: `app.example`, `app.example:8443`, or with the scheme of the pages `https://app.example`.
   * Default: what that header says.
   */
  readonly host?: string | readonly string[]
  /**
   * Whether the headers `X-Forwarded-Host` and `X-Forwarded-Proto` say what the own origin is, and the last value of
   * `X-Forwarded-For` from which address a client comes. Only where every request comes
   * through a proxy that sets them. Default `false`.
   */
  readonly trustProxy?: boolean
  /**
   * Finds out who is there, by the request, the token that the client's option `auth` gave, and what else the client says.
   * Default: everybody is nobody in particular.
   */
  readonly authenticate?: (
    request: IncomingMessage,
    token: string | undefined,
    client: ClientDescription,
  ) => AuthenticateResult | Promise<AuthenticateResult>
  /**
   * How often `authenticate` is called. `carrier`: once for each connection, and once for each transport that makes requests; its
   * later requests are known by the session's key. `exchange`: for each request as well, where the right to connect must end at
   * once. Default `carrier`.
   */
  readonly authenticateEvery?: 'carrier' | 'exchange'
  /** Subprotocols of the application that the server speaks. A session has the first of its client's that is among them. */
  readonly protocols?: readonly string[]
  /** Whether a session may send a message to these user ids. Otherwise it comes back to the sender. Default: never. */
  readonly relay?: (
    session: Session,
    to: readonly string[],
    data: unknown,
  ) => boolean | Promise<boolean>
  /**
   * Bytes of the largest message, both ways, at most `maxBufferedBytes`. What is larger than `maxBatch` travels in parts.
   * Default 1,000,000.
   */
  readonly maxMessage?: number
  /**
   * Bytes of the messages of one packet, both ways, at least 60,000. On a long fat line more of them make large messages faster.
   * A proxy in front must let bodies of 40,000 bytes more pass. Default 60,000.
   */
  readonly maxBatch?: number
  /**
   * Bytes of messages, and 64 for each: down, a client acknowledges when it has a quarter of them; up, a client is not read
   * from while more of them wait for handlers, where each array and object counts 64 as well. At most `maxBufferedBytes`.
   * Default 262,144.
   */
  readonly window?: number
  /**
   * Milliseconds after which clients that have lost this server come back, at least and at most: where there are so many that they
   * must not come at once. Default: each decides for itself.
   */
  readonly retryAfter?: RetryBounds
  /** The same for the clients of a hub that is closed. Default `[0, 500]`. */
  readonly drainRetryAfter?: RetryBounds
  /** WebSockets at a time that have not said whose they are, and as many requests. More are refused. Default 10,000. */
  readonly maxPending?: number
  /** Milliseconds that `hub.close()` waits for handlers to settle and clients to go. Default 10,000. */
  readonly drainTimeout?: number
  /** Where sessions live. Default: a {@link MemoryStore} of the hub's own. */
  readonly store?: SessionStore
  /**
   * Gets what happens. Control characters in a `reason` are escaped, as `\u000a`. Default: errors and warnings go to the console, of
   * refusals at most one a minute of each kind, and nothing else is logged.
   */
  readonly log?: (event: LogEvent) => void
}
