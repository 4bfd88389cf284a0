/** Limits of messages that wait for their handlers: beyond them a client is slowed down, and then refused. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batch } from './client.ts'
import { stopClock } from './clock.ts'
import { Door } from './list.ts'
import { startSite } from './site.ts'

afterEach(() => void vi.useRealTimers())

describe('messages that wait for their handlers', () => {
  test('keep a WebSocket from being read while they are more than window, and it is no ghost for that', async () => {
    stopClock()
    const { hub, client } = await startSite({ window: 10_000, heartbeat: 1_000 })
    const door = new Door()
    const seen: string[] = []
    hub.onMessage(async (data) => {
      await door.opened
      seen.push(String(data).slice(0, 3))
    })
    const socket = await client().socket()
    const data = Array.from(
      { length: 400 },
      (_, i) => `${String(i).padStart(3, '0')}${'x'.repeat(10_000)}`,
    )
    data.forEach((each, i) => socket.send({ batch: batch(i + 1, each) }))
    await socket.packets.find(({ ack }) => ack !== undefined && ack[0] >= 1)
    for (let i = 0; i < 100; i++) vi.advanceTimersByTime(1_000)
    const received = Math.max(...socket.packets.items.map(({ ack }) => ack?.[0] ?? 0))
    expect(received).toBeLessThan(50)
    door.open()
    await socket.accepted(400)
    expect(seen).toEqual(data.map((each) => each.slice(0, 3)))
  })

  test('keep a WebSocket from being read also if they are volatile', async () => {
    const { hub, client } = await startSite({ window: 10_000 })
    const door = new Door()
    let seen = 0
    hub.onMessage(async () => {
      await door.opened
      seen++
    })
    const socket = await client().socket()
    for (let i = 0; i < 400; i++) socket.send({ volatile: [['x'.repeat(10_000)]] })
    socket.send({ batch: batch(1, 'last') })
    const other = await client().socket()
    other.send({ batch: batch(1, 'last') })
    await other.packets.find(({ ack }) => ack?.[0] === 1)
    expect(socket.packets.items.map(({ ack }) => ack?.[0]).filter(Boolean)).toEqual([])
    door.open()
    await socket.accepted(1)
    expect(seen).toBeGreaterThan(400)
  })

  test('let exchanges be refused while they are far more than window, and taken again later', async () => {
    const { hub, client } = await startSite({ window: 1_000, maxMessage: 10_000, heartbeat: 200 })
    const door = new Door()
    const seen: unknown[] = []
    hub.onMessage(async (data) => {
      await door.opened
      seen.push(data)
    })
    const alice = client()
    await alice.exchange()
    const body = ['x'.repeat(9_990)]
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => alice.send(1, body, body, body, body, body, body, 'last')),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const gaps = answers.map(({ packet }) => packet.gap)
    expect(gaps).toContain(1)
    expect(gaps).toContain(undefined)
    door.open()
    await (await alice.socket()).accepted(7)
    expect((await alice.send(8, 'later')).packet.ack!.slice(0, 2)).toEqual([8, 8])
    expect(seen).toHaveLength(8)
  })

  test.each([
    // The limit is 2 × (window + the largest packet): 162,000 bytes.
    [2_200, 'taken', undefined],
    [2_500, 'not taken', 1],
  ])(
    'count 64 bytes each if they are empty: behind %i of them an exchange is %s',
    async (count, _, gap) => {
      const { hub, client } = await startSite({ window: 1_000, maxMessage: 10_000, heartbeat: 200 })
      const door = new Door()
      hub.onMessage(() => door.opened)
      const alice = client()
      await alice.exchange()
      const empty = Array.from({ length: count }, () => '')
      expect((await alice.send(1, ...empty)).packet.ack!.slice(0, 2)).toEqual([count, 0])
      expect((await alice.send(count + 1, '')).packet.gap).toBe(gap)
      door.open()
      await (await alice.socket()).accepted(count)
    },
  )

  test.each(['batch', 'volatile'] as const)(
    'keep a WebSocket from being read also if they are empty, in its %s',
    async (field) => {
      const { hub, client } = await startSite({ window: 1_000_000 })
      const door = new Door()
      let seen = 0
      hub.onMessage(async () => {
        await door.opened
        seen++
      })
      const socket = await client().socket()
      // Half of the window in bytes, but six times of it in messages. One read of the socket brings 13 packets.
      const empty = Array.from({ length: 1_000 }, () => '')
      for (let i = 0; i < 100; i++) {
        const [first, entries] = batch(1 + 1_000 * i, ...empty)
        socket.send(field === 'batch' ? { batch: [first, entries] } : { volatile: entries })
      }
      const last = field === 'batch' ? 100_001 : 1
      socket.send({ batch: batch(last, 'last') })
      // The hub has read all that it is going to read when it has handled a message that another client sent later.
      const other = await client().socket()
      other.send({ batch: batch(1, 'other') })
      await other.packets.find(({ ack }) => ack?.[0] === 1)
      const received = Math.max(...socket.packets.items.map(({ ack }) => ack?.[0] ?? 0))
      expect(received).toBeLessThan(field === 'batch' ? 50_000 : 1)
      door.open()
      await socket.accepted(last)
      expect(seen).toBeGreaterThan(100_000)
    },
  )
})
