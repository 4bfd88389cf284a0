// @ts-check
/** What can be said to the proxy on the command line and, while it runs, on its standard input. */
import { MODES } from './modes.mjs'

/** @typedef {import('./types.js').FaultProxy} FaultProxy */

/** @type {Readonly<Record<string, { usage: string, about: string, run(proxy: FaultProxy, words: string[]): string }>>} */
const COMMANDS = {
  set: {
    usage: 'set <mode> …',
    about: 'adds or changes modes; mode=off ends one',
    run(proxy, words) {
      proxy.set(Object.fromEntries(words.map(parseMode)))
      return ''
    },
  },
  clear: {
    usage: 'clear',
    about: 'ends all modes, silences and refusals',
    run(proxy) {
      proxy.clear()
      return ''
    },
  },
  cut: {
    usage: 'cut [websocket|stream|request]',
    about: 'resets the connections, or those of one kind',
    run(proxy, [kind]) {
      if (kind !== undefined && kind !== 'websocket' && kind !== 'stream' && kind !== 'request')
        throw new TypeError(`No kind "${kind}". There are: websocket, stream, request`)
      return `${proxy.cut(kind)} cut`
    },
  },
  refuse: {
    usage: 'refuse [ms]',
    about: 'refuses new connections, for so long or until clear',
    run(proxy, [ms]) {
      proxy.refuse(ms === undefined ? Infinity : milliseconds(ms))
      return ''
    },
  },
  silence: {
    usage: 'silence [ms] [up|down] [existing] [lost]',
    about: 'connections stay open and nothing passes, for so long or until clear',
    run(proxy, words) {
      proxy.silence(Object.assign({}, ...words.map(silenceWord)))
      return ''
    },
  },
  stats: { usage: 'stats', about: 'counts', run: (proxy) => JSON.stringify(proxy.stats) },
  help: { usage: 'help', about: 'this', run: () => help() },
}

/**
 * `delay`, `delay=50`, `delay=up:20,down:80`, `delay=off`.
 *
 * @param {string} text
 * @returns {[name: string, value: unknown]}
 */
export function parseMode(text) {
  const [name = '', ...rest] = text.split('=')
  const value = rest.join('=')
  if (value === '') return [name, true]
  if (value === 'off') return [name, false]
  const pairs = value.split(',').map((pair) => /^(\w+):(.*)$/.exec(pair))
  if (pairs.includes(null)) return [name, parseValue(value)]
  return [name, Object.fromEntries(pairs.map((pair) => [pair?.[1], parseValue(pair?.[2] ?? '')]))]
}

/** @type {(text: string) => string | number | boolean} */
function parseValue(text) {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
}

/**
 * Carries out one line of the standard input.
 *
 * @param {FaultProxy} proxy
 * @param {string} line
 * @returns {string} what there is to say about it
 */
export function command(proxy, line) {
  const [word = '', ...words] = line.trim().split(/\s+/)
  if (word === '') return ''
  const known = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  if (!known)
    throw new TypeError(`No command "${word}". There are: ${Object.keys(COMMANDS).join(', ')}`)
  return known.run(proxy, words)
}

/** All modes and commands. */
export function help() {
  const modes = Object.entries(MODES).flatMap(([name, { about, parameters }]) => [
    `  ${name}`,
    `      ${about}`,
    ...Object.entries(parameters).map(([key, { about: meaning, among, default: value }]) => {
      const values = among ? ` (${among.join(' or ')})` : ''
      return `      ${key}: ${meaning}${values}${value === undefined ? '' : `; default ${value}`}`
    }),
  ])
  const commands = Object.values(COMMANDS).map(
    ({ usage, about }) => `  ${usage.padEnd(42)} ${about}`,
  )
  return ['Modes:', ...modes, '', 'Commands on standard input:', ...commands].join('\n')
}

/** @type {(text: string) => number} */
function milliseconds(text) {
  const ms = Number(text)
  if (!(ms >= 0)) throw new TypeError(`"${text}" is no number of milliseconds`)
  return ms
}

/** @type {(word: string) => import('./types.js').Silence} */
function silenceWord(word) {
  if (word === 'up' || word === 'down' || word === 'both') return { direction: word }
  if (word === 'existing') return { existing: true }
  if (word === 'lost') return { lost: true }
  return { ms: milliseconds(word) }
}
