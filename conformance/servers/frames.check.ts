/** Binary frames on a WebSocket, both ways. */
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession } from './client.ts'
import { expectAck, expectClosed } from './expect.ts'
import type { Entry } from './wire.ts'

const bytes = [
  Buffer.alloc(0),
  Buffer.from([0]),
  Buffer.from([255, 10, 13, 128, 0]),
  randomBytes(20_000),
]

prove(
  '4.5',
  'On a WebSocket, bytes need no base64: an entry of kind 1 + 4 announces that they are the next frame.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    for (const [index, each] of bytes.entries()) {
      socket.send({ batch: [index + 1, [[0, 0, 5]]] })
      socket.sendRaw(each)
    }
    await socket.feed.accepted(bytes.length)
    expect(await client.readData()).toEqual(bytes)
  },
)

prove('4.5', 'Up, a client MAY send bytes on a WebSocket either way.', async () => {
  const socket = await (await newSession()).socket()
  const entries = bytes.map((each) => [each.toString('base64'), 0, 1])
  socket.send({ batch: [1, [...entries, ['end']]] })
  expect(await socket.feed.untilData('end')).toEqual([...bytes, 'end'])
})

prove(
  '4.5',
  'Down, a server MUST send bytes on a WebSocket as frames, and MUST NOT send base64.',
  async () => {
    const client = await newSession()
    await client.sendEntries(1, ...bytes.map((each): Entry => [each.toString('base64'), 0, 1]), [
      'end',
    ])
    const socket = await client.socket()
    expect(await socket.feed.untilData('end')).toEqual([...bytes, 'end'])
    const kinds = socket.feed.packets.flatMap(
      ({ batch: all }) => all?.[1].map(([, , kind]) => kind) ?? [],
    )
    // Bytes in a frame, whole or as a part.
    expect(kinds.filter(Boolean).every((kind) => kind === 5 || kind === 13)).toBe(true)
    expect(kinds.filter(Boolean).length).toBeGreaterThanOrEqual(bytes.length)
  },
)

prove(
  '4.5',
  'The announced frame MUST follow at once. The packet is processed when it has arrived.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    const frame = Buffer.from([0, 255])
    socket.send({ ack: [0, ''], batch: [1, [['before'], [0, 0, 5]]], probe: 1 })
    expectAck((await client.exchange()).packet, 0, 0, 0)
    socket.sendRaw(frame)
    socket.send({ batch: batch(3, 'after') })
    expect(await socket.feed.untilData('after')).toEqual(['before', frame, 'after'])
  },
)

prove(
  '4.5',
  'Only the last entry of a packet may announce a frame: of `volatile` if the packet has one, else of `batch`.',
  async () => {
    const socket = await new Client().socket()
    socket.send({ batch: batch(1, 'a'), volatile: [['b'], [0, 0, 5]] })
    socket.sendRaw(Buffer.from('c'))
    socket.send({ batch: batch(2, 'd') })
    expect(await socket.feed.untilData('d')).toEqual(['a', 'b', Buffer.from('c'), 'd'])
  },
)

for (const [what, frames] of [
  ['a binary frame that no packet announced', [Buffer.from('x')]],
  ['a text frame instead', ['{"batch":[1,[[0,0,5]]]}', '{"ack":[0,""]}']],
  ['two binary frames', ['{"batch":[1,[[0,0,5]]]}', Buffer.from('x'), Buffer.from('y')]],
] as const) {
  prove(
    '4.5',
    'A binary frame that no packet announced, or another text frame where a binary one was announced, is refused with ' +
      '`malformed`.',
    async () => {
      const socket = await new Client().socket()
      for (const frame of frames) socket.sendRaw(frame)
      await expectClosed(socket, 'malformed')
    },
    { with: what },
  )
}

const NO_FRAME_HERE =
  'An entry that announces a frame is refused with `malformed` where no frame can follow: in an exchange, in the ' +
  'first frame of a WebSocket, and before the end of a list.'

const ANNOUNCING = [
  { batch: [1, [[0, 0, 5]]] },
  { volatile: [[0, 0, 5]] },
  { batch: [1, [[0, 0, 13, 0, 200]]] },
]

prove(
  '4.5',
  NO_FRAME_HERE,
  async () => {
    const client = await newSession()
    for (const fields of ANNOUNCING) {
      for (const packets of [
        [{ attach: client.attach(), ...fields }],
        [{ attach: client.attach() }, fields],
      ]) {
        const { status, packet } = await client.lines(packets)
        expect([status, packet.end?.[0]]).toEqual([400, 'malformed'])
      }
    }
    expectAck((await client.exchange()).packet, 0, 0, 0)
  },
  { with: 'exchange' },
)

prove(
  '4.5',
  NO_FRAME_HERE,
  async () => {
    const client = await newSession()
    for (const fields of ANNOUNCING) await expectClosed(await client.attaching(fields), 'malformed')
    expectAck((await client.exchange()).packet, 0, 0, 0)
  },
  { with: 'first frame' },
)

for (const [what, fields] of [
  ['before the end', { batch: [1, [[0, 0, 5], ['x']]] }],
  ['in both lists', { batch: [1, [[0, 0, 5]]], volatile: [['x']] }],
  ['twice', { batch: [1, [[0, 0, 5]]], volatile: [[0, 0, 5]] }],
  ['without binary', { batch: [1, [['x', 0, 4]]] }],
] as const) {
  prove(
    '4.5',
    NO_FRAME_HERE,
    async () => {
      const socket = await (await newSession()).socket()
      socket.send(fields)
      await expectClosed(socket, 'malformed')
    },
    { with: what },
  )
}
