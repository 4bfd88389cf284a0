// @ts-check
/** What a network does to a connection in a bad hour, drawn from a seed: the same in every run. */
import { setTimeout as sleep } from 'node:timers/promises'
import { chance } from '../faults/chance.mjs'

/** @import { FaultProxy, Faults } from 'rungs-faults' */
/** @import { TransportName } from '../../src/types.ts' */

/**
 * @typedef {object} Sky
 * @property {FaultProxy} proxy
 * @property {(transport: TransportName) => Promise<void>} use makes the page prefer this transport
 */

/**
 * One thing that happens; `strike` makes it happen, and returns what ends it, if it lasts.
 *
 * @typedef {object} Blow
 * @property {string} name
 * @property {number} ms how long it lasts
 * @property {(sky: Sky) => (() => void) | void | Promise<void>} strike
 */

/** @type {readonly TransportName[]} */
export const TRANSPORTS = ['websocket', 'sse', 'long-poll', 'short-poll', 'forever-iframe']

/** @type {(random: () => number, least: number, most: number) => number} */
const between = (random, least, most) => Math.round(least + random() * (most - least))

/** @type {<T>(random: () => number, list: readonly T[]) => T} */
const oneOf = (random, list) => /** @type {any} */ (list[Math.floor(random() * list.length)])

/** Modes that last for a while; what they concern is cut, so that they strike what is open, too. */
/** @type {readonly { readonly kind: import('rungs-faults').Kind, readonly faults: Faults }[]} */
const SPELLS = [
  { kind: 'websocket', faults: { 'never-answer-websocket': true } },
  { kind: 'websocket', faults: { 'reject-websocket': 502 } },
  { kind: 'websocket', faults: { 'mute-websocket': true } },
  { kind: 'websocket', faults: { 'kill-websocket': { age: 500 } } },
  { kind: 'stream', faults: { 'buffer-streams': true } },
  { kind: 'stream', faults: { 'cut-streams': { age: 500 } } },
  { kind: 'request', faults: { 'kill-requests': 700 } },
  { kind: 'request', faults: { 'lose-requests': { rate: 0.3 } } },
  { kind: 'request', faults: { 'lose-answers': { rate: 0.3 } } },
  { kind: 'request', faults: { 'lose-answers': { rate: 0.3, then: 'reset' } } },
  { kind: 'request', faults: { 'repeat-requests': { rate: 0.5, after: 50, answer: 'second' } } },
  { kind: 'request', faults: { 'stale-answers': { rate: 0.3, to: 'next', then: 'reset' } } },
]

/** @type {Readonly<Record<string, (random: () => number) => Blow>>} */
const BLOWS = {
  cut(random) {
    const kind = oneOf(random, /** @type {const} */ (['websocket', 'stream', 'request', undefined]))
    return { name: `cut ${kind ?? 'all'}`, ms: 0, strike: ({ proxy }) => void proxy.cut(kind) }
  },
  outage(random) {
    const ms = between(random, 300, 3_000)
    return {
      name: 'outage',
      ms,
      strike({ proxy }) {
        const end = proxy.refuse()
        proxy.cut()
        return end
      },
    }
  },
  silence(random) {
    const direction = oneOf(random, /** @type {const} */ (['up', 'down', 'both']))
    const ms = between(random, 500, 4_000)
    return { name: `silence ${direction}`, ms, strike: ({ proxy }) => proxy.silence({ direction }) }
  },
  'dead path': () => ({
    name: 'dead path',
    ms: 0,
    strike: ({ proxy }) => proxy.silence({ lost: true, existing: true })(),
  }),
  spell(random) {
    const { kind, faults } = oneOf(random, SPELLS)
    const off = Object.fromEntries(Object.keys(faults).map((mode) => [mode, false]))
    return {
      name: JSON.stringify(faults),
      ms: between(random, 1_000, 4_000),
      strike({ proxy }) {
        proxy.set(faults)
        proxy.cut(kind)
        return () => proxy.set(off)
      },
    }
  },
  use(random) {
    const transport = oneOf(random, TRANSPORTS)
    return { name: `use ${transport}`, ms: 0, strike: ({ use }) => use(transport) }
  },
}

/** How often each comes in a hand of cards. */
const HAND = ['cut', 'cut', 'cut', 'outage', 'silence', 'dead path', 'spell', 'spell', 'use', 'use']

/**
 * One blow after the other, without end. Of every ten there are some of each sort.
 *
 * @param {number} seed
 * @returns {Generator<Blow, never>}
 */
export function* blows(seed) {
  const random = chance(seed)
  for (;;) {
    const hand = HAND.map((name) => ({ name, order: random() })).toSorted(
      (a, b) => a.order - b.order,
    )
    for (const { name } of hand) yield /** @type {any} */ (BLOWS[name])(random)
  }
}

/** A hand of blows, spread over so many milliseconds. @param {number} seed @param {number} ms */
export function storm(seed, ms) {
  const coming = blows(seed)
  const random = chance(~seed)
  return HAND.map((_, index) => ({
    at: Math.round(((index + random()) * ms) / HAND.length),
    blow: coming.next().value,
  }))
}

/**
 * Lets a storm blow. Resolves when it is over and the network is good again.
 *
 * @param {ReturnType<typeof storm>} forecast
 * @param {Sky} sky
 */
export async function rage(forecast, sky) {
  const struck = forecast.map(async ({ at, blow }) => {
    await sleep(at)
    const end = await blow.strike(sky)
    await sleep(blow.ms)
    end?.()
  })
  await Promise.all(struck)
  sky.proxy.clear()
}
