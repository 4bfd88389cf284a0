/** Carriers and sessions whose client says nothing, or comes too often. */
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { randomKey } from './client.ts'
import { stopClock } from './clock.ts'
import { List } from './list.ts'
import { startSite } from './site.ts'

afterEach(() => void vi.useRealTimers())

describe('the carriers of one session', () => {
  test('are at most three: a fourth supersedes the one with the lowest sequence', async () => {
    const { client } = await startSite()
    const alice = client()
    const sockets = []
    for (let i = 0; i < 4; i++) sockets.push(await alice.socket())
    expect(await sockets[0]!.closed).toEqual([4_409, 'superseded'])
    expect(
      sockets.slice(1).flatMap(({ packets }) => packets.items.filter(({ end }) => end)),
    ).toEqual([])
  })

  test('are replaced by a repetition of their request', async () => {
    const { client, hub } = await startSite()
    const alice = client()
    await alice.exchange()
    const first = alice.exchange({ answer: 'wait' }, { t: 5 })
    // Requests are served in order: this one is answered when the first waits.
    await alice.exchange({}, { t: 6 })
    const second = alice.exchange({ answer: 'wait' }, { t: 5 })
    expect((await first).packet.end![0]).toBe('superseded')
    await hub.broadcast('news')
    expect((await second).packet.batch).toEqual([1, [['news']]])
  })
})

describe('the silence of a client', () => {
  test('is measured by a clock that nobody sets', async () => {
    stopClock()
    const clock = vi.spyOn(Date, 'now')
    onTestFinished(() => clock.mockRestore())
    const { client, hub } = await startSite()
    const [alice, bob] = [client(), client()]
    const socket = await alice.socket()
    await bob.exchange()
    clock.mockReturnValue(Date.now() + 3_600_000)
    vi.advanceTimersByTime(5_000)
    await hub.broadcast('hi')
    expect(await socket.messages(1)).toEqual(['hi'])
    expect((await bob.exchange({ answer: 'now' })).packet.batch).toEqual([1, [['hi']]])
  })

  test('ends its session after 10 s, or after sessionTtl if it had come back', async () => {
    stopClock()
    const { client, hub } = await startSite({ sessionTtl: 60_000 })
    const closed = new List<unknown>()
    hub.onClose((session, { reason }) => closed.push([session.id, reason]))
    const [once, twice] = [client(), client()]
    const { hello } = (await once.exchange()).packet
    await twice.exchange()
    await twice.exchange()
    vi.advanceTimersByTime(9_000)
    expect(closed.items).toEqual([])
    vi.advanceTimersByTime(2_000)
    expect(await closed.count(1)).toEqual([[hello!.id, 'expired']])
    expect((await once.exchange()).packet.end).toEqual(['gone', 'expired', 'reset'])
    expect((await twice.exchange()).status).toBe(200)
    vi.advanceTimersByTime(62_000)
    expect(await closed.count(2)).toHaveLength(2)
  })

  test('gets heartbeats and answers of polls, and loses its carriers if it goes on', async () => {
    stopClock()
    const { client, logged } = await startSite({ heartbeat: 20_000 })
    const [alice, bob] = [client(), client()]
    const socket = await alice.socket()
    await socket.packets.find(({ ready }) => ready === 1)
    const poll = bob.exchange({ answer: 'wait' })
    await bob.exchange({}, { key: randomKey() })
    vi.advanceTimersByTime(20_000)
    await socket.packets.count(3)
    expect(socket.packets.items[2]).toEqual({ ack: [0, 0, 0] })
    expect((await poll).packet).toMatchObject({
      hello: {},
      ready: 1,
      ack: [0, 0, 0],
    })
    for (let i = 0; i < 26; i++) vi.advanceTimersByTime(1_000)
    expect((await socket.closed)[0]).toBe(1_001)
    expect(logged.items.filter(({ level }) => level === 'error')).toEqual([])
  })
})
