import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { ask, fetchText, openWebSocket, setUp } from './fixture.ts'
import { manualClock } from './manual-clock.ts'

test('never-answer-websocket: the upgrade stays unanswered, other requests work', async () => {
  const { proxy, server, struck } = await setUp({ 'never-answer-websocket': true })
  const { socket, closed } = openWebSocket(proxy)
  await struck('never-answer-websocket')
  await fetchText(proxy.url)
  expect([socket.readyState, server.sockets.all.length]).toEqual([0, 0])
  expect(proxy.cut('websocket')).toBe(1)
  await closed
})

test('never-answer-websocket: a client that gives up is let go', async () => {
  const { proxy, struck } = await setUp({ 'never-answer-websocket': true })
  const { socket, closed } = openWebSocket(proxy)
  await struck('never-answer-websocket')
  socket.terminate()
  await closed
  while (proxy.stats.live.websocket > 0) await fetchText(proxy.url)
  expect(proxy.stats.requests.websocket).toBe(1)
})

for (const status of [400, 403, 502])
  test(`reject-websocket: the upgrade is answered ${status}`, async () => {
    const { proxy, server } = await setUp({ 'reject-websocket': status })
    await expect(openWebSocket(proxy).opened).rejects.toThrow(
      `Unexpected server response: ${status}`,
    )
    expect(server.sockets.all).toEqual([])
  })

test('strip-websocket: the server sees a plain GET, the client its answer', async () => {
  const { proxy, server } = await setUp({ 'strip-websocket': true })
  await expect(openWebSocket(proxy).opened).rejects.toThrow('Unexpected server response: 200')
  const { method, url, headers } = await server.seen.next()
  expect([method, url, headers.upgrade, headers.connection]).toEqual([
    'GET',
    '/ws',
    undefined,
    'keep-alive',
  ])
  expect(headers['sec-websocket-version']).toBe('13')
})

test('mute-websocket: opens, then nothing is forwarded either way, the end neither', async () => {
  const { proxy, server } = await setUp({ 'mute-websocket': true })
  const { socket, opened, messages } = openWebSocket(proxy)
  await opened
  const accepted = await server.sockets.next()
  accepted.on('message', () => expect.unreachable('nothing must arrive'))
  const gone = new Promise((resolve) => accepted.on('close', resolve))
  socket.send('up')
  accepted.send('down')
  accepted.terminate()
  await gone
  await fetchText(proxy.url)
  expect([socket.readyState, messages.all]).toEqual([1, []])
})

test('kill-websocket by age: it closes, however busy', async () => {
  const clock = manualClock()
  const { proxy, server } = await setUp({ 'kill-websocket': { age: 1000 } }, { clock })
  const { socket, opened, messages, closed } = openWebSocket(proxy)
  await opened
  const gone = new Promise(
    (resolve) => void server.sockets.next().then((it) => it.on('close', resolve)),
  )
  for (let tenth = 1; tenth < 10; tenth++) {
    clock.pass(100)
    socket.send(`${tenth}`)
    expect(await messages.next()).toBe(`${tenth}`)
  }
  clock.pass(100)
  expect([await closed, await gone]).toEqual([1006, 1006])
})

test('kill-websocket when idle: bytes keep it alive', async () => {
  const clock = manualClock()
  const { proxy } = await setUp({ 'kill-websocket': { idle: 1000 } }, { clock })
  const { socket, opened, messages, closed } = openWebSocket(proxy)
  await opened
  for (const text of ['a', 'b', 'c']) {
    clock.pass(900)
    socket.send(text)
    expect(await messages.next()).toBe(text)
  }
  clock.pass(1000)
  expect(await closed).toBe(1006)
})

test('kill-websocket: set later, it concerns those that are open', async () => {
  const { proxy } = await setUp()
  const { opened, closed } = openWebSocket(proxy)
  await opened
  proxy.set({ 'kill-websocket': { age: 1 } })
  expect(await closed).toBe(1006)
})

test('delay-websocket: frames are delayed and stay in order, requests are not delayed', async () => {
  const clock = manualClock()
  const { proxy, server } = await setUp({ 'delay-websocket': { up: 1000 } }, { clock })
  const { socket, opened, messages } = openWebSocket(proxy)
  await opened
  const accepted = await server.sockets.next()
  accepted.send('down')
  expect(await messages.next()).toBe('down')

  const before = proxy.stats.bytes.up
  const sent = Array.from({ length: 50 }, (_, i) => String(i))
  for (const text of sent) socket.send(text)
  while (proxy.stats.bytes.up === before) await fetchText(server.origin)
  clock.pass(999)
  await fetchText(proxy.url)
  expect(messages.all).toEqual(['down'])
  while (messages.all.length <= sent.length) {
    clock.pass(1)
    await fetchText(proxy.url)
  }
  expect(messages.all.slice(1)).toEqual(sent)
})

test('a client that hangs up while its upgrade waits in a queue never reaches the server', async () => {
  const { proxy, server, struck } = await setUp({ 'starve-connections': 1 })
  await ask(`${proxy.url}/stream`)
  const source = await server.open.next()
  const { socket, closed } = openWebSocket(proxy)
  await struck('starve-connections')
  socket.terminate()
  await closed
  while (proxy.stats.live.websocket > 0) await fetchText(server.origin)
  source.end()
  expect(await fetchText(proxy.url)).toMatch(/^answer/)
  expect(server.sockets.all).toEqual([])
})

test('a refusal of the server itself passes', async () => {
  const { proxy, server } = await setUp()
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const { response, whole } = await ask(`${proxy.url}/ws`, {
    headers: { ...upgrade, 'sec-websocket-key': 'bad' },
  })
  expect([response.statusCode, await whole]).toEqual([
    400,
    'Missing or invalid Sec-WebSocket-Key header',
  ])
  expect(server.sockets.all).toEqual([])
})

test('messages in one piece with the request, and large ones, pass', async () => {
  const { proxy } = await setUp()
  const { socket, opened, messages } = openWebSocket(proxy)
  await opened
  const large = 'x'.repeat(5_000_000)
  socket.send(large)
  expect((await messages.next()) === large).toBe(true)

  const bare = net.connect(proxy.port, '127.0.0.1')
  onTestFinished(() => void bare.destroy())
  const head =
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
  const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]) // "hi", masked with zeros.
  bare.write(
    Buffer.concat([
      Buffer.from(`${head}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`),
      frame,
    ]),
  )
  let text = ''
  for await (const chunk of bare) if ((text += chunk).endsWith('\x02hi')) break
  expect(text).toContain('101 Switching Protocols')
})
