import type { IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import { MAX_MESSAGE } from 'rungs/protocol'
import { RungsError } from './errors.ts'
import type { Session } from './session.ts'
import type { SessionStore, StoreLimits } from './store/store.ts'

/** Something that happened, for your logger. Never holds a key, a token or a message. */
export interface LogEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `session-opened`, `session-ended`, `refused`, `handler-failed`, `store-failed` … */
  readonly event: string
  readonly session?: string
  readonly reason?: string
  readonly error?: unknown
}

export interface Options extends Partial<StoreLimits> {
  /** Where clients connect. Default `/rungs`. */
  readonly path?: string
  /** Origins other than the server's own that may connect: `https://app.example`, or a function that decides. */
  readonly origins?: readonly string[] | ((origin: string, request: IncomingMessage) => boolean)
  /** Hosts that are the server's own, where a proxy rewrites `Host`: `app.example` or `app.example:8443`. */
  readonly host?: string | readonly string[]
  /**
   * Says who is there: a user id, `''` for nobody in particular, or `null` to refuse. Called for each WebSocket and
   * each exchange, with the token that the client's `auth` gave. Default: everybody is nobody in particular.
   */
  readonly authenticate?: (
    request: IncomingMessage,
    token: string | undefined,
  ) => string | null | Promise<string | null>
  /** Whether a session may send to these users. Default: never. */
  readonly relay?: (
    session: Session,
    to: readonly string[],
    data: unknown,
  ) => boolean | Promise<boolean>
  /** Milliseconds between heartbeats on an idle stream, and the longest wait of a poll. Default 20,000. */
  readonly heartbeat?: number
  /**
   * Bytes of the largest message, both ways. Default 1 MB. One has to come down within a heartbeat, or the client takes its
   * carrier for dead: 50 KB a second are enough for the defaults.
   */
  readonly maxMessage?: number
  /** Bytes of messages down that a client leaves unacknowledged before it must speak. Default 256 KiB. */
  readonly window?: number
  /** WebSockets that have not said who they are. More are refused. Default 10,000. */
  readonly maxPending?: number
  /** Milliseconds that `close` waits for handlers to settle. Default 10,000. */
  readonly drainTimeout?: number
  /** Where sessions live. Default: the memory of this process. */
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

/** The largest delay of a timer, and more than anybody needs of the rest. */
const MOST = 2 ** 31 - 1

/** @throws RungsError `invalid-option`. */
export function settle(options: Options): Settings {
  const settings: { [name: string]: unknown } = { ...DEFAULTS }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || name === 'store') continue
    const takes = Object.hasOwn(TAKES, name) ? TAKES[name as keyof Settings] : undefined
    if (!takes) throw invalid(`There is no option "${name}"`)
    if (!takes.fits(value)) throw invalid(`${name} takes ${takes.what}, not ${inspect(value)}`)
    settings[name] = value
  }
  const { window, maxBufferedBytes, log } = settings as Settings
  return {
    ...(settings as Settings),
    // Who acknowledges a quarter of the window at a time must not overflow the log before.
    window: Math.min(window, maxBufferedBytes),
    // A logger that fails must not take sessions, or the process, along.
    log(event) {
      try {
        log(event)
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error))
      }
    },
  }
}

/** Whether a text is the origin of a page, written as browsers do: scheme, host, and the port if it is not the usual. */
export function isOrigin(text: string): boolean {
  // `null` is every sandboxed frame and every file; it identifies nobody (Fetch standard, 3.2).
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

interface Takes {
  readonly what: string
  fits(value: unknown): boolean
}

const number: Takes = {
  what: `a whole number from 1 to ${MOST}`,
  fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MOST,
}
const callback: Takes = { what: 'a function', fits: (value) => typeof value === 'function' }

const isHost = (value: unknown): boolean => typeof value === 'string' && /^[^/\s]+$/.test(value)

const TAKES: { readonly [name in keyof Settings]: Takes } = {
  path: {
    what: 'a path that starts with a slash and does not end with one',
    fits: (value) => typeof value === 'string' && /^\/[^?#\s]*[^/?#\s]$/.test(value),
  },
  origins: {
    what: 'a list of origins like "https://app.example", or a function',
    fits: (value) =>
      typeof value === 'function' ||
      (Array.isArray(value) && value.every((each) => typeof each === 'string' && isOrigin(each))),
  },
  host: {
    what: 'a host like "app.example:8443", or a list of them',
    fits: (value) => (Array.isArray(value) ? value.every(isHost) : isHost(value)),
  },
  authenticate: callback,
  relay: callback,
  log: callback,
  heartbeat: number,
  sessionTtl: number,
  maxMessage: number,
  window: number,
  maxSessions: number,
  maxSessionsPerUser: number,
  maxBufferedMessages: number,
  maxBufferedBytes: number,
  maxPending: number,
  drainTimeout: number,
}

function invalid(message: string): RungsError {
  return new RungsError('invalid-option', message)
}
