/** Before it is known who speaks, little is kept, however it comes. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { openSocket } from './client.ts'
import { Door, List } from './list.ts'
import { heapUsed } from './memory.ts'
import { startSite } from './site.ts'
import { raw, rest } from './wire.ts'

const KB = 1_024

test('a first packet that comes in chunks of a byte is served', async () => {
  const { url, client } = await startSite()
  const text = client().body({ answer: 'now' })
  const chunks = [...text].map((byte) => `1\r\n${byte}\r\n`).join('')
  const socket = await raw(url)
  socket.write(
    `POST /rungs HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
  )
  expect(await rest(socket)).toMatch(/200 OK[^]+"hello"/)
})

test('messages of a client who is being authenticated are kept as text', async () => {
  const door = new Door()
  let waiting = 0
  let allHere = (): void => {}
  const { client, hub } = await startSite({
    authenticate: async () => {
      if (++waiting === 100) allHere()
      await door.opened
      return ''
    },
  })
  const seen = new List<unknown>()
  hub.onMessage((data) => seen.push(data))
  const here = new Promise<void>((resolve) => (allHere = resolve))
  const objects = Array.from({ length: 4_000 }, () => ({}))
  const before = await heapUsed()
  const answers = Array.from({ length: 100 }, () => client().exchange({ batch: [1, [[objects]]] }))
  await here
  expect((await heapUsed()) - before).toBeLessThan(100 * 100 * KB)
  door.open()
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(
    Array.from({ length: 100 }, () => 200),
  )
  expect((await seen.count(100))[0]).toEqual(objects)
})

/** A plain connection that has become a WebSocket. */
async function rawWebSocket(url: string): Promise<Socket> {
  const socket = await raw(url)
  socket.write(
    'GET /rungs HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  await once(socket, 'data')
  return socket
}

/** A frame of a client with a short payload (RFC 6455, 5.2). Its mask changes nothing. */
const frame = (first: number, payload: string): Buffer =>
  Buffer.concat([Buffer.from([first, 0x80 + payload.length, 0, 0, 0, 0]), Buffer.from(payload)])

test('a message that comes in fragments of a byte closes its connection', async () => {
  const { url } = await startSite()
  const socket = await rawWebSocket(url)
  const begin = frame(0x01, '{')
  const fragment = frame(0x00, ' ')
  socket.write(Buffer.concat([begin, ...Array.from({ length: 1_249 }, () => fragment)]))
  const silent = await Promise.race([
    once(socket, 'data'),
    new Promise((resolve) => setTimeout(() => resolve('silent'), 100)),
  ])
  expect(silent).toBe('silent')
  const answered = once(socket, 'data')
  socket.write(fragment)
  const [answer] = (await answered) as [Buffer]
  // A close frame with the status 1008 (RFC 6455, 7.4.1).
  expect([...answer.subarray(0, 4)]).toEqual([0x88, 2, ...[1_008 >> 8, 1_008 & 0xff]])
})

test('frames of a WebSocket that is being authenticated are kept as bytes', async () => {
  const door = new Door()
  const { url, client, hub } = await startSite({ authenticate: () => door.opened.then(() => '') })
  const seen = new List<unknown>()
  hub.onMessage((data) => seen.push(data))
  const count = 20
  const sockets = await Promise.all(Array.from({ length: count }, () => openSocket(url)))
  const before = await heapUsed()
  for (const socket of sockets) {
    socket.send(client().body())
    for (let i = 0; i < 5_000; i++) socket.send('{}')
    socket.send({ volatile: [['last']] })
  }
  // Frames after the first wait in the network, and the rest with its sender.
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect((await heapUsed()) - before).toBeLessThan(count * 400 * KB)
  door.open()
  expect(await seen.count(count)).toEqual(Array.from({ length: count }, () => 'last'))
})

test('polls that are parked keep nothing of their bodies', async () => {
  const { client } = await startSite()
  const parked = 100
  const before = await heapUsed()
  const clients = Array.from({ length: parked }, () => client())
  await Promise.all(clients.map((each) => each.exchange()))
  const meta = { fill: 'x'.repeat(3_900) }
  const unknown = 'y'.repeat(10_000)
  for (const each of clients)
    void each.exchange({ answer: 'wait', unknown }, { meta }).catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect((await heapUsed()) - before).toBeLessThan(parked * 40 * KB)
})

test('small arrays and objects count as much as they take', async () => {
  const { hub, client } = await startSite({ window: 100_000 })
  const door = new Door()
  hub.onMessage(() => door.opened)
  const socket = await client().socket()
  const value = Array.from({ length: 1_000 }, () => ({}))
  for (let number = 1; number <= 20; number++) socket.send({ batch: [number, [[value]]] })
  // 20 packets of 3 KB would have been received, and taken 1.3 MB.
  const { ack } = await socket.packets.find(({ gap }) => gap !== undefined)
  expect(ack![0]).toBeLessThan(10)
  door.open()
})

test('the rest of a refused body is not read on byte by byte', async () => {
  const { url, server } = await startSite()
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  const socket = await raw(url)
  socket.resume()
  socket.write('POST /rungs HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  const chunks = '1\r\nx\r\n'.repeat(10_000)
  while (!socket.destroyed) {
    socket.write(chunks)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(sockets[0]!.bytesRead).toBeLessThan(1e6)
})
