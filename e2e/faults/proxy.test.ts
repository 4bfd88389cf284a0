/** The proxy without faults, and modes that concern every connection. */
import http from 'node:http'
import { expect, test } from 'vitest'
import { ask, fetchText, openWebSocket, setUp } from './fixture.ts'

test('no mode: requests, streams and WebSockets pass', async () => {
  const { proxy, server } = await setUp()
  expect(await fetchText(`${proxy.url}/a?b=c`)).toBe('answer 1')
  expect(await fetchText(`${proxy.url}/post`, { body: 'hello' })).toBe('answer 2')
  expect(server.seen.all.map(({ method, url, body }) => `${method} ${url} ${body}`)).toEqual([
    'GET /a?b=c ',
    'POST /post hello',
  ])

  const stream = await ask(`${proxy.url}/stream`)
  const source = await server.open.next()
  source.write('data: 1\n\n')
  await stream.has('data: 1')
  source.end('data: 2\n\n')
  expect(await stream.whole).toBe('data: 1\n\ndata: 2\n\n')

  const { socket, opened, messages, closed } = openWebSocket(proxy)
  await opened
  socket.send('echo')
  expect(await messages.next()).toBe('echo')
  socket.close(4000)
  expect(await closed).toBe(4000)
})

test('Host, Origin and doubled headers pass unchanged; headers of the connection do not', async () => {
  const { proxy, server } = await setUp()
  const headers = { origin: 'http://page', 'x-twice': ['1', '2'], connection: 'close' }
  const { response } = await ask(`${proxy.url}/`, { headers })
  const { headers: seen } = await server.seen.next()
  expect(seen).toMatchObject({
    host: `127.0.0.1:${proxy.port}`,
    origin: 'http://page',
    'x-twice': '1, 2',
  })
  expect(seen.connection).toBe('keep-alive')
  expect(response.headers['content-length']).toBe('8')
})

test('megabytes pass both ways in order', async () => {
  const { proxy, server } = await setUp({ delay: { up: 1, down: 1 }, jitter: 3 })
  const body = Array.from({ length: 500_000 }, (_, i) => i).join(' ')
  expect(await fetchText(`${proxy.url}/`, { body })).toBe('answer 1')
  expect(server.seen.all[0]?.body === body).toBe(true)
  expect((await fetchText(`${proxy.url}/bytes?8000000`)).length).toBe(8_000_000)
  expect(proxy.stats.bytes.up).toBeGreaterThan(body.length)
  expect(proxy.stats.bytes.down).toBeGreaterThan(8_000_000)
})

test('starve-connections: requests beyond the limit queue until one ends', async () => {
  const { proxy, server, struck } = await setUp({ 'starve-connections': 2 })
  const streams = [await ask(`${proxy.url}/stream`), await ask(`${proxy.url}/stream`)]
  const source = await server.open.next()
  const { opened } = openWebSocket(proxy)
  await struck('starve-connections')
  expect(server.sockets.all).toEqual([])
  source.end()
  await streams[0]?.whole
  await opened

  const late = fetchText(proxy.url)
  await struck('starve-connections')
  proxy.clear()
  expect(await late).toBe('answer 1')
})

test('starve-connections: who gives up frees the place in the queue', async () => {
  const { proxy, server, struck } = await setUp({ 'starve-connections': 1 })
  await ask(`${proxy.url}/stream`)
  const source = await server.open.next()
  const impatient = http.get(`${proxy.url}/never`, { agent: false }).on('error', () => {}) // By destroy, below.
  await struck('starve-connections')
  impatient.destroy()
  const patient = fetchText(`${proxy.url}/patient`)
  await struck('starve-connections')
  source.end()
  await patient
  expect(server.seen.all.map(({ url }) => url)).toEqual(['/stream', '/patient'])
})

test('rewrite-host: the server sees its own address', async () => {
  const { proxy, server } = await setUp({ 'rewrite-host': true })
  await fetchText(proxy.url)
  expect((await server.seen.next()).headers.host).toBe(server.origin.slice('http://'.length))
})

test('a server that is not there is answered for with 502, one that breaks off breaks off', async () => {
  const { proxy, server } = await setUp({}, { upstream: 'http://127.0.0.1:1' })
  expect((await ask(proxy.url)).response.statusCode).toBe(502)
  await expect(openWebSocket(proxy).opened).rejects.toThrow('502')

  const good = await setUp()
  const answer = ask(`${good.proxy.url}/hang`)
  ;(await good.server.open.next()).destroy()
  await expect(answer).rejects.toThrow('socket hang up')
  expect(server.seen.all).toEqual([])
})

test('a client that gives up is given up on by the proxy', async () => {
  const { proxy, server } = await setUp()
  const request = http.get(`${proxy.url}/hang`, { agent: false }).on('error', () => {}) // By destroy, below.
  const response = await server.open.next()
  const closed = new Promise((resolve) => response.on('close', resolve))
  request.destroy()
  await closed
  expect(proxy.stats.live.request).toBe(0)
})

test('stats count connections, requests by kind, and bytes', async () => {
  const { proxy, server } = await setUp()
  await fetchText(proxy.url)
  const stream = await ask(`${proxy.url}/stream`)
  ;(await server.open.next()).end()
  await stream.whole
  const { opened } = openWebSocket(proxy)
  await opened
  expect(proxy.stats).toMatchObject({
    connections: { total: 3 },
    requests: { websocket: 1, stream: 1, request: 1 },
    live: { websocket: 1, stream: 0, request: 0 },
  })
})

test('what clients have closed is forgotten', async () => {
  const { proxy, server } = await setUp()
  for (let i = 0; i < 20; i++) await fetchText(proxy.url, { body: 'x' })
  const { socket, opened, closed } = openWebSocket(proxy)
  await opened
  socket.close()
  await closed
  while (proxy.stats.connections.open > 0) await fetchText(server.origin)
  expect(proxy.stats.live).toEqual({ websocket: 0, stream: 0, request: 0 })
  expect(proxy.cut()).toBe(0)
})

test('close: all connections end, the port is free', async () => {
  const { proxy } = await setUp({ delay: 10 })
  const { opened, closed } = openWebSocket(proxy)
  await opened
  await proxy.close()
  expect(await closed).toBe(1006)
  await expect(fetchText(proxy.url)).rejects.toThrow('ECONNREFUSED')
})
