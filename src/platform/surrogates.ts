/** Surrogate pairs: two UTF-16 code units that are one character (ECMAScript 6.1.4). */

/** Whether a unit is the first, or the second, of a surrogate pair. */
export const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800
export const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00
