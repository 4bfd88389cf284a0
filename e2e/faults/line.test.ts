import { expect, test } from 'vitest'
import { ask, fetchText, keepAlive, openWebSocket, setUp, timed } from './fixture.ts'
import { manualClock } from './manual-clock.ts'

test('delay: a round trip takes both ways, and a new connection one round trip more', async () => {
  const { proxy } = await setUp({ delay: { up: 30, down: 70 } })
  const agent = keepAlive()
  expect(await timed(() => fetchText(proxy.url, { agent }))).toBeGreaterThanOrEqual(199)
  expect(await timed(() => fetchText(proxy.url, { agent }))).toBeGreaterThanOrEqual(99)
})

test('delay without handshake: the first bytes of a new connection take one way only', async () => {
  const clock = manualClock()
  const { proxy, server } = await setUp(
    { delay: { up: 30, down: 70, handshake: false } },
    { clock },
  )
  const answer = fetchText(`${proxy.url}/slow`)
  while (proxy.stats.bytes.up === 0) await fetchText(server.origin)
  clock.pass(29)
  await fetchText(`${server.origin}/direct`)
  clock.pass(1)
  while (server.seen.all.at(-1)?.url !== '/slow') await server.seen.next()
  expect(server.seen.all.slice(-2).map(({ url }) => url)).toEqual(['/direct', '/slow'])
  proxy.set({ delay: false })
  while (proxy.stats.bytes.down === 0) clock.pass(await fetchText(server.origin).then(() => 1))
  await answer
})

test('delay: set while connections are open, it counts for them', async () => {
  const { proxy } = await setUp()
  const { socket, opened, messages } = openWebSocket(proxy)
  await opened
  proxy.set({ delay: 60 })
  socket.send('a')
  expect(await timed(() => messages.next())).toBeGreaterThanOrEqual(119)
})

test('jitter: messages arrive in order', async () => {
  const { proxy } = await setUp({ jitter: 20 })
  const { socket, opened, messages } = openWebSocket(proxy)
  await opened
  const sent = Array.from({ length: 100 }, (_, i) => String(i))
  for (const text of sent) socket.send(text)
  while (messages.all.length < sent.length) await messages.next()
  expect(messages.all).toEqual(sent)
})

test('bandwidth: bytes take their time, each way', async () => {
  const { proxy } = await setUp({ bandwidth: { down: 100_000 } })
  expect(await timed(() => fetchText(`${proxy.url}/bytes?30000`))).toBeGreaterThanOrEqual(295)
  proxy.set({ bandwidth: { up: 100_000 } })
  expect(
    await timed(() => fetchText(proxy.url, { body: 'x'.repeat(30_000) })),
  ).toBeGreaterThanOrEqual(295)
})

/** Whether `done` is not called for half a second. */
const stuck = (begin: (done: () => void) => void): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 500, true)
    begin(() => resolve((clearTimeout(timer), false)))
  })

test('a client that does not read stops the server: memory is bounded', async () => {
  const { proxy, server } = await setUp()
  const { response } = await ask(`${proxy.url}/stream`)
  const source = await server.open.next()
  response.pause()
  // Fills the buffers of the system and of the proxy, until the server is told to wait and nobody drains it.
  let written = 0
  const chunk = Buffer.alloc(1_000_000)
  do {
    written += chunk.length
    if (!source.write(chunk) && (await stuck((done) => source.once('drain', done)))) break
  } while (written < 200_000_000)
  expect(written).toBeLessThan(60_000_000)
  let received = 0
  response.on('data', (data: string) => (received += data.length)).resume()
  source.end()
  await new Promise((resolve) => response.on('end', resolve))
  expect(received).toBe(written)
})

test('a server that does not read stops the client, of a WebSocket too', async () => {
  const { proxy, server } = await setUp({ 'delay-websocket': 1 })
  const { socket, opened } = openWebSocket(proxy)
  await opened
  const accepted = await server.sockets.next()
  accepted.pause()
  const chunk = Buffer.alloc(1_000_000)
  let sent = 0
  do sent++
  while (sent < 200 && !(await stuck((done) => socket.send(chunk, done))))
  expect(sent).toBeLessThan(60)
  let received = 0
  const all = new Promise<void>((resolve) =>
    accepted.on('message', () => ++received === sent && resolve()),
  )
  accepted.resume()
  await all
})
