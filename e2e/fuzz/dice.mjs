// @ts-check
/** Choices that are the same in every run with the same seed. */
import { chance } from '../faults/chance.mjs'

/** @typedef {ReturnType<typeof createDice>} Dice */

/** @param {number} seed */
export function createDice(seed) {
  const random = chance(seed)
  /** @param {number} count @returns {number} a whole number from 0 on, below `count` */
  const below = (count) => Math.floor(random() * count)
  return {
    below,
    /** @param {number} count */
    oneIn: (count) => below(count) === 0,
    /** @template T @param {readonly T[]} list @returns {T} */
    pick: (list) => /** @type {T} */ (list[below(list.length)]),
    /** @param {number} length @returns {string} characters of a session's key */
    key: (length = 28) => Array.from({ length }, () => below(36).toString(36)).join(''),
  }
}

/**
 * The seed of one attack of a run.
 *
 * @param {number} seed of the run
 * @param {number} index
 */
export const seedOf = (seed, index) => (Math.imul(seed, 0x9e3779b1) + index) >>> 0
