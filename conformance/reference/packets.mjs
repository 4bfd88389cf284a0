/** Reads packets of clients, and lets nothing pass that is not as PROTOCOL.md 4 says. */
import { End } from './ends.mjs'
import { MAX_DEPTH, VERSION } from './limits.mjs'
import { readMessages } from './messages.mjs'
import { isListOf, isNumber, isObject, isText } from './values.mjs'

/** The fields of `attach`, but for the version, which comes first. */
const ATTACH = {
  key: (value) => typeof value === 'string' && /^[0-9a-z]{16,64}$/.test(value),
  epoch: (value) => isText(value, 1, 64),
  t: (value) => isNumber(value, 1),
  want: (value) => isNumber(value, 1),
  page: (value) =>
    isListOf(value, 2, 2, () => true) && isNumber(value[0]) && isText(value[1], 1, 64),
  token: (value) => isText(value, 0, 8_192),
  heartbeat: (value) => isNumber(value, 1_000),
  maxBatch: (value) => isNumber(value, 1_000),
  pad: (value) => isNumber(value, 1),
  url: (value) => isText(value, 1, 2_048),
  protocols: (value) => isListOf(value, 0, 16, (each) => isText(each, 1, 64)),
  meta: (value) => JSON.stringify(value).length <= 4_096,
  features: (value) => isListOf(value, 0, 32, (each) => isText(each, 1, 64)),
}

const isCode = (value) => value === undefined || value === null || isNumber(value, 0, 65_535)
const isReason = (value) => value === undefined || value === null || isText(value, 0, 256)

/** The fields of a packet, but for those with messages. */
const PACKET = {
  ack: (value) =>
    isListOf(value, 2, 3, () => true) &&
    isNumber(value[0]) &&
    isText(value[1], 0, 64) &&
    (value.length < 3 || isNumber(value[2])),
  answer: (value) => ['none', 'now', 'wait'].includes(value),
  hello: (value) => value === 1,
  accepted: (value) => isNumber(value),
  within: (value) => isNumber(value, 1),
  probe: (value) => value === 1,
  stream: (value) => ['sse', 'forever-iframe'].includes(value),
  token: (value) => isText(value, 0, 8_192),
  bye: (value) =>
    isListOf(value, 1, 3, () => true) &&
    isNumber(value[0], 0, 60) &&
    isCode(value[1]) &&
    isReason(value[2]),
}

/**
 * The packet in some bytes. Its `batch` is `{ first, messages }` and its `volatile` a list of messages.
 *
 * @param {Buffer} bytes
 * @param {{ attach?: boolean, frames?: boolean }} place `attach`: it has to say whose it is. `frames`: its last entry may announce
 *   a binary frame.
 */
export function readPacket(bytes, { attach: isFirst = false, frames = false }) {
  const packet = readJson(bytes)
  if (!isObject(packet)) throw new End('malformed', 'a packet is an object')
  if (isFirst || packet.attach !== undefined) checkAttach(packet.attach)
  checkFields(packet, PACKET)
  if (packet.answer === 'wait' && packet.stream !== undefined) {
    throw new End('malformed', 'an exchange that waits opens no stream')
  }
  if (packet.answer === 'wait' && packet.bye !== undefined) {
    throw new End('malformed', 'an exchange that waits says no goodbye')
  }
  return { ...packet, ...readMessages(packet, frames) }
}

function checkAttach(attach) {
  if (!isObject(attach)) throw new End('malformed', 'attach is not an object')
  if (attach.version !== VERSION) {
    const reason = `this server speaks version ${VERSION}`
    throw new End('unsupported-version', reason, { version: VERSION })
  }
  for (const name of ['key', 't', 'want']) {
    if (attach[name] === undefined) throw new End('malformed', `attach has no ${name}`)
  }
  checkFields(attach, ATTACH)
  if (attach.want > attach.t) throw new End('malformed', 'want is above t')
}

/** Fields that are not in the table are ignored. */
function checkFields(fields, table) {
  for (const [name, isAllowed] of Object.entries(table)) {
    if (fields[name] !== undefined && !isAllowed(fields[name])) {
      throw new End('malformed', `${name} is not as PROTOCOL.md 4.2 says`)
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function readJson(bytes) {
  let value
  try {
    value = JSON.parse(typeof bytes === 'string' ? bytes : utf8.decode(bytes))
  } catch {
    throw new End('malformed', 'no JSON text in UTF-8')
  }
  if (isTooDeep(value)) throw new End('malformed', `nested more than ${MAX_DEPTH} deep`)
  return value
}

function isTooDeep(value) {
  let level = [value]
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const lists = level.filter((each) => typeof each === 'object' && each !== null)
    if (lists.length === 0) return false
    level = lists.flatMap((list) => Object.values(list))
  }
  return true
}
