// @ts-check
/**
 * The misbehaviours, by name. `proxy.set({ name: parameters })` or `--mode name=parameters` turns one on; all can
 * be combined. Besides these there are three acts: `cut`, `refuse` and `silence` (see `types.ts`).
 */

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').ModeName} ModeName */

/**
 * @typedef {object} Parameter
 * @property {'number' | 'boolean' | 'string'} type
 * @property {string} about
 * @property {number | boolean | string} [default] absent: not set
 * @property {readonly string[]} [among]
 * @property {number} [min]
 */

/**
 * @typedef {object} Mode
 * @property {'line' | 'connection' | 'websocket' | 'stream' | 'request' | 'filter'} on
 * @property {string} about
 * @property {Readonly<Record<string, Parameter>>} parameters
 * @property {readonly string[]} [short] the parameters that a bare number or string stands for; default: the first
 * @property {boolean} [needsOne] at least one parameter must be given
 */

/** @type {(about: string, value?: number, min?: number) => Parameter} */
const number = (about, value, min = 0) =>
  value === undefined
    ? { type: 'number', about, min }
    : { type: 'number', about, min, default: value }

/** @type {(about: string, value: boolean) => Parameter} */
const flag = (about, value) => ({ type: 'boolean', about, default: value })

/** @type {(about: string, among: readonly [string, ...string[]]) => Parameter} the first is the default */
const choice = (about, among) => ({ type: 'string', about, among, default: among[0] })

const strikes = {
  rate: number('share of the requests, 0 to 1', 1),
  times: number('only so many requests', Infinity),
}
const limits = { age: number('ms since it was opened'), idle: number('ms without a byte') }
const eachWay = { up: number('ms, client to server', 0), down: number('ms, server to client', 0) }

/** @type {Readonly<Record<ModeName, Mode>>} */
export const MODES = {
  delay: {
    on: 'line',
    about:
      'every byte arrives later; a new connection first takes one round trip, as the TCP handshake does',
    parameters: {
      ...eachWay,
      handshake: flag('false: a new connection takes no round trip', true),
    },
    short: ['up', 'down'],
  },
  jitter: {
    on: 'line',
    about: 'a random extra delay from 0 to so many ms; bytes are never reordered',
    parameters: eachWay,
    short: ['up', 'down'],
  },
  bandwidth: {
    on: 'line',
    about: 'bytes per second, one line shared by all connections; absent: unlimited',
    parameters: { up: number('bytes/s', undefined, 1), down: number('bytes/s', undefined, 1) },
    short: ['up', 'down'],
    needsOne: true,
  },

  'starve-connections': {
    on: 'connection',
    about:
      'at most so many requests per client address are served at once (WebSockets count), the others queue',
    parameters: { limit: number('requests', 6, 1) },
  },
  'http-1.0': {
    on: 'connection',
    about:
      'HTTP/1.0 both ways: no kept-alive connections, no chunks, no upgrade; an answer ends with its connection',
    parameters: {},
  },
  'rewrite-host': {
    on: 'connection',
    about: 'the server sees its own address as Host',
    parameters: {},
  },

  'never-answer-websocket': {
    on: 'websocket',
    about: 'the upgrade is never answered',
    parameters: {},
  },
  'reject-websocket': {
    on: 'websocket',
    about: 'the upgrade is answered with an error',
    parameters: { status: number('HTTP status', 403, 200) },
  },
  'strip-websocket': {
    on: 'websocket',
    about: 'Upgrade and Connection are removed: the server sees a plain GET, the client its answer',
    parameters: {},
  },
  'mute-websocket': {
    on: 'websocket',
    about: 'the upgrade is answered 101, then nothing is forwarded either way',
    parameters: {},
  },
  'kill-websocket': {
    on: 'websocket',
    about: 'closed by age or when idle',
    parameters: limits,
    needsOne: true,
  },
  'delay-websocket': {
    on: 'websocket',
    about: 'bytes after the upgrade arrive later, those of other requests do not',
    parameters: eachWay,
    short: ['up', 'down'],
  },

  'buffer-streams': {
    on: 'stream',
    about: 'the body is held until it ends',
    parameters: { headers: flag('true: the headers too', false) },
  },
  'hold-streams': {
    on: 'stream',
    about:
      'the head and the first bytes are held until there are more, as where answers may be compressed',
    parameters: { size: number('bytes', 2048, 1) },
  },
  'block-streams': {
    on: 'stream',
    about: 'the body passes in whole blocks',
    parameters: { size: number('bytes', 4096, 1) },
  },
  'lag-streams': {
    on: 'stream',
    about: 'each chunk is held until the next one comes',
    parameters: {},
  },
  'cut-streams': {
    on: 'stream',
    about: 'closed by age or when idle',
    parameters: limits,
    needsOne: true,
  },

  'kill-requests': {
    on: 'request',
    about: 'every request, streams included, WebSockets not, is killed after so many ms',
    parameters: {
      after: number('ms', 30_000),
      status: number(
        'HTTP status of the answer if there was none yet; 0: the connection is closed',
        0,
      ),
    },
  },
  'limit-bodies': {
    on: 'request',
    about: 'a POST with a larger body is not forwarded',
    parameters: {
      size: number('bytes', 1_000_000),
      status: number('HTTP status of the answer; 0: the connection is reset', 413),
    },
  },
  'lose-requests': {
    on: 'request',
    about: 'a POST is accepted, and never reaches the server',
    parameters: { then: choice('what the client sees', ['hang', 'reset']), ...strikes },
  },
  'lose-answers': {
    on: 'request',
    about: 'a POST is processed by the server, and its answer never comes back',
    parameters: { then: choice('what the client sees', ['hang', 'reset']), ...strikes },
  },
  'repeat-requests': {
    on: 'request',
    about: 'the server gets a POST twice, the client one of the answers',
    parameters: {
      after: number('ms from the first to the second', 0),
      answer: choice('which one the client gets', ['first', 'second']),
      ...strikes,
    },
  },
  'stale-answers': {
    on: 'request',
    about: 'the answer to a POST is given to a later POST of the same URL',
    parameters: {
      to: choice('same: to one with the same body, which is not forwarded; next: to the next one', [
        'same',
        'next',
      ]),
      then: choice(
        'what the client of the first one sees; answer: its answer, so that it comes twice',
        ['hang', 'reset', 'answer'],
      ),
      ...strikes,
    },
  },

  only: {
    on: 'filter',
    about: 'all modes but those of the line leave other paths alone',
    parameters: {
      path: { type: 'string', about: 'start of the path, as in /rungs', default: '/' },
    },
  },
}

/** @type {(name: string) => name is ModeName} */
const isMode = (name) => Object.hasOwn(MODES, name)

/**
 * Checks what the caller wrote and fills in the defaults.
 *
 * @param {string} name
 * @param {unknown} value
 * @returns {Record<string, number | boolean | string> | undefined} undefined: the mode is off
 */
export function settings(name, value) {
  if (!isMode(name))
    throw new TypeError(`No mode "${name}". There are: ${Object.keys(MODES).join(', ')}`)
  if (value === false || value === undefined) return undefined
  const mode = MODES[name]
  const given = spelledOut(name, mode, value)
  /** @type {Record<string, number | boolean | string>} */
  const result = {}
  for (const [key, parameter] of Object.entries(mode.parameters)) {
    const chosen = given[key] ?? parameter.default
    if (chosen !== undefined) result[key] = checked(`${name}.${key}`, parameter, chosen)
  }
  if (mode.needsOne && Object.keys(result).length === 0)
    throw new TypeError(
      `"${name}" needs at least one of: ${Object.keys(mode.parameters).join(', ')}`,
    )
  return result
}

/** @type {(name: string, mode: Mode, value: unknown) => Record<string, unknown>} */
function spelledOut(name, mode, value) {
  if (value === true) return {}
  const keys = Object.keys(mode.parameters)
  if (typeof value !== 'object' || value === null) {
    const short = mode.short ?? keys.slice(0, 1)
    if (short.length === 0) throw new TypeError(`"${name}" has no parameters: give true or false`)
    return Object.fromEntries(short.map((key) => [key, value]))
  }
  const unknown = Object.keys(value).find((key) => !keys.includes(key))
  if (unknown)
    throw new TypeError(
      `"${name}" has no parameter "${unknown}", but: ${keys.join(', ') || 'none'}`,
    )
  return { ...value }
}

/** @type {(where: string, parameter: Parameter, value: unknown) => number | boolean | string} */
function checked(where, { type, among, min = 0 }, value) {
  if (typeof value === 'number' && type === 'number' && value >= min) return value
  if (typeof value === 'boolean' && type === 'boolean') return value
  if (typeof value === 'string' && type === 'string' && (!among || among.includes(value)))
    return value
  const wanted = among
    ? among.join(' or ')
    : type === 'number'
      ? `a number from ${min} on`
      : `a ${type}`
  throw new TypeError(`"${where}" must be ${wanted}, not ${String(value)}`)
}
