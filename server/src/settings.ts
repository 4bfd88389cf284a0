import { inspect } from 'node:util'
import { getHeapStatistics } from 'node:v8'
import { MAX_BATCH, MAX_MESSAGE, type RetryBounds } from 'rungs/protocol'
import { RungsError } from './errors.ts'
import { safeLog, safeOrigins, safeRelay } from './hooks.ts'
import type { LogEvent, Options } from './options.ts'

/** Options with every default filled in. */
export interface Settings extends Required<Omit<Options, 'store' | 'retryAfter'>> {
  readonly retryAfter: RetryBounds | undefined
}

const DEFAULTS = {
  path: '/rungs',
  origins: [],
  host: [],
  trustProxy: false,
  authenticate: () => '',
  authenticateEvery: 'carrier',
  protocols: [],
  relay: () => false,
  heartbeat: 20_000,
  sessionTtl: 150_000,
  maxMessage: MAX_MESSAGE,
  maxBatch: MAX_BATCH,
  window: 262_144,
  retryAfter: undefined,
  drainRetryAfter: [0, 500],
  maxSessions: 100_000,
  maxSessionsPerUser: 100,
  maxSessionsPerAddress: 10_000,
  maxBufferedMessages: 10_000,
  maxBufferedBytes: 8 * MAX_MESSAGE,
  maxMemory: Math.floor(getHeapStatistics().heap_size_limit / 4),
  maxPending: 10_000,
  drainTimeout: 10_000,
  log: logToConsole,
} satisfies Settings

/** The longest delay of a timer in Node, and more than anybody needs of anything else. */
const MAX_NUMBER = 2 ** 31 - 1

/** Throws a {@link RungsError} `invalid-option` for an application of a framework, whose server is another object. */
export function checkServer(server: unknown): void {
  const methods = ['on', 'off', 'emit', 'listeners', 'address', 'close']
  const isServer =
    typeof server === 'object' &&
    server !== null &&
    methods.every((name) => typeof Reflect.get(server, name) === 'function')
  if (isServer) return
  throw new RungsError(
    'invalid-option',
    `attach() got ${inspect(server, { depth: -1 })}; pass the HTTP server itself: what http.createServer(app) or app.listen() returns, or app.server of Fastify`,
  )
}

/**
 * Checks options and fills in the defaults. Throws a {@link RungsError} `invalid-option`. `watch` wraps the log, before anybody has
 * it.
 */
export function resolveOptions(
  { store: _, ...options }: Options,
  watch = (log: Settings['log']): Settings['log'] => log,
): Settings {
  const settings: Record<string, unknown> & Settings = { ...DEFAULTS }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    checkOption(name, value)
    settings[name] = value
  }
  const { path, window, maxMessage, maxBufferedBytes, origins, relay } = settings as Settings
  const log = watch(safeLog(settings.log))
  // A default that the application has not chosen contradicts nothing: messages are held to the lower limit when they are sent.
  if (options.maxMessage !== undefined && maxMessage > maxBufferedBytes) {
    throw new RungsError(
      'invalid-option',
      `maxMessage is ${maxMessage}, more than maxBufferedBytes (${maxBufferedBytes}), so such a message could never be sent; raise maxBufferedBytes or lower maxMessage`,
    )
  }
  return {
    ...(settings as Settings),
    path: encodePath(path),
    origins: safeOrigins(origins, log),
    relay: safeRelay(relay, log),
    // A client that acknowledges a quarter of the window at a time must not overflow its log before.
    window: Math.min(window, maxBufferedBytes),
    maxSessionsPerAddress:
      options.maxSessionsPerAddress ?? Math.max(1, Math.floor(settings.maxSessions / 10)),
    log,
  }
}

/** Whether a text is an origin as browsers write it: scheme, host, and the port unless it is that of the scheme. */
export function isOrigin(text: string): boolean {
  // Applications that bring their pages along have schemes of their own, as capacitor://localhost.
  return (
    isWebOrigin(text) ||
    (/^[a-z][a-z\d+.-]*:\/\/[^\s/\\?#@,;]+$/.test(text) && !/^https?:/.test(text))
  )
}

/** Whether a text is the origin of a page that a web server has sent. */
export function isWebOrigin(text: string): boolean {
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
const RETRY_BOUNDS: Rule = {
  description: `two whole numbers of milliseconds, the second not below the first, like [0, 500]`,
  allows: (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((ms) => Number.isSafeInteger(ms) && Number(ms) >= 0 && Number(ms) <= MAX_NUMBER) &&
    Number(value[0]) <= Number(value[1]),
}
const FUNCTION: Rule = {
  description: 'a function',
  allows: (value) => typeof value === 'function',
}

const RULES: { readonly [name in keyof Settings]: Rule } = {
  path: {
    description:
      'a path that begins with a slash, does not end with one, and is in requests as it is here, but for characters that are not ASCII',
    allows: (value) => typeof value === 'string' && isPath(value),
  },
  origins: {
    description: 'a list of origins like "https://app.example", or a function',
    allows: (value) =>
      typeof value === 'function' || (Array.isArray(value) && value.every(isListable)),
  },
  host: {
    description:
      'a host like "app.example:8443", an origin like "https://app.example", or a list of them',
    allows: (value) => (Array.isArray(value) ? value.every(isHost) : isHost(value)),
  },
  trustProxy: {
    description: 'true or false',
    allows: (value) => typeof value === 'boolean',
  },
  authenticate: FUNCTION,
  authenticateEvery: {
    description: '"carrier" or "exchange"',
    allows: (value) => value === 'carrier' || value === 'exchange',
  },
  protocols: {
    description: 'a list of names of 1 to 64 characters',
    allows: (value) =>
      Array.isArray(value) &&
      value.every((each) => typeof each === 'string' && each.length >= 1 && each.length <= 64),
  },
  relay: FUNCTION,
  log: FUNCTION,
  heartbeat: NUMBER,
  sessionTtl: NUMBER,
  maxMessage: NUMBER,
  maxBatch: {
    description: `a whole number from ${MAX_BATCH} to ${MAX_NUMBER}`,
    allows: (value) => NUMBER.allows(value) && Number(value) >= MAX_BATCH,
  },
  window: NUMBER,
  retryAfter: RETRY_BOUNDS,
  drainRetryAfter: RETRY_BOUNDS,
  maxSessions: NUMBER,
  maxSessionsPerUser: NUMBER,
  maxSessionsPerAddress: NUMBER,
  maxBufferedMessages: NUMBER,
  maxBufferedBytes: NUMBER,
  maxMemory: {
    description: 'a whole number of bytes',
    allows: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  },
  maxPending: NUMBER,
  drainTimeout: NUMBER,
}

/** Whether a text is a path that browsers send as it is, non-ASCII characters aside. */
function isPath(text: string): boolean {
  if (!/^\/[^?#\s]*[^/?#\s]$/.test(text) || /\p{Surrogate}/u.test(text)) return false
  const encoded = encodePath(text)
  // Dot segments, backslashes and the like: browsers make another path of them (URL standard, 4.4).
  return new URL(`http://localhost${encoded}`).pathname === encoded
}

/** A path as it is in requests: URLs have ASCII characters alone (URL standard, 1.3). */
function encodePath(path: string): string {
  return path.replace(/[^\0-\x7f]+/g, encodeURIComponent)
}

/** Whether a value may be in the list of the option `origins`. `null` is an origin that has to be allowed by this name. */
function isListable(value: unknown): boolean {
  return typeof value === 'string' && (isOrigin(value) || value === 'null')
}

function isHost(value: unknown): boolean {
  return typeof value === 'string' && (/^[^/\s]+$/.test(value) || isWebOrigin(value))
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

/** The logger of an application that has none: what its operator or its author has to know. */
function logToConsole({ level, event, reason, error }: LogEvent): void {
  if (level !== 'warn' && level !== 'error') return
  // oxlint-disable-next-line no-console -- The operator reads it there, and the option `log` replaces it.
  console[level](`rungs: ${event}:`, reason ?? error)
}
