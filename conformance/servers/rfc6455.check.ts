/** Frames as RFC 6455 has them: pings, fragments, masks, close frames. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, newSession } from './client.ts'
import { atOnce, expectAck } from './expect.ts'
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  PING,
  PONG,
  TEXT,
  encode,
  openRaw,
  type RawFrame,
  type RawSocket,
} from './raw-websocket.ts'

const AS_RFC =
  'Pings are answered, fragments are put together, frames of a client without a mask are refused, and a close frame is ' +
  'answered with one, as RFC 6455 says.'

const text = (packet: unknown): RawFrame => ({ opcode: TEXT, payload: JSON.stringify(packet) })

/** A WebSocket of a session. */
async function attached(client: Client): Promise<RawSocket> {
  const socket = await openRaw()
  socket.send(text({ attach: client.attach() }))
  await socket.feed.field('ready')
  return socket
}

prove(
  '3.3',
  AS_RFC,
  async () => {
    const socket = await openRaw()
    for (const payload of ['', 'a ping', 'x'.repeat(125)]) {
      socket.frames.length = 0
      socket.send({ opcode: PING, payload })
      expect(String((await atOnce(socket.frame(PONG))).payload)).toBe(payload)
    }
    socket.end()
  },
  { with: 'pings, also before the first frame' },
)

prove(
  '3.3',
  AS_RFC,
  async () => {
    const client = await newSession()
    const socket = await attached(client)
    const packet = JSON.stringify({ batch: [1, [['ä'], ['€'], ['𝄞']]] })
    const bytes = Buffer.from(packet)
    // Every byte is a fragment of its own, with pings and pongs between them.
    const fragments = [...bytes].map((byte, index): RawFrame => {
      const isLast = index === bytes.length - 1
      return { opcode: index ? CONTINUATION : TEXT, payload: Buffer.from([byte]), isLast }
    })
    socket.send(
      ...fragments.flatMap((fragment, index) =>
        index % 10
          ? [fragment]
          : [{ opcode: PING, payload: 'between' }, { opcode: PONG }, fragment],
      ),
    )
    expect(await socket.feed.untilData('𝄞')).toEqual(['ä', '€', '𝄞'])
    expect(String((await socket.frame(PONG)).payload)).toBe('between')
    socket.end()
  },
  { with: 'text in fragments' },
)

prove(
  '3.3',
  AS_RFC,
  async () => {
    const client = await newSession()
    const socket = await attached(client)
    socket.send(
      text({ batch: [1, [[0, 0, 5]]] }),
      { opcode: BINARY, payload: Buffer.from([1, 2]), isLast: false },
      { opcode: CONTINUATION, payload: '', isLast: false },
      { opcode: CONTINUATION, payload: Buffer.from([3]) },
      text({ probe: 1 }),
    )
    await socket.feed.accepted(1)
    socket.end()
    expect(await client.readData()).toEqual([Buffer.from([1, 2, 3])])
  },
  { with: 'bytes in fragments' },
)

prove(
  '3.3',
  AS_RFC,
  async () => {
    const client = new Client()
    const socket = await openRaw()
    const attach = { attach: client.attach() }
    const all = [text(attach), text({ batch: [1, [['x'.repeat(200)], ['end']]] })]
    // Each byte in a packet of the network by itself.
    for (const byte of Buffer.concat(all.map(encode))) {
      socket.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await socket.feed.untilData('end')).length).toBe(2)
    socket.end()
  },
  { with: 'frames that arrive in pieces' },
)

for (const [what, frames] of [
  ['without a mask', [{ ...text({ batch: [1, [['x']]] }), isMasked: false }]],
  ['with a reserved bit', [{ ...text({ batch: [1, [['x']]] }), reserved: 0x40 }]],
  ['with an unknown opcode', [{ opcode: 3, payload: 'x' }]],
  ['a ping in fragments', [{ opcode: PING, payload: 'x', isLast: false }]],
  ['a ping of 126 bytes', [{ opcode: PING, payload: 'x'.repeat(126) }]],
  ['a continuation of nothing', [{ opcode: CONTINUATION, payload: '{}' }]],
  [
    'a message within another',
    [{ opcode: TEXT, payload: '{"batch":[1,', isLast: false }, text({ batch: [1, [['x']]] })],
  ],
] satisfies [string, RawFrame[]][]) {
  prove(
    '3.3',
    AS_RFC,
    async () => {
      const client = await newSession()
      const socket = await attached(client)
      socket.send(...frames, text({ batch: [1, [['behind']]] }))
      const code = await socket.frame(CLOSE).then(
        ({ payload }) => payload.readUInt16BE(0),
        // A connection that fails may also be cut (RFC 6455, 7.1.7).
        () => undefined,
      )
      if (code !== undefined) expect(code).toBe(1_002)
      socket.end()
      expectAck((await client.exchange()).packet, 0, 0, 0)
    },
    { with: what },
  )
}

for (const [what, payload] of [
  ['1000', Buffer.from([0x03, 0xe8])],
  ['4999 and a reason', Buffer.concat([Buffer.from([0x13, 0x87]), Buffer.from('bye')])],
  ['no code', Buffer.alloc(0)],
] as const) {
  prove(
    '3.3',
    AS_RFC,
    async () => {
      const socket = await attached(await newSession())
      socket.send({ opcode: CLOSE, payload })
      const answer = await atOnce(socket.frame(CLOSE))
      // The code is sent back, or that the server has done its part (RFC 6455, 5.5.1).
      const code = answer.payload.length > 0 ? answer.payload.readUInt16BE(0) : 1_005
      expect([payload.length > 0 ? payload.readUInt16BE(0) : 1_005, 1_000]).toContain(code)
      // The server closes the connection first (RFC 6455, 7.1.1).
      await atOnce(socket.closed)
    },
    { with: `a close frame with ${what}` },
  )
}
