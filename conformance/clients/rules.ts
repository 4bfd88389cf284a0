/**
 * Rules for every packet of a client, whatever a test is about (PROTOCOL.md 2 to 6). A packet that breaks a rule fails the
 * test that runs.
 */
import type { IncomingMessage } from 'node:http'
import { violations } from '../prove.ts'
import type { Attach, Entry, Up } from './wire.ts'

type Check = (value: unknown) => boolean

const MAX_ATTACH = 16_384
const MAX_ENTRIES = 20_000
const MIN_PART = 128
const BINARY = 1
const FRAME = 4
const PART = 8

const isNumber = (value: unknown, least = 0, most = Number.MAX_SAFE_INTEGER): value is number =>
  Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
const isText = (value: unknown, least = 0, most = Infinity): value is string =>
  typeof value === 'string' && value.length >= least && value.length <= most
const isList = (value: unknown, least: number, most: number): value is unknown[] =>
  Array.isArray(value) && value.length >= least && value.length <= most
const isOne: Check = (value) => value === 1
const isNames =
  (most: number): Check =>
  (value) =>
    isList(value, 0, most) && value.every((name) => isText(name, 1, 64))

const ATTACH: Readonly<Record<string, Check>> = {
  version: (value) => isNumber(value, 1),
  key: (value) => isText(value) && /^[0-9a-z]{16,64}$/.test(value),
  t: (value) => isNumber(value, 1),
  want: (value) => isNumber(value, 1),
}

const OPTIONAL_IN_ATTACH: Readonly<Record<string, Check>> = {
  epoch: (value) => isText(value, 1, 64),
  page: (value) => isList(value, 2, 2) && isNumber(value[0]) && isText(value[1], 1, 64),
  token: (value) => isText(value, 0, 8_192),
  heartbeat: (value) => isNumber(value, 1_000),
  maxBatch: (value) => isNumber(value, 1_000),
  pad: (value) => isNumber(value, 1),
  url: (value) => isText(value, 1, 2_048),
  protocols: isNames(16),
  meta: (value) => JSON.stringify(value).length <= 4_096,
  features: isNames(32),
}

const isAttach: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(ATTACH).every(([name, check]) => check((value as Attach)[name as 't'])) &&
  Object.entries(OPTIONAL_IN_ATTACH).every(([name, check]) => {
    const field = (value as Attach)[name as 't'] as unknown
    return field === undefined || check(field)
  }) &&
  (value as Attach).want <= (value as Attach).t

const isBase64: Check = (value) =>
  isText(value) && Buffer.from(value, 'base64').toString('base64') === value

const isRecipients: Check = (value) =>
  value === 0 || (isList(value, 1, 100) && value.every((id) => isText(id, 1, 256)))

const isEntry: Check = (value) => {
  if (!isList(value, 1, 5)) return false
  const [data, peer = 0, kind = 0, offset, size] = value as unknown as Entry
  if (![0, BINARY, BINARY + FRAME, PART, PART + BINARY, PART + BINARY + FRAME].includes(kind)) {
    return false
  }
  const isPart = (kind & PART) > 0
  const isData =
    kind & FRAME ? data === 0 : kind & BINARY ? isBase64(data) : !isPart || isText(data, 1)
  const isPlace = isPart
    ? value.length === 5 && isNumber(offset) && isNumber(size, 1)
    : value.length <= 3
  return isData && isPlace && isRecipients(peer)
}

const isEntries: Check = (value) => isList(value, 1, MAX_ENTRIES) && value.every(isEntry)

const FIELDS: { readonly [name in keyof Required<Up>]: Check } = {
  attach: isAttach,
  ack: (value) =>
    isList(value, 2, 3) &&
    isNumber(value[0]) &&
    isText(value[1], 0, 64) &&
    (value.length === 2 || isNumber(value[2])),
  batch: (value) => isList(value, 2, 2) && isNumber(value[0], 1) && isEntries(value[1]),
  volatile: (value) => isList(value, 0, MAX_ENTRIES) && value.every(isEntry),
  answer: (value) => ['none', 'now', 'wait'].includes(String(value)),
  hello: isOne,
  accepted: (value) => isNumber(value),
  within: (value) => isNumber(value, 1),
  probe: isOne,
  stream: (value) => value === 'sse' || value === 'forever-iframe',
  token: (value) => isText(value, 0, 8_192),
  bye: (value) =>
    isList(value, 1, 3) &&
    isNumber(value[0], 0, 60) &&
    (value[1] === undefined || value[1] === null || isNumber(value[1], 0, 65_535)) &&
    (value[2] === undefined || value[2] === null || isText(value[2], 0, 256)),
}

const wrong = (what: string, text: string): number =>
  violations.push(`${what}: ${text.slice(0, 300)}`)

/** Whether an entry is a part that neither reaches the end of its message nor is in a frame, whose length is not known yet. */
const isCut = ([data, , kind = 0, offset = 0, size = 0]: Entry): boolean => {
  if (!(kind & PART) || kind & FRAME) return false
  return offset + lengthOf(String(data), kind) < size
}
const lengthOf = (data: string, kind: number): number =>
  kind & BINARY ? Buffer.from(data, 'base64').length : data.length

/** Notes what is wrong with a packet. */
function checkPacket(text: string, packet: Up, maxBatch: number, hasFrames: boolean): void {
  for (const [name, isAllowed] of Object.entries(FIELDS)) {
    const value = packet[name as keyof Up]
    if (value !== undefined && !isAllowed(value)) wrong(`4.2 ${name} is not as it should be`, text)
  }
  const { batch, volatile = [] } = packet
  const entries = [...(batch?.[1] ?? []), ...volatile]
  const bytes = entries.reduce((sum, each) => sum + Buffer.byteLength(JSON.stringify(each)), 0)
  if (bytes > maxBatch) wrong(`5 a batch has ${bytes} bytes of ${maxBatch}`, text)
  for (const [index, entry] of entries.entries()) {
    const [data, , kind = 0] = entry
    if (kind & FRAME && !(hasFrames && index === entries.length - 1)) {
      wrong('4.5 no frame can follow', text)
    }
    if (kind & PART && index >= (batch?.[1].length ?? 0)) {
      wrong('4.6 volatile messages have no parts', text)
    }
    if (!isCut(entry)) continue
    if (index !== (batch?.[1].length ?? 0) - 1) wrong('4.6 such a part is the last', text)
    if (lengthOf(String(data), kind) < MIN_PART) wrong('4.6 a part is too short', text)
  }
}

/** Rules for the body of an exchange. */
export function checkExchange(body: string, packets: readonly Up[], maxBatch: number): void {
  const [head, ...rest] = packets
  if (!head?.attach) wrong('3.2 the first packet has attach', body)
  if (Buffer.byteLength(body.split('\n')[0]!) > MAX_ATTACH)
    wrong('3.2 the first is too large', body)
  if (rest.length > 1) wrong('3.2 a body has no third packet', body)
  if (head?.answer === 'wait' && (head.stream || packets.some(({ bye }) => bye))) {
    wrong('3.2 an exchange that waits has neither a ticket nor a goodbye', body)
  }
  for (const [index, packet] of packets.entries()) {
    if (packet.token !== undefined) wrong('4.2 a token stands in attach', body)
    if (packet.bye && index < packets.length - 1) wrong('6.10 a goodbye is the last packet', body)
    checkPacket(body.split('\n')[index]!, packet, maxBatch, false)
  }
}

/** Rules for the frames of one WebSocket. */
export class FrameRules {
  #isFirst = true
  #hasEnded = false
  /** The entry whose bytes are to come. */
  #announced: Entry | undefined

  text(text: string, packet: Up, maxBatch: number): void {
    if (this.#announced) wrong('4.5 the announced frame follows at once', text)
    if (this.#hasEnded) wrong('6.10 a packet with bye is the last one', text)
    if (this.#isFirst && !packet.attach) wrong('3.3 the first frame has attach', text)
    if (this.#isFirst && Buffer.byteLength(text) > MAX_ATTACH) wrong('3.3 it is too large', text)
    checkPacket(text, packet, maxBatch, !this.#isFirst)
    this.#isFirst = false
    this.#hasEnded = packet.bye !== undefined
    const last = [...(packet.batch?.[1] ?? []), ...(packet.volatile ?? [])].at(-1)
    this.#announced = last && (last[2] ?? 0) & FRAME ? last : undefined
  }

  binary(bytes: Uint8Array): void {
    const [, , kind = 0, offset = 0, size = 0] = this.#announced ?? []
    if (!this.#announced) wrong('4.5 no packet has announced this frame', `${bytes.length} bytes`)
    if (kind & PART && offset + bytes.length < size && bytes.length < MIN_PART) {
      wrong('4.6 a part is too short', `${bytes.length} bytes`)
    }
    this.#announced = undefined
  }
}

/** Numbers and keys that clients have used, to find one that is used twice, or seen where it must not be. */
export class KeyRules {
  readonly #numbers = new Set<string>()
  readonly #keys = new Set<string>()

  attach({ key, t, page = [0, ''] }: Attach, request: IncomingMessage): void {
    const number = `${key} ${page[0]} ${t}`
    if (this.#numbers.has(number)) wrong('9.2 a number is used twice', number)
    this.#numbers.add(number)
    this.#keys.add(key)
    this.request(request)
  }

  request({ url = '', headers }: IncomingMessage): void {
    const text = `${url} ${JSON.stringify(headers)}`
    for (const key of this.#keys) {
      if (text.includes(key)) wrong('9.1 the key is in a URL or a header', text)
    }
  }
}
