// @ts-check
/** Valid packets, field by field as PROTOCOL.md 4.2 and 4.3 list them: what mutations begin with. */

/** @import { Dice } from './dice.mjs' */

/** @typedef {{ key: string, epoch?: string | undefined, t: number, next: number }} Self the session that a packet speaks for */
/** @typedef {Record<string, (dice: Dice, self: Self) => unknown>} Fields */

const DATA = [
  'hi',
  '',
  0,
  null,
  true,
  { n: 1 },
  ['a', [1]],
  'ä€😀',
  '\u0001\u2028<',
  { __proto__x: 1 },
]
const TEXTS = ['', 'x', 'a tag', '0', '-1', '__proto__', 'é', '\ud800', 'x'.repeat(64)]
const TRANSPORTS = ['sse', 'forever-iframe']

/** @param {Dice} dice */
function entry(dice) {
  return dice.pick([
    () => [dice.pick(DATA)],
    () => [dice.pick(DATA), 0],
    () => [dice.pick(DATA), [dice.pick(['friend', 'nobody'])]],
    () => ['AQID', 0, 1],
    () => ['x'.repeat(200), 0, 8, 0, 200 + dice.below(1_000)],
    () => ['x'.repeat(200), 0, 8, dice.below(400), 600],
  ])()
}
/** @param {Dice} dice @param {number} most */
const entries = (dice, most) => Array.from({ length: 1 + dice.below(most) }, () => entry(dice))

/** @param {Dice} dice @param {Self} self */
export const attachOf = (dice, { key, epoch, t }) => ({
  version: 1,
  key,
  ...(epoch !== undefined && { epoch }),
  t,
  want: dice.oneIn(3) ? 1 + dice.below(t) : t,
})

/** Optional fields of `attach`. @type {Fields} */
const ATTACH = {
  page: (dice) => [dice.below(3), dice.pick(['', 'x', 'y'])],
  token: (dice) => dice.pick(['user:friend', 'user:alice', 'refuse', '']),
  heartbeat: (dice) => 1_000 + dice.below(30_000),
  url: (dice) => `/app?${dice.pick(TEXTS)}`,
  protocols: (dice) => [dice.pick(['fuzz', 'chat'])],
  meta: (dice) => dice.pick(DATA),
  features: () => ['none'],
}

/** Fields of a packet up. @type {Fields} */
const UP = {
  ack: (dice) =>
    dice.pick([
      [0, ''],
      [dice.below(9), ''],
      [dice.below(9), '', dice.below(300)],
    ]),
  batch: (dice, { next }) => [dice.oneIn(4) ? 1 + dice.below(20) : next, entries(dice, 4)],
  volatile: (dice) => entries(dice, 2),
  answer: (dice) => dice.pick(['none', 'now', 'now', 'wait']),
  hello: () => 1,
  accepted: (dice) => dice.below(9),
  within: (dice) => 1 + dice.below(200),
  probe: () => 1,
  stream: (dice) => dice.pick(TRANSPORTS),
  token: (dice) => dice.pick(['user:friend', 'refuse']),
  bye: (dice) => dice.pick([[0], [dice.below(60)], [0, 1_000, 'gone']]),
}

const HELLO = {
  version: 1,
  id: 'id',
  epoch: 'epoch',
  heartbeat: 20_000,
  lifetime: 150_000,
  maxMessage: 1_000_000,
  maxBatch: 60_000,
  window: 262_144,
}
const ENDS = ['malformed', 'too-large', 'superseded', 'taken', 'lost', 'gone', 'closed', 'draining']
const THENS = ['retry', 'reset', 'final']

/** Fields of a packet down. @type {Fields} */
const DOWN = {
  hello: (dice) => ({ ...HELLO, epoch: dice.pick(['epoch', 'epoch', 'epoch', 'other']) }),
  ack: (dice, { next }) => [dice.below(next + 2), dice.below(next + 2), dice.below(30)],
  gap: () => 1,
  batch: (dice, { next }) => [dice.oneIn(4) ? 1 + dice.below(20) : next, entries(dice, 4)],
  tag: (dice) => dice.pick(TEXTS),
  volatile: (dice) => entries(dice, 2),
  ticket: (dice) => dice.key(),
  ready: () => 1,
  token: () => 1,
  end: (dice) => [dice.pick(ENDS), dice.pick(['x', 'unknown', 'expired']), dice.pick(THENS)],
  retryAfter: (dice) => [dice.below(100), 100 + dice.below(1_000)],
  version: (dice) => dice.below(4),
}

/** @param {Fields} fields @param {Dice} dice @param {Self} self @param {number} often one in so many is there */
function some(fields, dice, self, often) {
  const there = Object.entries(fields).filter(() => dice.oneIn(often))
  return Object.fromEntries(there.map(([name, make]) => [name, make(dice, self)]))
}

/** A valid packet up without `attach`. @param {Dice} dice @param {Self} self */
export const packetUp = (dice, self) => some(UP, dice, self, 4)

/** A valid packet up with `attach`. @param {Dice} dice @param {Self} self */
export const firstPacketUp = (dice, self) => ({
  attach: { ...attachOf(dice, self), ...some(ATTACH, dice, self, 8) },
  ...packetUp(dice, self),
})

/** A valid packet down, as an answer (with `ack`) or an event of a stream. @param {Dice} dice @param {Self} self */
export const packetDown = (dice, self) => ({
  ...(!dice.oneIn(4) && { ack: DOWN['ack']?.(dice, self) }),
  ...some(DOWN, dice, self, 5),
})
