// @ts-check
/**
 * Random numbers that are the same in every run: mulberry32, by Tommy Ettinger (public domain).
 *
 * @param {number} seed
 * @returns {() => number} from 0 to 1, exclusive
 */
export function chance(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
