/** WebSockets that break the rules get a clear end, crash nothing, and harm nobody else. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { batch, openSocket, type Socket } from './client.ts'
import { BODIES, setupWatched } from './harm.ts'
import { raw, rest } from './wire.ts'

describe('a WebSocket', () => {
  const FIRST: readonly (readonly [
    name: string,
    frame: string | Uint8Array,
    code: number,
    reason: string,
  ])[] = [
    ...BODIES.filter(([, body]) => typeof body === 'string' && body.length < 1_000).map(
      ([name, body, type = 'malformed']) => [name, body, 4_400, type] as const,
    ),
    ['bytes', new Uint8Array([1]), 4_400, 'malformed'],
    ['a packet without attach', '{"batch":[1,[["hi"]]]}', 4_400, 'malformed'],
  ]

  test.each(FIRST)('whose first frame is %s is refused', async (_, frame, code, reason) => {
    const { url, unharmed } = await setupWatched()
    const socket = await openSocket(url)
    socket.send(frame)
    expect((await socket.end())[0]).toBe(reason)
    expect(await socket.closed).toEqual([code, reason])
    await unharmed()
  })

  const LATER: readonly (readonly [name: string, (socket: Socket) => void, code: number])[] = [
    ['no JSON', (socket) => socket.send('hello'), 4_400],
    ['a list', (socket) => socket.send('[]'), 4_400],
    ['bytes that nobody announced', (socket) => socket.send(new Uint8Array([1])), 4_400],
    [
      'a text where bytes were announced',
      (socket) => {
        socket.send({ batch: [1, [[0, 0, 5]]] })
        socket.send({ ack: [0, ''] })
      },
      4_400,
    ],
    [
      'a message that is too large',
      (socket) => socket.send({ batch: batch(1, 'x'.repeat(1_001)) }),
      4_413,
    ],
    [
      'bytes that are too many',
      (socket) => {
        socket.send({ batch: [1, [[0, 0, 5]]] })
        socket.send(new Uint8Array(1_001))
      },
      4_413,
    ],
    ['more than any packet', (socket) => socket.send('x'.repeat(126_001)), 1_009],
  ]

  test.each(LATER)(
    'a WebSocket that sends %s is closed, and later frames are ignored',
    async (_, act, code) => {
      const { hub, client, unharmed } = await setupWatched({ maxMessage: 1_000 })
      const seen: unknown[] = []
      hub.onMessage((data) => seen.push(data))
      const alice = client()
      const socket = await alice.socket()
      act(socket)
      socket.send({ batch: batch(1, 'behind it'), volatile: [['behind it']] })
      expect((await socket.closed)[0]).toBe(code)
      expect(seen).toEqual([])
      expect((await alice.exchange()).status).toBe(200)
      await unharmed()
    },
  )

  test('a WebSocket that sends invalid UTF-8 is closed with 1007, one that breaks the framing with 1002', async () => {
    const { url, unharmed } = await setupWatched()
    for (const [frame, code] of [
      [[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28], 1_007],
      [[0x83, 0x80, 0, 0, 0, 0], 1_002],
      [[0x81, 0x02, 0x7b, 0x7d], 1_002],
    ] as const) {
      const socket = await raw(url)
      socket.write(
        'GET /rungs HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      )
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(String(answer)).toContain('101')
      socket.write(Uint8Array.from(frame))
      const [closed] = (await once(socket, 'data')) as [Buffer]
      expect([closed[0], closed.readUInt16BE(2)]).toEqual([0x88, code])
      socket.destroy()
    }
    await unharmed()
  })

  test.each([
    ['without a key', 'Sec-WebSocket-Version: 13', 400],
    [
      'of another version',
      'Sec-WebSocket-Version: 7\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      400,
    ],
  ])('%s is refused by its handshake', async (_, headers, status) => {
    const { url, unharmed } = await setupWatched()
    const socket = await raw(url)
    socket.write(
      `GET /rungs HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n\r\n`,
    )
    expect(await rest(socket)).toContain(`HTTP/1.1 ${status}`)
    await unharmed()
  })

  test('of a foreign path is answered 404, and a connection that is reset does not end the process', async () => {
    const { url, unharmed } = await setupWatched()
    const upgrade =
      'GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const polite = await raw(url)
    polite.write(upgrade)
    expect(await rest(polite)).toContain('HTTP/1.1 404')
    for (let i = 0; i < 20; i++) {
      const rude = await raw(url)
      rude.write(upgrade)
      rude.resetAndDestroy()
    }
    await unharmed()
  })
})
