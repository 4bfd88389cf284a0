// @ts-check
/** Mutations of packets by their structure, and of their text and bytes. */

/** @import { Dice } from './dice.mjs' */

/** JSON texts that stand in the place of any value. */
const WRONG = [
  ...[
    'null',
    'true',
    '""',
    '"x"',
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '{"length":3}',
    '{"__proto__":[1]}',
  ],
  ...['0', '-1', '-0', '1.5', '1e400', '-1e400', '1e16', '9007199254740991', '9007199254740992'],
  ...[
    '"__proto__"',
    '"constructor"',
    '"\\ud800"',
    '"\\u0000"',
    '"1"',
    '{"toString":1,"valueOf":2}',
  ],
]
/** Texts of a size that only a mutation has. @type {((dice: Dice) => string)[]} */
const LARGE = [
  (dice) => `"${'x'.repeat(dice.pick([65, 257, 8_193, 70_000, 300_000]))}"`,
  (dice) => `"${'\\u0001'.repeat(dice.pick([100, 10_000]))}"`,
  (dice) => `[${'0,'.repeat(dice.pick([100, 20_001]))}0]`,
  (dice) => `[${'[0],'.repeat(dice.pick([100, 20_001]))}[0]]`,
  (dice) => `[${'{},'.repeat(dice.pick([100, 20_001]))}{}]`,
  (dice) => nested(dice.pick([10, 999, 1_001, 20_000])),
  (dice) => `{"a":${nested(dice.pick([10, 1_001]))}}`,
]
/** @param {number} depth */
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth)

/** Marks an object that stands for a JSON text until the packet is written. */
const RAW = Symbol('raw')

/** @param {string} text */
const raw = (text) => ({ [RAW]: text })

/** The text that a value stands for. @param {unknown} value @returns {string | undefined} */
const rawText = (value) =>
  typeof value === 'object' && value !== null && RAW in value ? String(value[RAW]) : undefined

/** @typedef {Record<string, unknown>} Holder an object or an array */

/** Every place below a value. @param {unknown} value @returns {[holder: Holder, name: string][]} */
function places(value) {
  if (typeof value !== 'object' || value === null || rawText(value) !== undefined) return []
  const holder = /** @type {Holder} */ (value)
  return Object.keys(holder).flatMap((name) => [
    /** @type {[Holder, string]} */ ([holder, name]),
    ...places(holder[name]),
  ])
}

/** @type {((dice: Dice, holder: Holder, name: string) => void)[]} */
const CHANGES = [
  (_, holder, name) => {
    if (Array.isArray(holder)) holder.splice(Number(name), 1)
    else delete holder[name]
  },
  (dice, holder, name) => void (holder[name] = raw(dice.pick(WRONG))),
  (dice, holder, name) => void (holder[name] = raw(dice.pick(WRONG))),
  (dice, holder, name) => void (holder[name] = raw(dice.pick(LARGE)(dice))),
  (_, holder, name) => void (holder[name] = [holder[name]]),
  (_, holder, name) => void (holder[name] = { [name]: holder[name] }),
  (dice, holder, name) => {
    const value = holder[name]
    if (typeof value === 'number') holder[name] = value + dice.pick([-1, 1, 2, 1e6, -1e6, 2 ** 52])
    else if (typeof value === 'string') holder[name] = value + dice.pick(['x', '=', '\n', ' '])
    else if (Array.isArray(value)) value.push(...structuredClone(value.slice(-1)))
  },
  // A kind that is none, or one of another place.
  (dice, holder) => {
    if (Array.isArray(holder) && holder.length > 0)
      holder[2] = dice.pick([2, 4, 5, 8, 9, 16, 31, 1e9])
  },
  (dice, holder) =>
    void (holder[dice.pick(['unknown', 'toJSON', '__proto__x', '4'])] = dice.below(9)),
]

/** @param {unknown} value @returns {string} */
function write(value) {
  const text = rawText(value)
  if (text !== undefined) return text
  if (Array.isArray(value)) return `[${value.map(write).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, each]) => each !== undefined)
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${write(each)}`).join()}}`
}

/** @type {((dice: Dice, text: string) => string)[]} */
const TEXT_CHANGES = [
  (dice, text) => text.slice(0, dice.below(text.length + 1)),
  (_, text) => text + text,
  (_, text) => `${text},`,
  (_, text) => `\ufeff${text}`,
  (_, text) => ` ${text}\t`,
  (_, text) => text.replace('{', '{"ack":[0,""],'),
  (dice, text) => {
    const at = dice.below(text.length)
    return (
      text.slice(0, at) +
      dice.pick(['\n', '\0', '"', '\\', '}', '[', ',', '\ud800']) +
      text.slice(at)
    )
  },
]

/** The text of a packet, changed in none to three places. @param {Dice} dice @param {object} packet */
export function mutated(dice, packet) {
  const copy = structuredClone(packet)
  for (let count = dice.pick([0, 1, 1, 1, 2, 3]); count > 0; count--) {
    const all = places(copy)
    if (all.length > 0) dice.pick(CHANGES)(dice, ...dice.pick(all))
  }
  const text = write(copy)
  return dice.oneIn(8) ? dice.pick(TEXT_CHANGES)(dice, text) : text
}

/** Bytes with some of them changed, as a broken line would. @param {Dice} dice @param {Buffer} bytes */
export function spoiled(dice, bytes) {
  const copy = Buffer.from(bytes)
  for (let count = 1 + dice.below(3); count > 0 && copy.length > 0; count--) {
    copy[dice.below(copy.length)] = dice.below(256)
  }
  return copy
}
