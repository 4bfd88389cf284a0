/** Surrogate pairs: two UTF-16 code units that are one character (ECMAScript 6.1.4). */
/** Whether a unit is the first, or the second, of a surrogate pair. */
const isHigh = (unit) => (unit & 0xfc00) === 0xd800;
const isLow = (unit) => (unit & 0xfc00) === 0xdc00;

export { isHigh, isLow };
//# sourceMappingURL=surrogates.mjs.map
