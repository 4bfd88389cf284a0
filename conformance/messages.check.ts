/** What a message may be, how large, without a number, and for whom. */
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { Client, batch, newSession, openSocket } from './client.ts'
import { expectRefused, prove } from './prove.ts'
import { post, type Entry } from './wire.ts'

const UNCHANGED =
  'A message comes out as it went in, on every carrier: a text as the same text, bytes as the same bytes.'

const texts = [
  '',
  ' ',
  'äöü €',
  '🙂',
  '\u0000\u001f"\\/',
  '\r\n',
  '\u2028\u2029',
  '</script>',
  '\ufeffbom',
  '\ufffd',
]
const values = [0, -1.5, 1e300, true, false, null, [], {}, [[]], { a: { b: [1, 'c'] } }, { '': '' }]
const bytes = [Buffer.alloc(0), Buffer.from([0]), Buffer.from([255, 254]), randomBytes(1_000)]

for (const carrier of ['exchange', 'WebSocket', 'SSE'] as const) {
  prove(
    '4.4',
    UNCHANGED,
    async () => {
      const client = await newSession()
      const sent: Entry[] = [
        ...[...texts, ...values].map((data): Entry => [data]),
        ...bytes.map((data): Entry => [data.toString('base64'), 0, 1]),
        ['end'],
      ]
      const open = {
        exchange: undefined,
        WebSocket: () => client.socket(),
        SSE: () => client.stream('sse'),
      }
      const stream = await open[carrier]?.()
      const got: Entry[] = []
      const { status } = await client.exchange({ batch: [1, sent] })
      expect(status).toBe(200)
      if (stream) {
        await stream.feed.untilData('end')
        const frames = 'frames' in stream ? stream.frames.slice() : []
        for (const [, data, peer, kind = 0] of stream.feed.entries) {
          got.push(kind & 4 ? [frames.shift()!.toString('base64'), peer, 1] : [data, peer, kind])
        }
      } else {
        const { packet } = await client.exchange({ answer: 'now' })
        got.push(...packet.batch![1])
      }
      const plain = ([data, peer = 0, kind = 0]: Entry): Entry => [data, peer, kind]
      expect(got.map(plain)).toEqual(sent.map(plain))
    },
    { with: carrier },
  )
}

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
    const { packet } = await client.exchange({ answer: 'now' })
    expect(packet.batch![1]).toEqual(bytes.map((each) => [each.toString('base64'), 0, 1]))
  },
)

const TOO_LARGE = 'A message larger than `maxMessage` is refused with `too-large`.'

for (const [what, message] of [
  ['text', (size: number) => ['x'.repeat(size)]],
  ['two-byte characters', (size: number) => ['é'.repeat(size / 2) + 'x'.repeat(size % 2)]],
  ['escaped', (size: number) => ['\u0001'.repeat(size)]],
  ['JSON', (size: number) => [['x'.repeat(size - 4)]]],
  ['base64', (size: number) => [Buffer.alloc(size).toString('base64'), 0, 1]],
] as const) {
  prove(
    '5',
    TOO_LARGE,
    async () => {
      const client = new Client()
      const { maxMessage } = (await client.exchange()).packet.hello!
      const refused = await client.exchange({ batch: [1, [['small'], message(maxMessage + 1)]] })
      expectRefused(refused, 'too-large')
      expectRefused(await client.exchange({ volatile: [message(maxMessage + 1)] }), 'too-large')
      const { packet } = await client.exchange({ batch: [1, [message(maxMessage)]] })
      expect(packet.ack!.slice(1)).toEqual([1, 1, 1])
    },
    { with: what },
  )
}

prove(
  '6.7',
  'Volatile messages have no number; nobody keeps them, acknowledges them or sends them again.',
  async () => {
    const client = await newSession()
    await client.send(1, 'volatile')
    // Nobody was there to hear it.
    const { packet } = await client.exchange({ answer: 'now' })
    expect(packet.ack!.slice(1)).toEqual([1, 1, 0])
    expect([packet.batch, packet.volatile]).toEqual([undefined, undefined])
    const socket = await client.socket({ volatile: [['up']] })
    await socket.feed.untilData('up')
    expect(socket.feed.packets.at(-1)!.ack?.slice(1, 3) ?? [1, 1]).toEqual([1, 1])
    expect(socket.feed.packets.some(({ volatile }) => volatile !== undefined)).toBe(false)
  },
)

prove(
  '6.7',
  'Up, they are handled in turn with the other messages of their carrier, after those of the same packet.',
  async () => {
    const socket = await new Client().socket()
    socket.send({ volatile: [['a'], ['b']] })
    socket.send({ batch: batch(1, 'slow', 'c'), volatile: [['d']] })
    socket.send({ batch: batch(3, 'e') })
    expect(await socket.feed.untilData('e')).toEqual(['a', 'b', 'slow', 'c', 'd', 'e'])
  },
)

prove('6.7', 'Down, they go over the reader with the highest `t`.', async () => {
  const client = await newSession()
  const high = await client.socket({}, { t: 20 })
  const low = await client.stream('sse')
  await client.exchange({ batch: batch(1, 'volatile', 'mark') }, { t: 21 })
  await Promise.all([high.feed.untilData('mark'), low.feed.untilData('mark')])
  expect(await high.feed.field('volatile')).toEqual([['volatile']])
  expect(low.feed.packets.some(({ volatile }) => volatile !== undefined)).toBe(false)
})

/** A session of a user with a name of its own. */
async function userSession(prefix: string): Promise<{ client: Client; user: string; id: string }> {
  const client = new Client()
  const user = `${prefix}-${randomBytes(6).toString('hex')}`
  client.token = `user:${user}`
  const { packet } = await client.exchange()
  return { client, user, id: packet.hello!.id }
}

prove(
  '6.8',
  "If so, the message goes into the log down of every session of these users, with the id of the sender's session as " +
    '`peer`.',
  async () => {
    const [from, friend, other] = [
      await userSession('sender'),
      await userSession('friend'),
      await userSession('friend'),
    ]
    const second = new Client()
    second.token = friend.client.token
    const socket = await second.socket()
    const { packet } = await from.client.exchange({
      batch: [
        1,
        [
          ['psst', [friend.user]],
          ['AQID', [friend.user], 1],
          ['end', [friend.user]],
        ],
      ],
      answer: 'now',
    })
    expect(packet.ack!.slice(1)).toEqual([3, 3, 0])
    const got = await friend.client.exchange({ answer: 'now' })
    expect(got.packet.batch![1]).toEqual([
      ['psst', from.id],
      ['AQID', from.id, 1],
      ['end', from.id],
    ])
    expect((await socket.feed.untilData('end')).length).toBe(3)
    expect(socket.feed.entries[0]).toEqual([1, 'psst', from.id])
    expect((await other.client.exchange({ answer: 'now' })).packet.ack![3]).toBe(0)
  },
)

prove('6.8', 'A volatile message goes to them as 6.7 says, and is in no log.', async () => {
  const [from, friend] = [await userSession('sender'), await userSession('friend')]
  const socket = await friend.client.socket()
  const away = await userSession('friend')
  const { packet } = await from.client.exchange({
    volatile: [
      ['here', [friend.user]],
      ['nobody there', [away.user]],
    ],
    batch: [1, [['end', [friend.user]]]],
  })
  expect(packet.ack!.slice(1)).toEqual([1, 1, 0])
  const volatile = await socket.feed.until(
    'the volatile message',
    () => socket.feed.packets.find((each) => each.volatile)?.volatile,
  )
  expect(volatile).toEqual([['here', from.id]])
  const got = await away.client.exchange({ answer: 'now' })
  expect(got.packet.ack![3]).toBe(0)
})

prove(
  '6.8',
  "If not, it comes back in the sender's own log down, with its recipients as `peer` and kind 2.",
  async () => {
    const stranger = await userSession('stranger')
    const { client } = await userSession('sender')
    const to = [stranger.user, 'nobody']
    const { packet } = await client.exchange({
      batch: [
        1,
        [
          [{ psst: 1 }, to],
          ['AQID', to, 1],
        ],
      ],
      answer: 'now',
    })
    expect(packet.batch).toEqual([
      1,
      [
        [{ psst: 1 }, to, 2],
        ['AQID', to, 3],
      ],
    ])
    const socket = await client.socket({ ack: [1, ''] })
    const [, , peer, kind] = await socket.feed.until('the bytes', () => socket.feed.entries[0])
    expect([peer, kind! & 3]).toEqual([to, 3])
    const got = await stranger.client.exchange({ answer: 'now' })
    expect(got.packet.batch).toBeUndefined()
  },
)

prove('6.8', 'Either way it is accepted like any other message.', async () => {
  const { client } = await userSession('sender')
  const { packet } = await client.exchange({
    batch: [
      1,
      [
        ['a', ['friend']],
        ['b', ['foe']],
      ],
    ],
  })
  expect(packet.ack!.slice(1)).toEqual([2, 2, 1])
})

const DEEP =
  'It then refuses the message with `malformed`, or ends its session; other sessions MUST NOT suffer.'

for (const [what, levels] of [
  ['20,000 levels', 20_000],
  ['more than the largest message', 120_000],
] as const) {
  prove(
    '5',
    DEEP,
    async () => {
      const other = await newSession()
      const client = new Client()
      const { maxMessage } = (await client.exchange()).packet.hello!
      const depth = Math.min(levels, Math.floor(2.5 * maxMessage))
      const deep = '['.repeat(depth) + ']'.repeat(depth)
      const attach = JSON.stringify(client.attach())
      const { status, packet } = await post(`{"attach":${attach},"batch":[1,[[${deep}]]]}`)
      expect([200, 400, 410, 413]).toContain(status)
      expect(packet).not.toEqual({})
      const socket = await openSocket()
      socket.send({ attach: new Client().attach() })
      await socket.feed.field('ready')
      socket.sendRaw(`{"batch":[1,[[${deep}],["after"]]]}`)
      socket.send({ batch: batch(3, 'mark') })
      await Promise.race([socket.closed, socket.feed.untilData('mark').catch(() => {})])
      expect((await other.send(1, 'fine')).packet.ack!.slice(1)).toEqual([1, 1, 1])
    },
    { with: what },
  )
}
