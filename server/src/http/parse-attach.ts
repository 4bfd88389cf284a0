/** The attach: whose packet it is (PROTOCOL.md 4.2). */
import { VERSION, type Attach } from 'rungs/protocol'
import { check, isInteger, isObject, isText } from '../checks.ts'
import { Refusal } from '../errors.ts'

/** Characters of a token. With the longest one, an attach packet is still below its limit. */
const MAX_TOKEN = 8_192
/** Characters of an epoch, a tag, a holder, or the name of a subprotocol or feature. */
export const MAX_NAME = 64
/** Characters of the application's URL. */
const MAX_URL = 2_048
const MAX_PROTOCOLS = 16
const MAX_FEATURES = 32
/** Characters of what the application says of itself, as JSON text. */
const MAX_META = 4_096
/** Milliseconds of the shortest heartbeat interval that a client may ask for. */
const MIN_HEARTBEAT = 1_000
/** Bytes of the smallest batch that a client may ask for. */
const MIN_BATCH = 1_000

/** Throws a {@link Refusal}. The version comes before all else: in another one, the other fields may mean something else. */
export function checkVersion(attach: unknown): void {
  if (!isObject(attach) || attach.version === VERSION) return
  throw new Refusal(
    'unsupported-version',
    `this server speaks version ${VERSION}, and none above it`,
  )
}

/** Parses an attach whose version was checked. Throws a {@link Refusal}. */
export function parseAttach(attach: unknown): Attach {
  check(isObject(attach), 'attach is not an object')
  const { key, epoch, t, want, page, token } = attach
  check(
    typeof key === 'string' && /^[0-9a-z]{16,64}$/.test(key),
    'key is not 16 to 64 characters of 0-9 and a-z',
  )
  check(epoch === undefined || isText(epoch, 1, MAX_NAME), 'epoch is not a text')
  check(isInteger(t, 1), 't is not a positive number')
  check(isInteger(want, 1, t), 'want is not a positive number up to t')
  check(page === undefined || isPage(page), 'page is not [generation, holder]')
  check(token === undefined || isToken(token), NOT_A_TOKEN)
  checkApplicationFields(attach)
  return attach as unknown as Attach
}

export const NOT_A_TOKEN: string = `token is not a text of up to ${MAX_TOKEN} characters`

export function isToken(value: unknown): value is string {
  return isText(value, 0, MAX_TOKEN)
}

/** Checks what the application gave its client to say, and what the client says of itself. */
function checkApplicationFields(attach: { readonly [name: string]: unknown }): void {
  const { heartbeat, pad, maxBatch, url, protocols, meta, features } = attach
  check(
    heartbeat === undefined || isInteger(heartbeat, MIN_HEARTBEAT),
    `heartbeat is not a number of at least ${MIN_HEARTBEAT}`,
  )
  check(
    maxBatch === undefined || isInteger(maxBatch, MIN_BATCH),
    `maxBatch is not a number of at least ${MIN_BATCH}`,
  )
  check(pad === undefined || isInteger(pad, 1), 'pad is not a positive number')
  check(url === undefined || isText(url, 1, MAX_URL), `url is not a text of 1 to ${MAX_URL}`)
  check(
    protocols === undefined || isListOfNames(protocols, MAX_PROTOCOLS),
    `protocols is not a list of up to ${MAX_PROTOCOLS} names`,
  )
  check(
    features === undefined || isListOfNames(features, MAX_FEATURES),
    `features is not a list of up to ${MAX_FEATURES} names`,
  )
  check(
    meta === undefined || JSON.stringify(meta).length <= MAX_META,
    `meta is not JSON of up to ${MAX_META} characters`,
  )
}

function isListOfNames(value: unknown, maxLength: number): boolean {
  return (
    Array.isArray(value) &&
    value.length <= maxLength &&
    value.every((name: unknown) => isText(name, 1, MAX_NAME))
  )
}

function isPage(value: unknown): value is NonNullable<Attach['page']> {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    isInteger(value[0], 0) &&
    isText(value[1], 1, MAX_NAME)
  )
}
