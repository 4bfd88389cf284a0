import type http from 'node:http'
import { expect, test } from 'vitest'
import { ask, fetchText, raw, type Reply, setUp, type Setup } from './fixture.ts'
import { manualClock } from './manual-clock.ts'
import type { Faults, ProxyOptions } from './types.d.ts'

async function openStream(
  faults: Faults,
  options: Partial<ProxyOptions> = {},
): Promise<Setup & { stream: Reply; source: http.ServerResponse }> {
  const setup = await setUp(faults, options)
  const stream = await ask(`${setup.proxy.url}/stream`)
  return { ...setup, stream, source: await setup.server.open.next() }
}

test('buffer-streams: the head passes, the body when it ends', async () => {
  const { stream, source, struck } = await openStream({ 'buffer-streams': true })
  source.write('one ')
  await struck('buffer-streams')
  expect(stream.text()).toBe('')
  source.end('two')
  expect(await stream.whole).toBe('one two')
})

test('buffer-streams with headers: the head passes at the end, too', async () => {
  const { proxy, server, struck } = await setUp({ 'buffer-streams': { headers: true } })
  let answered = false
  const answer = ask(`${proxy.url}/stream`).then((reply) => ((answered = true), reply))
  const source = await server.open.next()
  source.write('one ')
  await struck('buffer-streams')
  expect(answered).toBe(false)
  source.end('two')
  expect(await (await answer).whole).toBe('one two')
})

test('hold-streams: the head and the first bytes pass when there are more, and then all at once', async () => {
  const { proxy, server, struck } = await setUp({ 'hold-streams': 10 })
  let answered = false
  const answer = ask(`${proxy.url}/stream`).then((reply) => ((answered = true), reply))
  const source = await server.open.next()
  source.write('0123456789')
  await struck('hold-streams')
  expect(answered).toBe(false)
  source.write('more ')
  const stream = await answer
  await stream.has('0123456789more ')
  source.write('x')
  await stream.has('x')
})

test('hold-streams: a stream that ends passes', async () => {
  const { proxy, server } = await setUp({ 'hold-streams': true })
  const answer = ask(`${proxy.url}/stream`)
  const source = await server.open.next()
  source.end('short')
  expect(await (await answer).whole).toBe('short')
})

test('buffer-streams: answers of known length are not held', async () => {
  const { proxy } = await setUp({ 'buffer-streams': { headers: true } })
  expect(await fetchText(proxy.url)).toBe('answer 1')
})

test('buffer-streams: on and off while the stream is open', async () => {
  const { proxy, stream, source, struck } = await openStream({})
  source.write('one ')
  await stream.has('one')
  proxy.set({ 'buffer-streams': true })
  source.write('two ')
  await struck('buffer-streams')
  expect(stream.text()).toBe('one ')
  proxy.clear()
  await stream.has('two')
})

test('buffer-streams: full buffers are passed on', async () => {
  const { stream, source } = await openStream({ 'buffer-streams': true })
  source.write('x'.repeat(9_000_000))
  await stream.has('x')
  source.end()
  expect((await stream.whole).length).toBe(9_000_000)
})

test('block-streams: whole blocks pass, the rest when it ends', async () => {
  const { stream, source, struck } = await openStream({ 'block-streams': true })
  source.write('x'.repeat(4000))
  await struck('block-streams')
  expect(stream.text()).toBe('')
  source.write('y'.repeat(200))
  await stream.has('y')
  expect(stream.text().length).toBe(4096)
  source.end()
  expect((await stream.whole).length).toBe(4200)
})

test('lag-streams: each chunk passes when the next one comes', async () => {
  const { stream, source, struck } = await openStream({ 'lag-streams': true })
  source.write('one ')
  await struck('lag-streams')
  expect(stream.text()).toBe('')
  source.write('two ')
  await stream.has('one ')
  expect(stream.text()).toBe('one ')
})

test('cut-streams by age: the body breaks off, however busy; the server learns of it', async () => {
  const clock = manualClock()
  const { stream, source } = await openStream({ 'cut-streams': { age: 1000 } }, { clock })
  const closed = new Promise((resolve) => source.on('close', resolve))
  clock.pass(990)
  source.write('one ')
  await stream.has('one ')
  clock.pass(10)
  await expect(stream.whole).rejects.toThrow('aborted')
  await closed
})

test('cut-streams when idle: bytes keep it alive', async () => {
  const clock = manualClock()
  const { stream, source } = await openStream({ 'cut-streams': { idle: 1000 } }, { clock })
  for (const text of ['one', 'two', 'three']) {
    clock.pass(900)
    source.write(text)
    await stream.has(text)
  }
  clock.pass(1000)
  await expect(stream.whole).rejects.toThrow('aborted')
})

test('cut-streams: requests without an answer yet are left alone', async () => {
  const clock = manualClock()
  const { proxy, server } = await setUp({ 'cut-streams': { age: 1000, idle: 1000 } }, { clock })
  const waiting = fetchText(`${proxy.url}/hang`)
  const parked = await server.open.next()
  clock.pass(5000)
  parked.end('late')
  expect(await waiting).toBe('late')
})

test('a stream that the server breaks off breaks off', async () => {
  const { stream, source } = await openStream({})
  source.write('one ')
  await stream.has('one ')
  source.destroy()
  await expect(stream.whole).rejects.toThrow('aborted')
})

test('http-1.0: answers end with their connection, without chunks, and the server is spoken to so', async () => {
  const { proxy, server } = await setUp({ 'http-1.0': true })
  const answer = raw(proxy, 'GET /stream HTTP/1.1\r\nHost: a\r\n\r\n')
  const source = await server.open.next()
  source.write('one ')
  source.end('two')
  const text = await answer
  expect(text).toMatch(/^HTTP\/1\.0 200 OK\r\n/)
  expect(text).toMatch(/\r\nConnection: close\r\n\r\none two$/)
  expect(text.toLowerCase()).not.toContain('transfer-encoding')
  expect(await server.seen.next()).toMatchObject({ version: '1.0', url: '/stream' })

  expect(await fetchText(proxy.url, { body: 'hello' })).toBe('answer 1')
  expect(await server.seen.next()).toMatchObject({
    version: '1.0',
    body: 'hello',
    headers: { connection: 'close' },
  })
})

test('http-1.0: WebSockets are stripped, chunked requests refused', async () => {
  const { proxy, server } = await setUp({ 'http-1.0': true })
  const head = 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  expect(await raw(proxy, head)).toMatch(/^HTTP\/1\.0 200 OK\r\n/)
  expect((await server.seen.next()).headers.upgrade).toBe(undefined)
  const chunked =
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'
  expect(await raw(proxy, chunked)).toMatch(/^HTTP\/1\.0 411 Length Required\r\n/)
})
