/** Values that packets may have (PROTOCOL.md 4.1). */

export const isObject = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isNumber = (value, least = 0, most = Number.MAX_SAFE_INTEGER) =>
  Number.isSafeInteger(value) && value >= least && value <= most

/** Lengths are counted in UTF-16 code units, as ECMAScript does. */
export const isText = (value, least, most) =>
  typeof value === 'string' && value.length >= least && value.length <= most

export const isListOf = (value, least, most, isElement) =>
  Array.isArray(value) && value.length >= least && value.length <= most && value.every(isElement)
