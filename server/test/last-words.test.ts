/** Messages that a handler sends before it closes its session reach the carriers that are there. */
import { expect, test } from 'vitest'
import { batch } from './client.ts'
import { startSite } from './site.ts'

test('the last words of onOpen reach the carrier that made the session', async () => {
  const { hub, client } = await startSite()
  hub.onOpen(async (session) => {
    await session.send('not today')
    await session.close(4_000, 'full')
  })
  const socket = await client().socket()
  expect(await socket.end()).toEqual(['closed', 'full', 'final', 4_000])
  expect(socket.entries).toEqual([[1, 'not today']])
  const { packet } = await client().exchange({ answer: 'wait' })
  expect(packet.batch).toEqual([1, [['not today']]])
})

test('the last words of onMessage reach a carrier that came with the message', async () => {
  const { hub, client } = await startSite()
  hub.onMessage((data, session) => {
    void session.send(data)
    void session.close()
  })
  const socket = await client().socket({ batch: batch(1, 'bye') })
  await socket.closed
  expect(socket.entries).toEqual([[1, 'bye']])
  const alice = client()
  await alice.exchange()
  const { packet } = await alice.exchange({ batch: batch(1, 'bye'), answer: 'wait' })
  expect(packet.batch).toEqual([1, [['bye']]])
})

test.each(['websocket', 'sse'])('last words of any size reach their client on %s', async (how) => {
  const { hub, client } = await startSite()
  const data = Array.from({ length: 20 }, (_, i) => String(i).padEnd(100_000))
  hub.onMessage((_, session) => {
    for (const each of data) void session.send(each)
    void session.close()
  })
  const alice = client()
  const carrier = how === 'sse' ? await alice.stream('sse') : await alice.socket()
  await carrier.packets.find(({ ready }) => ready === 1)
  await alice.send(1, 'go')
  await carrier.end()
  expect(carrier.entries.map(([, each]) => each)).toEqual(data)
})
