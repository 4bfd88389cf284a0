/** A handler that sends much: it can wait for its client. */
import { expect, test } from 'vitest'
import { Door, List, until } from './list.ts'
import { startSite } from './site.ts'

test('12,000 awaited sends of onOpen arrive, in order, at a client that acknowledges', async () => {
  const { hub, client, logged } = await startSite()
  const highest = new List<number>()
  hub.onOpen(async (session) => {
    let most = 0
    for (let i = 1; i <= 12_000; i++) {
      await session.send(i)
      most = Math.max(most, session.bufferedAmount)
    }
    highest.push(most)
  })
  const alice = client()
  const socket = await alice.socket()
  let acknowledged = 0
  const arrived = new Set<number>()
  while (arrived.size < 12_000) {
    await socket.packets.until(() => socket.entries.length > arrived.size)
    for (const [number, data] of socket.entries.slice(arrived.size)) {
      expect(data).toBe(number)
      arrived.add(number)
    }
    if (arrived.size === acknowledged) continue
    acknowledged = arrived.size
    socket.send(JSON.stringify({ ack: [acknowledged, ''] }))
  }
  const [most] = await highest.count(1)
  // Three quarters of the 10,000 messages that a log may hold, of at most 5 bytes and 64.
  expect(most).toBeLessThanOrEqual(7_501 * 69)
  expect(logged.items.filter(({ event }) => event === 'session-ended')).toEqual([])
})

test('a handler that waits for room goes on when its session ends', async () => {
  const { hub, client } = await startSite({ maxBufferedMessages: 4 })
  const full = new Door()
  const finished = new Door()
  const ends = new List<string>()
  hub.onClose((_, { type }) => ends.push(type))
  hub.onOpen(async (session) => {
    for (let i = 0; i < 3; i++) await session.send(i)
    const fourth = session.send(3)
    void fourth.then(finished.open)
    full.open()
    await fourth
  })
  const alice = client()
  const answer = alice.exchange()
  await full.opened
  await answer
  await hub.to({ user: 'nobody' }).send('others are not held up')
  expect((await alice.exchange({ answer: 'now' })).packet.batch?.[1]).toHaveLength(4)
  await alice.exchange({ bye: [0] })
  await finished.opened
  expect(await ends.count(1)).toEqual(['closed'])
})

test('bufferedAmount and drained() tell of what the client has not acknowledged', async () => {
  const { hub, client } = await startSite()
  const seen: unknown[] = []
  const drained = new Door()
  hub.onMessage((_, session) => {
    void session.drained().then(() => seen.push('nothing to wait for'))
    void session.send('abc')
    seen.push(session.bufferedAmount)
    void session.drained().then(() => {
      seen.push(session.bufferedAmount)
      drained.open()
    })
    void session.send('later')
  })
  const alice = client()
  await alice.exchange()
  const { packet } = await alice.exchange({ batch: [1, [['go']]], answer: 'now' })
  expect(packet.batch).toEqual([1, [['abc'], ['later']]])
  await until(() => seen.length === 2)
  expect(seen).toEqual([64 + 3, 'nothing to wait for'])
  await alice.exchange({ ack: [1, ''] })
  await drained.opened
  expect(seen[2]).toBe(64 + 5)
})

test('a send that is not awaited fills the log, and one to many waits for nobody', async () => {
  const { hub, client } = await startSite({ maxBufferedMessages: 4 })
  const ends = new List<string>()
  hub.onClose((_, { reason }) => ends.push(reason))
  await client().exchange()
  for (let i = 0; i < 5; i++) await hub.broadcast(i)
  expect(await ends.count(1)).toEqual(['overflow'])
})
