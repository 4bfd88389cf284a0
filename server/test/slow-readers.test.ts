/** A client that does not read its messages costs little, and not for long. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket as NetSocket } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { batch } from './client.ts'
import { List, until } from './list.ts'
import { startSite, type Site, type SiteOptions } from './site.ts'
import { raw } from './wire.ts'

/** More than the kernel keeps for two ends of a connection. */
const LARGE = 20_000_000

/** A site with the server's ends of its connections. */
async function startWatched(
  options: SiteOptions = {},
): Promise<Site & { sockets: List<NetSocket> }> {
  const site = await startSite({
    maxMessage: LARGE,
    maxBatch: LARGE,
    maxBufferedBytes: LARGE,
    ...options,
  })
  const sockets = new List<NetSocket>()
  site.server.on('connection', (socket: NetSocket) => sockets.push(socket))
  return { ...site, sockets }
}

const postOf = (body: string): string =>
  `POST /rungs HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`

test('an answer that its client does not read is destroyed after a heartbeat, and loses no message', async () => {
  const { hub, url, client, sockets } = await startWatched({ heartbeat: 1_000 })
  const alice = client()
  await alice.exchange()
  await hub.broadcast('x'.repeat(LARGE / 2))
  await hub.broadcast('y')
  const deaf = (await raw(url)).pause()
  deaf.write(postOf(alice.body({ answer: 'now' })))
  const [, server] = await sockets.count(2)
  await until(() => server!.writableLength > 0)
  await once(server!, 'close')
  const { packet } = await alice.exchange({ answer: 'now' })
  expect((packet.batch![1][0]![0] as string).length).toBe(LARGE / 2)
})

test('a stream that its client does not read is destroyed after its session has ended', async () => {
  const { hub, url, client, sockets } = await startWatched({ heartbeat: 1_000 })
  const alice = client()
  const ticket = await alice.ticket('sse')
  const deaf = (await raw(url)).pause()
  deaf.write(`GET /rungs/sse?ticket=${ticket} HTTP/1.1\r\nHost: x\r\n\r\n`)
  const [, server] = await sockets.count(2)
  await until(() => server!.bytesWritten > 0)
  await hub.broadcast('x'.repeat(LARGE - 1))
  await until(() => server!.writableLength > 0)
  await alice.exchange({ bye: [0] })
  expect(server!.destroyed).toBe(false)
  await once(server!, 'close')
})

test('a connection that is kept alive keeps the timeout of its server', async () => {
  const { url, client, server, sockets } = await startWatched({ heartbeat: 50 })
  server.keepAliveTimeout = 0
  server.timeout = 60_000
  const socket = await raw(url)
  socket.write(postOf(client().body()))
  await once(socket, 'data')
  const [own] = await sockets.count(1)
  await until(() => own!.timeout !== 50)
  expect(own!.timeout).toBe(60_000)
  socket.destroy()
})

test('pings of a client that reads no pongs are not answered', async () => {
  const { url, client, server } = await startSite()
  const sockets = new List<NetSocket>()
  server.on('upgrade', (_: IncomingMessage, socket: NetSocket) => sockets.push(socket))
  const socket = new WebSocket(url.replace('http', 'ws'))
  await once(socket, 'open')
  socket.send(client().body())
  socket.ping('are you there')
  expect(String((await once(socket, 'pong'))[0])).toBe('are you there')
  socket.pause()
  const [own] = await sockets.count(1)
  const payload = Buffer.alloc(125)
  // More pongs than the kernel keeps.
  for (let i = 0; i < LARGE / 125; i++) socket.ping(payload)
  const read = own!.bytesRead
  await until(() => own!.bytesRead >= read + LARGE)
  expect(own!.writableLength).toBeLessThan(1_000_000)
  socket.terminate()
})

test('messages of a client that does not read are handled all the same', async () => {
  const { hub, client } = await startSite()
  const seen = new List<unknown>()
  hub.onMessage((data, session) => {
    seen.push(data)
    return session.send('x'.repeat(100_000))
  })
  const socket = await client().socket()
  socket.pause()
  for (let i = 1; i <= 60; i++) socket.send({ batch: batch(i, i) })
  await seen.count(60)
  socket.resume()
  await socket.messages(60)
  expect(socket.entries.map(([number]) => number)).toEqual(seen.items)
})
