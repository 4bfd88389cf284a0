// @ts-check
/** Attacks by HTTP: packets and requests that are almost right. */
import { mutated, spoiled } from './mutate.mjs'
import { attachOf, firstPacketUp, packetUp } from './packets.mjs'
import { answersIn, head, listen, openRaw, writeInPieces } from './raw.mjs'

/** @import { Dice } from './dice.mjs' */
/** @import { Self } from './packets.mjs' */

const PATH = '/rungs'
const SUBPATHS = [
  ...[
    '',
    '/',
    '/sse',
    '/sse?ticket=',
    '/sse?ticket=x',
    '/sse?ticket[]=x',
    '/forever-iframe?ticket=%00',
  ],
  ...[
    '/bridge',
    '/bridge?x=<script>',
    '/../rungs',
    '/..%2f',
    '/%',
    '/%ff',
    '?__proto__',
    '//',
    '/sse/..',
  ],
]
const TARGETS = [
  '*',
  '/',
  '/rungs/../rungs',
  '//rungs',
  'http://evil.example/rungs',
  '/RUNGS',
  '/rungs\\',
]
const METHODS = ['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE', 'PROPFIND', 'POST']
const TYPES = [
  'application/json',
  'multipart/form-data',
  'text/plain;charset=utf-16',
  '',
  '\u00e9',
  ';;;',
]
/** Headers that are wrong, doubtful, or speak of somebody else. @type {Record<string, string>[]} */
const HEADERS = [
  { Origin: 'null' },
  { Origin: 'http://evil.example' },
  { Origin: 'x'.repeat(5_000) },
  { Origin: 'http://fuzz.example', Cookie: 'a=1' },
  { Cookie: 'a=1' },
  { 'Content-Encoding': 'gzip' },
  { 'Content-Encoding': 'identity' },
  { 'Content-Length': '-1' },
  { 'Content-Length': '99999999999999999999' },
  { 'Content-Length': '100000000' },
  { 'Transfer-Encoding': 'gzip, chunked' },
  { 'Transfer-Encoding': 'chunked', 'Content-Length': '5' },
  { Expect: '100-continue' },
  { Expect: 'the-worst' },
  { 'Rungs-Origin': 'http://evil.example' },
  { 'Sec-Fetch-Site': 'cross-site' },
  { 'X-Forwarded-For': '1.2.3.4, '.repeat(500) },
  { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings' },
  { Upgrade: 'websocket', Connection: 'Upgrade' },
  { Host: 'a\tb' },
  { Host: '' },
  { 'X-Huge': 'x'.repeat(20_000) },
  Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`X-${n}`, 'y'])),
]

/** @param {Dice} dice @param {Self} self @returns {Buffer} */
function body(dice, self) {
  self.t += 1
  const first = mutated(
    dice,
    dice.oneIn(3) ? { attach: attachOf(dice, self) } : firstPacketUp(dice, self),
  )
  const lines = Array.from({ length: dice.pick([0, 0, 1, 1, 2, 5]) }, () =>
    mutated(dice, packetUp(dice, self)),
  )
  const bytes = Buffer.from([first, ...lines].join('\n'))
  return dice.oneIn(12) ? spoiled(dice, bytes) : bytes
}

/** @param {Uint8Array} bytes @param {Record<string, string>} [headers] @param {string} [target] @param {string} [method] */
const request = (bytes, headers = {}, target = PATH, method = 'POST') =>
  Buffer.concat([
    Buffer.from(
      head(method, target, { 'Content-Length': String(bytes.length), ...headers }),
      'latin1',
    ),
    bytes,
  ])

/** @param {Buffer} bytes @param {number} size of a chunk */
function chunked(bytes, size) {
  /** @type {Uint8Array[]} */
  const parts = [Buffer.from(head('POST', PATH, { 'Transfer-Encoding': 'chunked' }))]
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/**
 * Each returns the bytes of a connection; `pieces` is the size in which they are written, `cut` whether the client goes away
 * before the answer.
 *
 * @type {Record<string, (dice: Dice, self: Self) => { bytes: Buffer, pieces?: number, cut?: boolean }>}
 */
const ATTACKS = {
  packet: (dice, self) => ({ bytes: request(body(dice, self)) }),
  'packet of another session': (dice, self) => {
    const other = {
      ...self,
      epoch: dice.pick(['', 'x', self.epoch ?? 'y', undefined]),
      t: dice.below(9),
    }
    return { bytes: request(body(dice, { ...other, key: dice.pick([self.key, dice.key()]) })) }
  },
  pipelined: (dice, self) => ({
    bytes: Buffer.concat(
      Array.from({ length: 2 + dice.below(20) }, () => request(body(dice, self))),
    ),
    cut: dice.oneIn(2),
  }),
  'tiny chunks': (dice, self) => ({
    bytes: chunked(body(dice, self).subarray(0, 4_000), 1),
    pieces: 40,
  }),
  chunked: (dice, self) => ({ bytes: chunked(body(dice, self), 1 + dice.below(3_000)) }),
  'byte by byte': (dice, self) => ({
    bytes: request(body(dice, self)).subarray(0, 600),
    pieces: 1,
  }),
  aborted: (dice, self) => {
    const bytes = request(body(dice, self))
    return { bytes: bytes.subarray(0, dice.below(bytes.length)), cut: true }
  },
  headers: (dice, self) => ({ bytes: request(body(dice, self), dice.pick(HEADERS)) }),
  'content type': (dice, self) => ({
    bytes: request(body(dice, self), { 'Content-Type': dice.pick(TYPES) }),
  }),
  path: (dice, self) => {
    const target = dice.oneIn(3) ? dice.pick(TARGETS) : PATH + dice.pick(SUBPATHS)
    return { bytes: request(body(dice, self), {}, target, dice.pick(METHODS)) }
  },
  'spoiled request': (dice, self) => ({ bytes: spoiled(dice, request(body(dice, self))) }),
}

/** A session of the attacker's own, if its first exchange is right. @param {string} url @param {Dice} dice */
export async function ownSession(url, dice) {
  /** @type {Self} */
  const self = { key: dice.key(), t: 1, next: 1 }
  if (dice.oneIn(4)) return self
  const attach = { ...attachOf(dice, self), token: dice.pick(['user:friend', 'user:mallory', '']) }
  const text = JSON.stringify({ attach })
  const socket = await openRaw(url)
  const heard = listen(socket)
  socket.write(request(Buffer.from(text), { Connection: 'close' }))
  const [answer] = answersIn(await heard)
  socket.destroy()
  self.epoch = answer && JSON.parse(answer.body).hello?.epoch
  return self
}

/**
 * Makes one attack. Returns complaints about its answers: a server may refuse, and never fails.
 *
 * @param {string} url
 * @param {Dice} dice
 */
export async function attackByHttp(url, dice) {
  const self = await ownSession(url, dice)
  const name = dice.pick(Object.keys(ATTACKS))
  const {
    bytes,
    pieces = 16_384,
    cut = false,
  } = /** @type {(typeof ATTACKS)[string]} */ (ATTACKS[name])(dice, self)
  const socket = await openRaw(url)
  const heard = listen(socket, (soFar) => soFar.length > 1e6)
  await writeInPieces(socket, bytes, pieces)
  if (cut) socket.resetAndDestroy()
  const answers = answersIn(await heard)
  socket.destroy()
  return answers
    .filter(({ status, body: text }) => status === 500 || text.includes('"internal"'))
    .map(({ status, body: text }) => `${name}: answered ${status} ${text.slice(0, 200)}`)
}
