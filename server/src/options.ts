import type { IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import { MAX_MESSAGE } from 'rungs/protocol'
import { RungsError } from './errors.ts'
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
  /** A request, packet or connection of a client was refused; `reason` says why. Level `debug`. */
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

/** Options of `attach`. A value that is not allowed throws a {@link RungsError} `invalid-option`. */
export interface Options extends Partial<StoreLimits> {
  /** Path where clients connect: begins with a slash, does not end with one. Default `/rungs`. */
  readonly path?: string
  /**
   * Origins besides the server's own whose pages may connect, like `https://app.example`; or a function, which allows an
   * origin by returning exactly `true`. Default: none.
   */
  readonly origins?: readonly string[] | ((origin: string, request: IncomingMessage) => boolean)
  /**
   * Hosts that are the server's own, where a proxy rewrites the header `Host`: `app.example` or `app.example:8443`.
   * Default: what that header says.
   */
  readonly host?: string | readonly string[]
  /**
   * Finds out who is there. Returns a user id, `''` for nobody in particular, or `null` to refuse. Called for each WebSocket
   * and each exchange, with the token that the client's option `auth` gave. Default: everybody is nobody in particular.
   */
  readonly authenticate?: (
    request: IncomingMessage,
    token: string | undefined,
  ) => string | null | Promise<string | null>
  /** Whether a session may send a message to these user ids. Otherwise it comes back to the sender. Default: never. */
  readonly relay?: (
    session: Session,
    to: readonly string[],
    data: unknown,
  ) => boolean | Promise<boolean>
  /** Milliseconds of silence after which a carrier gets a heartbeat, and of the longest wait of a poll. Default 20,000. */
  readonly heartbeat?: number
  /**
   * Bytes of the largest message, both ways. Default 1,000,000. A message has to come down within a heartbeat interval, or the
   * client takes its carrier for dead: 50 KB/s are enough for both defaults.
   */
  readonly maxMessage?: number
  /**
   * Bytes of messages, and 256 for each: down, a client acknowledges when it has a quarter of them; up, a client is not read
   * from while more of them wait for handlers. At most `maxBufferedBytes`. Default 262,144.
   */
  readonly window?: number
  /** WebSockets at a time that have not said whose they are. More are refused. Default 10,000. */
  readonly maxPending?: number
  /** Milliseconds that `hub.close()` waits for handlers to settle and clients to go. Default 10,000. */
  readonly drainTimeout?: number
  /** Where sessions live. Default: a {@link MemoryStore} of the hub's own. */
  readonly store?: SessionStore
  /** Gets what happens. Default: nothing is logged. */
  readonly log?: (event: LogEvent) => void
}

/** Options with every default filled in. */
export type Settings = Required<Omit<Options, 'store'>>

const DEFAULTS = {
  path: '/rungs',
  origins: [],
  host: [],
  authenticate: () => '',
  relay: () => false,
  heartbeat: 20_000,
  sessionTtl: 150_000,
  maxMessage: MAX_MESSAGE,
  window: 262_144,
  maxSessions: 100_000,
  maxSessionsPerUser: 100,
  maxBufferedMessages: 10_000,
  maxBufferedBytes: 8 * MAX_MESSAGE,
  maxPending: 10_000,
  drainTimeout: 10_000,
  log: () => {},
} satisfies Settings

/** The longest delay of a timer in Node, and more than anybody needs of anything else. */
const MAX_NUMBER = 2 ** 31 - 1

/** Checks options and fills in the defaults. Throws a {@link RungsError} `invalid-option`. */
export function resolveOptions({ store: _, ...options }: Options): Settings {
  const settings: { [name: string]: unknown } = { ...DEFAULTS }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    checkOption(name, value)
    settings[name] = value
  }
  const { window, maxBufferedBytes, log } = settings as Settings
  return {
    ...(settings as Settings),
    // A client that acknowledges a quarter of the window at a time must not overflow its log before.
    window: Math.min(window, maxBufferedBytes),
    log: neverThrowing(log),
  }
}

/** Whether a text is an origin as browsers write it: scheme, host, and the port unless it is that of the scheme. */
export function isOrigin(text: string): boolean {
  // `null` is the origin of sandboxed frames and of files; it identifies nobody (Fetch standard, 3.2).
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

/** The values that an option takes. */
interface Rule {
  readonly description: string
  allows(value: unknown): boolean
}

const NUMBER: Rule = {
  description: `a whole number from 1 to ${MAX_NUMBER}`,
  allows: (value) =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MAX_NUMBER,
}
const FUNCTION: Rule = {
  description: 'a function',
  allows: (value) => typeof value === 'function',
}

const RULES: { readonly [name in keyof Settings]: Rule } = {
  path: {
    description: 'a path that begins with a slash and does not end with one',
    allows: (value) => typeof value === 'string' && /^\/[^?#\s]*[^/?#\s]$/.test(value),
  },
  origins: {
    description: 'a list of origins like "https://app.example", or a function',
    allows: (value) =>
      typeof value === 'function' ||
      (Array.isArray(value) && value.every((each) => typeof each === 'string' && isOrigin(each))),
  },
  host: {
    description: 'a host like "app.example:8443", or a list of them',
    allows: (value) => (Array.isArray(value) ? value.every(isHost) : isHost(value)),
  },
  authenticate: FUNCTION,
  relay: FUNCTION,
  log: FUNCTION,
  heartbeat: NUMBER,
  sessionTtl: NUMBER,
  maxMessage: NUMBER,
  window: NUMBER,
  maxSessions: NUMBER,
  maxSessionsPerUser: NUMBER,
  maxBufferedMessages: NUMBER,
  maxBufferedBytes: NUMBER,
  maxPending: NUMBER,
  drainTimeout: NUMBER,
}

function isHost(value: unknown): boolean {
  return typeof value === 'string' && /^[^/\s]+$/.test(value)
}

function checkOption(name: string, value: unknown): void {
  if (!Object.hasOwn(RULES, name)) {
    const names = [...Object.keys(RULES), 'store'].sort().join(', ')
    throw new RungsError('invalid-option', `There is no option ${inspect(name)}; use ${names}`)
  }
  const { description, allows } = RULES[name as keyof Settings]
  if (!allows(value)) {
    throw new RungsError('invalid-option', `${name} is ${inspect(value)}; use ${description}`)
  }
}

/** A logger that fails must take neither sessions nor the process along. */
function neverThrowing(log: Settings['log']): Settings['log'] {
  return (event) => {
    try {
      log(event)
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error))
    }
  }
}
