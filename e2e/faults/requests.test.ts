import http from 'node:http'
import { expect, test } from 'vitest'
import { ask, fetchText, keepAlive, setUp } from './fixture.ts'
import { manualClock } from './manual-clock.ts'

test('kill-requests: every request is killed when its time is over', async () => {
  const clock = manualClock()
  const { proxy, server } = await setUp({ 'kill-requests': 1000 }, { clock })
  const stream = await ask(`${proxy.url}/stream`)
  const parked = fetchText(`${proxy.url}/hang`, { body: 'poll' })
  parked.catch(() => {}) // Awaited below.
  await server.open.next()
  await server.open.next()
  clock.pass(500)
  expect(await fetchText(proxy.url)).toBe('answer 1')
  expect(proxy.stats.live).toMatchObject({ stream: 1, request: 1 })
  clock.pass(500)
  await expect(parked).rejects.toThrow('socket hang up')
  await expect(stream.whole).rejects.toThrow('aborted')
})

test('kill-requests with a status: who has no answer yet gets that one', async () => {
  const clock = manualClock()
  const { proxy, server } = await setUp(
    { 'kill-requests': { after: 1000, status: 504 } },
    { clock },
  )
  const answer = ask(`${proxy.url}/hang`, { body: 'poll' })
  await server.open.next()
  clock.pass(1000)
  const { response, whole } = await answer
  expect([response.statusCode, await whole]).toEqual([504, 'Gateway Timeout\n'])
})

test('lose-requests: accepted, and never delivered', async () => {
  const { proxy, server, struck } = await setUp({ 'lose-requests': { times: 1 } })
  const lost = fetchText(proxy.url, { body: 'lost' })
  lost.catch(() => {}) // Awaited below.
  await struck('lose-requests')
  expect(await fetchText(proxy.url, { body: 'second' })).toBe('answer 1')
  expect(server.seen.all.map(({ body }) => body)).toEqual(['second'])
  proxy.cut()
  await expect(lost).rejects.toThrow('ECONNRESET')
})

test('lose-answers: the server processes it, the client waits for ever', async () => {
  const { proxy, server, struck } = await setUp({ 'lose-answers': { times: 1 } })
  let answered = false
  const lost = fetchText(proxy.url, { body: 'first' }).finally(() => (answered = true))
  lost.catch(() => {}) // Awaited below.
  await struck('lose-answers')
  expect(await fetchText(proxy.url, { body: 'second' })).toBe('answer 2')
  expect(server.seen.all.map(({ body }) => body)).toEqual(['first', 'second'])
  expect(answered).toBe(false)
  proxy.cut()
  await expect(lost).rejects.toThrow('ECONNRESET')
})

test('lose-answers by reset; a GET is spared', async () => {
  const { proxy, server } = await setUp({ 'lose-answers': 'reset' })
  await expect(fetchText(proxy.url, { body: 'first' })).rejects.toThrow('ECONNRESET')
  expect(server.seen.all.map(({ body }) => body)).toEqual(['first'])
  expect(await fetchText(proxy.url)).toBe('answer 2')
})

test('repeat-requests: the server gets it twice, the client the first answer', async () => {
  const { proxy, server } = await setUp({ 'repeat-requests': { after: 50 } })
  expect(await fetchText(`${proxy.url}/post`, { body: 'twice' })).toBe('answer 1')
  const [first, second] = [await server.seen.next(), await server.seen.next()]
  expect(first).toMatchObject({ method: 'POST', url: '/post', body: 'twice' })
  expect(second).toEqual(first)
})

test('repeat-requests: the client gets the second answer', async () => {
  const { proxy, server } = await setUp({ 'repeat-requests': { after: 50, answer: 'second' } })
  expect(await fetchText(proxy.url, { body: 'twice' })).toBe('answer 2')
  expect(server.seen.all.map(({ body }) => body)).toEqual(['twice', 'twice'])
})

test('repeat-requests: the repetition comes even if the client has gone', async () => {
  const { proxy, server } = await setUp({ 'repeat-requests': { after: 100 } })
  const request = http
    .request(`${proxy.url}/hang`, { method: 'POST', agent: false })
    .on('error', () => {}) // By destroy.
  request.end('twice')
  const response = await server.open.next()
  const closed = new Promise((resolve) => response.on('close', resolve))
  request.destroy()
  await closed
  expect([await server.seen.next(), await server.seen.next()].map(({ body }) => body)).toEqual([
    'twice',
    'twice',
  ])
})

test('stale-answers to the same: a retry gets the answer to the first try, the server sees one', async () => {
  const { proxy, server } = await setUp({ 'stale-answers': { then: 'reset' } })
  await expect(fetchText(proxy.url, { body: 'a' })).rejects.toThrow('ECONNRESET')
  expect(await fetchText(proxy.url, { body: 'a' })).toBe('answer 1')
  expect(server.seen.all.map(({ body }) => body)).toEqual(['a'])
})

test('stale-answers to the next: it is processed, and gets the answer to the one before', async () => {
  const { proxy, server } = await setUp({
    'stale-answers': { to: 'next', then: 'reset', times: 1 },
  })
  await expect(fetchText(proxy.url, { body: 'a' })).rejects.toThrow('ECONNRESET')
  expect(await fetchText(proxy.url, { body: 'b' })).toBe('answer 1')
  expect(await fetchText(proxy.url, { body: 'c' })).toBe('answer 3')
  expect(server.seen.all.map(({ body }) => body)).toEqual(['a', 'b', 'c'])
})

test('stale-answers, answered: one answer is delivered twice, to a request that was processed, too', async () => {
  const { proxy, server } = await setUp({
    'stale-answers': { to: 'next', then: 'answer', times: 1 },
  })
  expect(await fetchText(proxy.url, { body: 'a' })).toBe('answer 1')
  expect(await fetchText(proxy.url, { body: 'b' })).toBe('answer 1')
  expect(await fetchText(proxy.url, { body: 'c' })).toBe('answer 3')
  expect(server.seen.all.map(({ body }) => body)).toEqual(['a', 'b', 'c'])
})

test('only: other paths are spared', async () => {
  const { proxy } = await setUp({ only: '/rungs', 'lose-answers': 'reset' })
  expect(await fetchText(`${proxy.url}/page`, { body: 'a' })).toBe('answer 1')
  await expect(fetchText(`${proxy.url}/rungs/post`, { body: 'a' })).rejects.toThrow('ECONNRESET')
})

test('modes combine: a lost answer of a repeated request, over a slow line', async () => {
  const { proxy, server } = await setUp({
    delay: 20,
    'repeat-requests': true,
    'lose-answers': 'reset',
  })
  await expect(fetchText(proxy.url, { body: 'a' })).rejects.toThrow('ECONNRESET')
  expect([(await server.seen.next()).body, (await server.seen.next()).body]).toEqual(['a', 'a'])
})

test('kept-alive connections serve many requests, bodies read or not', async () => {
  const { proxy } = await setUp()
  const agent = keepAlive()
  for (let i = 1; i <= 20; i++)
    expect(await fetchText(proxy.url, { agent, body: `${i}` })).toBe(`answer ${i}`)
  expect(proxy.stats).toMatchObject({ connections: { total: 1 }, requests: { request: 20 } })
})
