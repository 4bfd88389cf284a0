/**
 * What holds for every packet of a server, whatever a test is about (PROTOCOL.md 4). A packet that breaks a rule fails the test
 * that runs.
 */
import { ENDS, violations } from '../prove.ts'
import type { Down, Entry } from './wire.ts'

export type CarrierName = 'exchange' | 'websocket' | 'sse'

type Check = (value: unknown) => boolean

const isNumber: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const isText = (value: unknown, least = 0, most = Infinity): boolean =>
  typeof value === 'string' && value.length >= least && value.length <= most
const isOne: Check = (value) => value === 1
const isPair: Check = (value) =>
  Array.isArray(value) && value.length === 2 && value.every(isNumber) && value[0] <= value[1]
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const HELLO: Readonly<Record<string, Check>> = {
  version: isOne,
  id: (value) => isText(value, 1),
  epoch: (value) => isText(value, 1, 64),
  heartbeat: isNumber,
  lifetime: isNumber,
  maxMessage: isNumber,
  maxBatch: (value) => isNumber(value) && Number(value) >= 60_000,
  window: isNumber,
}

const OPTIONAL_IN_HELLO: Readonly<Record<string, Check>> = {
  bound: isOne,
  protocol: (value) => isText(value),
  retryAfter: isPair,
  features: (value) =>
    Array.isArray(value) && value.length <= 32 && value.every((each) => isText(each, 1, 64)),
}

const isHello: Check = (value) =>
  isObject(value) &&
  Object.entries(HELLO).every(([name, check]) => check(value[name])) &&
  Object.entries(OPTIONAL_IN_HELLO).every(
    ([name, check]) => value[name] === undefined || check(value[name]),
  )

/** A WebSocket may have come before the exchange that makes its session (PROTOCOL.md 3.7). */
const isEarly = ([type, , then]: readonly unknown[]): boolean =>
  type === 'origin-refused' && then === 'retry'

const isEnd: Check = (value) =>
  Array.isArray(value) &&
  (value.length === 3 || (value.length === 4 && isNumber(value[3]))) &&
  (ENDS.get(value[0])?.then === value[2] || isEarly(value)) &&
  isText(value[1])

const FIELDS: { readonly [name in keyof Required<Down>]: Check } = {
  hello: isHello,
  ack: (value) =>
    Array.isArray(value) && value.length >= 3 && value.length <= 5 && value.every(isNumber),
  gap: isOne,
  batch: (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    isNumber(value[0]) &&
    value[0] > 0 &&
    isList(value[1]),
  tag: (value) => isText(value, 0, 64),
  volatile: (value) => isList(value),
  ticket: (value) => isText(value, 1),
  ready: isOne,
  token: isOne,
  end: isEnd,
  retryAfter: isPair,
  version: isNumber,
}

const isList: Check = (value) => Array.isArray(value) && value.length > 0 && value.every(isEntry)

const isEntry: Check = (value) => {
  if (!Array.isArray(value)) return false
  const [data, peer = 0, kind = 0, offset, size] = value as Entry
  if (![0, 1, 2, 3, 5, 7, 8, 9, 10, 11, 13, 15].includes(kind)) return false
  const isPart = (kind & 8) > 0
  if (isPart ? value.length !== 5 : value.length < 1 || value.length > 3) return false
  const isRefused = (kind & 2) > 0
  // The peer of a message in parts is that of the first one.
  const isPeer =
    isPart && offset! > 0 ? true : isRefused ? Array.isArray(peer) : peer === 0 || isText(peer, 1)
  const isData = kind & 4 ? data === 0 : kind & 1 ? isBase64(data) : !isPart || isText(data, 1)
  return isPeer && isData && (!isPart || (isNumber(offset) && isNumber(size) && Number(size) > 0))
}

const isBase64: Check = (value) =>
  typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value

/** Notes what is wrong with the text of a packet. Answers whether it can be read. */
export function checkPacket(text: string, packet: Down, carrier: CarrierName): boolean {
  const before = violations.length
  const wrong = (what: string): number => violations.push(`${what}: ${text.slice(0, 300)}`)
  if (Object.keys(packet).length === 0 && text !== '{}') wrong('no packet')
  if (text.includes('\n')) wrong('a packet has no line feeds')
  for (const [name, isAllowed] of Object.entries(FIELDS)) {
    const value = packet[name as keyof Down]
    if (value !== undefined && !isAllowed(value)) wrong(`${name} is not as 4.3 and 4.4 say`)
  }
  if (packet.gap && !packet.ack) wrong('gap comes with ack')
  if (violations.length > before) return false
  checkEntries(packet, carrier, wrong)
  return true
}

/** Whether an entry is a part that does not reach the end of its message. One whose bytes follow as a frame is the last anyway. */
const isCut = ([data, , kind = 0, offset = 0, size = 0]: Entry): boolean => {
  if (!(kind & 8) || kind & 4) return false
  const length = kind & 1 ? Buffer.from(String(data), 'base64').length : String(data).length
  return offset + length < size
}

function checkEntries(
  { batch, volatile = [] }: Down,
  carrier: CarrierName,
  wrong: (what: string) => void,
): void {
  const entries = [...(batch?.[1] ?? []), ...volatile]
  for (const [index, [, , kind = 0]] of entries.entries()) {
    const isLast = index === entries.length - 1
    if (isCut(entries[index]!) && index !== (batch?.[1].length ?? 0) - 1)
      wrong('such a part is the last of its batch')
    if (kind & 4 && !(isLast && carrier === 'websocket')) wrong('no frame can follow')
    if (kind & 1 && !(kind & 4) && carrier === 'websocket') wrong('bytes travel in frames')
  }
}

/** The bytes that the entries of a packet count against `maxBatch`: as JSON, and in a frame. */
export const bytesOf = ({ batch, volatile = [] }: Down, frame?: Uint8Array): number =>
  [...(batch?.[1] ?? []), ...volatile].reduce(
    (sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)),
    frame?.length ?? 0,
  )
