/** JSON of data, also on pages whose old libraries have extended the prototypes of arrays and objects. */
import { stringify, type Replacer } from './engine.ts'
import { tagOf } from './tag.ts'

/** Objects whose own fields are all that they are, or whose primitive value is. */
const DATA_TAGS = /^(Object|Array|Arguments|Number|String|Boolean)$/

/** The method that JSON.stringify asks, if the value has it. */
const methodOf = (value: unknown): unknown =>
  (value as { readonly toJSON?: unknown } | null | undefined)?.toJSON

/**
 * The value to write. A `toJSON` of all arrays or all objects is not asked: the one of Prototype.js before 1.7 makes a text
 * of each list.
 */
const withoutExtension: Replacer = function (key, converted) {
  const value = this[key]
  const method = methodOf(value)
  return method && (method === methodOf([]) || method === methodOf({})) ? value : converted
}

/**
 * JSON text. Lone surrogates are escaped (ECMAScript 2019), because UTF-8 would turn them into U+FFFD.
 * @throws TypeError for cycles and BigInt.
 */
export function toJSON(value: unknown): string {
  return stringify(value, methodOf([]) || methodOf({}) ? withoutExtension : undefined)
}

/**
 * Whether a value with this JSON text is data. A Blob, a Map or a Promise is none: JSON has `{}` in their place. Bytes
 * within other data are none either: JSON has `{}` or `{"0":` there. Of a value without such text nothing is looked at.
 */
export function isData(value: unknown, json: string): boolean {
  let hasOnlyData = true
  const look: Replacer = function (key, converted) {
    const each = withoutExtension.call(this, key, converted)
    if (typeof each === 'object' && each && !DATA_TAGS.test(tagOf(each))) hasOnlyData = false
    return each
  }
  if (typeof value === 'object' && /\{\}|\{"0":/.test(json)) stringify(value, look)
  return hasOnlyData
}
