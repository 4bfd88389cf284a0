// @ts-check
import { settings } from './modes.mjs'

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').ModeName} ModeName */
/** @typedef {'lose-requests' | 'lose-answers' | 'repeat-requests' | 'stale-answers'} StrikingMode */

/** Modes that act on bytes, whichever request they belong to. */
const LINE = new Set(['delay', 'jitter', 'bandwidth'])

/** The modes that are on at this moment. */
export class FaultState {
  /** @type {Map<string, object>} */
  #active = new Map()
  /** @type {Map<string, number>} strikes left of the modes that count them */
  #left = new Map()
  /** @type {Set<() => void>} */
  #listeners = new Set()
  #random

  /** @param {() => number} random from 0 to 1, exclusive */
  constructor(random) {
    this.#random = random
  }

  /** @param {import('./types.js').Faults} faults */
  set(faults) {
    // All are checked before one is changed: a typing error must not leave half of a situation behind.
    const checked = Object.entries(faults).map(
      ([name, value]) => /** @type {const} */ ([name, settings(name, value)]),
    )
    for (const [name, value] of checked) {
      if (value) this.#active.set(name, value)
      else this.#active.delete(name)
      this.#left.set(name, typeof value?.times === 'number' ? value.times : Infinity)
    }
    for (const listener of this.#listeners) listener()
  }

  clear() {
    this.#active.clear()
    for (const listener of this.#listeners) listener()
  }

  /**
   * @param {() => void} listener called after every change
   * @returns {() => void} ends it
   */
  onChange(listener) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * The parameters of a mode, if it is on and concerns this path.
   *
   * @template {ModeName} Name
   * @param {Name} name
   * @param {string} [path]
   * @returns {Settings[Name] | undefined}
   */
  get(name, path) {
    if (path !== undefined && !LINE.has(name)) {
      const only = /** @type {Settings['only'] | undefined} */ (this.#active.get('only'))
      if (only && !path.startsWith(only.path)) return undefined
    }
    return /** @type {Settings[Name] | undefined} */ (this.#active.get(name))
  }

  /**
   * Like `get`, for a mode that takes single requests: undefined when it spares this one. A strike is used up.
   *
   * @template {StrikingMode} Name
   * @param {Name} name
   * @param {string} path
   * @returns {Settings[Name] | undefined}
   */
  strike(name, path) {
    const mode = this.get(name, path)
    const left = this.#left.get(name) ?? 0
    if (!mode || left <= 0 || (mode.rate < 1 && this.#random() >= mode.rate)) return undefined
    this.#left.set(name, left - 1)
    return mode
  }
}
