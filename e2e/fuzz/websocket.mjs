// @ts-check
/** Attacks by WebSocket: frames that are almost right, with packets that are. */
import { randomBytes } from 'node:crypto'
import { ownSession } from './http.mjs'
import { mutated, spoiled } from './mutate.mjs'
import { attachOf, firstPacketUp, packetUp } from './packets.mjs'
import { head, listen, openRaw, writeInPieces } from './raw.mjs'

/** @import { Dice } from './dice.mjs' */
/** @import { Self } from './packets.mjs' */

const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10

/** @typedef {{ opcode: number, payload: Buffer, isLast?: boolean, isMasked?: boolean, reserved?: number, claims?: bigint }} Frame */

/**
 * A frame of a client (RFC 6455, 5.2); `claims`: the length that its header says, whatever follows.
 *
 * @param {Frame} frame
 */
function encode({ opcode, payload, isLast = true, isMasked = true, reserved = 0, claims }) {
  const length = claims ?? BigInt(payload.length)
  const size = length < 126n ? 2 : length < 65_536n ? 4 : 10
  const header = Buffer.alloc(size)
  header[0] = (isLast ? 0x80 : 0) | reserved | opcode
  header[1] = (isMasked ? 0x80 : 0) | (size === 2 ? Number(length) : size === 4 ? 126 : 127)
  if (size === 4) header.writeUInt16BE(Number(length), 2)
  if (size === 10) header.writeBigUInt64BE(length, 2)
  // A mask of zeros changes no byte.
  return Buffer.concat([header, Buffer.alloc(isMasked ? 4 : 0), payload])
}

/** @param {string} text */
const text = (text) => ({ opcode: TEXT, payload: Buffer.from(text) })

/** @type {Record<string, (dice: Dice, self: Self) => Frame[]>} */
const ATTACKS = {
  packet: (dice, self) => [text(mutated(dice, packetUp(dice, self)))],
  'packet with attach': (dice, self) => [text(mutated(dice, firstPacketUp(dice, self)))],
  'announced bytes': (dice, self) => [
    text(mutated(dice, { batch: [self.next, [[0, 0, 5]]] })),
    dice.pick([
      { opcode: BINARY, payload: Buffer.alloc(dice.pick([0, 3, 70_000])) },
      text(mutated(dice, packetUp(dice, self))),
      { opcode: PING, payload: Buffer.alloc(0) },
    ]),
  ],
  'bytes of nobody': (dice) => [{ opcode: BINARY, payload: randomBytes(dice.below(300)) }],
  'reserved bits': (dice, self) => [
    { ...text(mutated(dice, packetUp(dice, self))), reserved: dice.pick([0x10, 0x20, 0x40, 0x70]) },
  ],
  'no mask': (dice, self) => [{ ...text(mutated(dice, packetUp(dice, self))), isMasked: false }],
  'unknown opcode': (dice) => [{ opcode: dice.pick([3, 7, 11, 15]), payload: Buffer.from('{}') }],
  fragments: (dice, self) => {
    const { payload } = text(mutated(dice, packetUp(dice, self)))
    const size = Math.max(1, Math.floor(payload.length / (1 + dice.below(40))))
    /** @type {Frame[]} */
    const frames = []
    for (let at = 0; at < payload.length && frames.length < 300; at += size) {
      const opcode = at === 0 ? TEXT : dice.oneIn(40) ? dice.pick([TEXT, BINARY]) : CONTINUATION
      frames.push({
        opcode,
        payload: payload.subarray(at, at + size),
        isLast: at + size >= payload.length,
      })
      if (dice.oneIn(10)) frames.push({ opcode: PING, payload: Buffer.from('between') })
    }
    return frames
  },
  'empty fragments': (dice) => [
    { ...text(''), isLast: false },
    ...Array.from({ length: dice.below(500) }, () => ({
      opcode: CONTINUATION,
      payload: Buffer.alloc(0),
      isLast: false,
    })),
  ],
  'continuation of nothing': () => [{ opcode: CONTINUATION, payload: Buffer.from('{}') }],
  'long control frame': (dice) => [
    { opcode: dice.pick([CLOSE, PING, PONG]), payload: Buffer.alloc(126 + dice.below(500)) },
  ],
  'control frame in pieces': (dice) => [
    { opcode: dice.pick([CLOSE, PING, PONG]), payload: Buffer.alloc(2), isLast: false },
  ],
  'close frame': (dice) => [
    {
      opcode: CLOSE,
      payload: dice.pick(
        [[], [3], [3, 232], [3, 237], [0, 1], [255, 255, 195, 40]].map((bytes) =>
          Buffer.from(bytes),
        ),
      ),
    },
  ],
  'wrong length': (dice, self) => [
    {
      ...text(mutated(dice, packetUp(dice, self))),
      claims: dice.pick([0n, 5n, 126n, 65_535n, 65_536n, 2n ** 31n, 2n ** 63n, 2n ** 64n - 1n]),
    },
  ],
  'invalid UTF-8': (dice) => [
    {
      opcode: TEXT,
      payload: Buffer.from(dice.pick(['c328', 'eda080', 'f4908080', 'ff', '7b22c0af227d']), 'hex'),
    },
  ],
  pings: (dice) =>
    Array.from({ length: dice.below(200) }, () => ({ opcode: PING, payload: Buffer.from('x') })),
}

/** @type {((dice: Dice) => Record<string, string>)[]} */
const HANDSHAKES = [
  () => ({ 'Sec-WebSocket-Version': '7' }),
  () => ({ 'Sec-WebSocket-Key': 'short' }),
  () => ({ 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits=99' }),
  () => ({ 'Sec-WebSocket-Protocol': 'a, a, ,' }),
  () => ({ Origin: 'http://evil.example' }),
  () => ({ 'Content-Length': '5' }),
]

/**
 * Makes one attack on a connection of its own, which may be attached before.
 *
 * @param {string} url
 * @param {Dice} dice
 * @returns {Promise<string[]>} complaints about the answers
 */
export async function attackByWebSocket(url, dice) {
  const self = await ownSession(url, dice)
  const socket = await openRaw(url)
  const heard = listen(socket, (bytes) => bytes.length > 1e6)
  const upgrade = head('GET', '/rungs', {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...(dice.oneIn(12) && dice.pick(HANDSHAKES)(dice)),
  })
  const names = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(Object.keys(ATTACKS)))
  self.t += 1
  const attach = dice.oneIn(6) ? [] : [text(JSON.stringify({ attach: attachOf(dice, self) }))]
  const frames = [
    ...attach,
    ...names.flatMap((name) => /** @type {(typeof ATTACKS)[string]} */ (ATTACKS[name])(dice, self)),
  ]
  const bytes = Buffer.concat([Buffer.from(upgrade), ...frames.map(encode)])
  const isSpoiled = dice.oneIn(15)
  await writeInPieces(
    socket,
    isSpoiled ? spoiled(dice, bytes) : bytes,
    dice.pick([1, 100, 16_384, 16_384]),
  )
  if (dice.oneIn(4)) socket.resetAndDestroy()
  const answer = (await heard).toString('latin1')
  socket.destroy()
  return answer.includes('["internal"') ? [`${names.join(', ')}: ${answer.slice(-200)}`] : []
}
