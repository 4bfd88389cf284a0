/** Cut, refuse and silence. */
import { once } from 'node:events'
import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { ask, fetchText, keepAlive, openWebSocket, setUp, timed } from './fixture.ts'

test('cut: clients see a reset, the server a close', async () => {
  const { proxy, server } = await setUp()
  const { opened, closed } = openWebSocket(proxy)
  await opened
  const accepted = await server.sockets.next()
  const gone = new Promise((resolve) => accepted.on('close', resolve))
  const idle = net.connect(proxy.port, '127.0.0.1')
  const reset = once(idle, 'error')
  while (proxy.stats.connections.open < 2) await fetchText(server.origin)
  expect(proxy.cut()).toBe(2)
  expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' })
  expect(await closed).toBe(1006)
  expect(await gone).toBe(1006)
})

test('cut of a kind leaves the others alone', async () => {
  const { proxy, server } = await setUp()
  const { socket, opened, messages } = openWebSocket(proxy)
  await opened
  const stream = await ask(`${proxy.url}/stream`)
  await server.open.next()
  const request = fetchText(`${proxy.url}/hang`)
  request.catch(() => {}) // Awaited below.
  await server.open.next()
  expect(proxy.stats.live).toEqual({ websocket: 1, stream: 1, request: 1 })

  expect(proxy.cut('stream')).toBe(1)
  await expect(stream.whole).rejects.toThrow('aborted')
  expect(proxy.cut('request')).toBe(1)
  await expect(request).rejects.toThrow('ECONNRESET')
  socket.send('still here')
  expect(await messages.next()).toBe('still here')
  expect(proxy.cut('websocket')).toBe(1)
})

test('refuse: new connections are refused, old ones work, then new ones too', async () => {
  const { proxy } = await setUp()
  const agent = keepAlive()
  await fetchText(proxy.url, { agent })
  proxy.refuse(100)
  await expect(fetchText(proxy.url)).rejects.toThrow('ECONNREFUSED')
  expect(await fetchText(proxy.url, { agent })).toBe('answer 2')
  const again = async (): Promise<string> => fetchText(proxy.url).catch(again)
  expect(await timed(again)).toBeLessThan(5000)
})

test('refuse: ended early, and by clear', async () => {
  const { proxy } = await setUp()
  const end = proxy.refuse()
  end()
  expect(await fetchText(proxy.url)).toBe('answer 1')
  proxy.refuse()
  proxy.clear()
  expect(await fetchText(proxy.url)).toBe('answer 2')
})

test('silence: nothing passes, nothing closes, then everything arrives', async () => {
  const { proxy, server } = await setUp()
  const { socket, opened, messages } = openWebSocket(proxy)
  await opened
  const accepted = await server.sockets.next()
  const end = proxy.silence()
  const fresh = fetchText(proxy.url)
  socket.send('up')
  accepted.send('down')
  await fetchText(`${server.origin}/direct`)
  expect([messages.all, server.seen.all.map(({ url }) => url)]).toEqual([[], ['/direct']])
  end()
  expect([await messages.next(), await messages.next()].sort()).toEqual(['down', 'up'])
  expect(await fresh).toBe('answer 2')
})

test('silence: ends by itself', async () => {
  const { proxy } = await setUp()
  proxy.silence({ ms: 80 })
  expect(await timed(() => fetchText(proxy.url))).toBeGreaterThanOrEqual(75)
})

test('silence one way: the server hears the client, the client not the server', async () => {
  const { proxy, server } = await setUp()
  const { socket, opened, messages } = openWebSocket(proxy)
  await opened
  const accepted = await server.sockets.next()
  const heard = new Promise((resolve) => accepted.on('message', (data) => resolve(String(data))))
  proxy.silence({ direction: 'down' })
  socket.send('up')
  expect(await heard).toBe('up')
  proxy.clear()
  expect(await messages.next()).toBe('up')
})

test('silence: a client that goes away is noticed by the server only afterwards', async () => {
  const { proxy, server } = await setUp()
  const { socket, opened, closed } = openWebSocket(proxy)
  await opened
  const accepted = await server.sockets.next()
  let gone = false
  const closing = new Promise<void>((resolve) =>
    accepted.on('close', () => resolve(void (gone = true))),
  )
  const end = proxy.silence({ direction: 'up' })
  socket.terminate()
  await closed
  await fetchText(server.origin)
  expect(gone).toBe(false)
  end()
  await closing
})

test('silence of existing connections that loses: they are dead for ever without a sign, new ones work', async () => {
  const { proxy, server } = await setUp()
  const dead = openWebSocket(proxy)
  await dead.opened
  const accepted = await server.sockets.next()
  const end = proxy.silence({ existing: true, lost: true })
  dead.socket.send('lost')
  accepted.send('lost')

  const fresh = openWebSocket(proxy)
  await fresh.opened
  fresh.socket.send('works')
  expect(await fresh.messages.next()).toBe('works')

  end()
  dead.socket.send('lost, too')
  fresh.socket.send('works still')
  expect(await fresh.messages.next()).toBe('works still')
  expect(dead.messages.all).toEqual([])
  expect([dead.socket.readyState, accepted.readyState]).toEqual([1, 1])

  dead.socket.terminate()
  await dead.closed
  fresh.socket.send('and still')
  expect(await fresh.messages.next()).toBe('and still')
  expect(accepted.readyState, 'the server does not learn that the client has gone').toBe(1)
})

test('silence that loses new connections, too', async () => {
  const { proxy, server } = await setUp()
  const end = proxy.silence({ lost: true })
  const socket = net.connect(proxy.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('data', () => expect.unreachable('nothing must come back'))
  socket.write('GET /lost HTTP/1.1\r\nHost: a\r\n\r\n')
  while (proxy.stats.bytes.up === 0) await fetchText(server.origin)
  end()
  await fetchText(proxy.url)
  expect(server.seen.all.map(({ url }) => url)).not.toContain('/lost')
})
