/** Every limit: beyond it there is a refusal with a reason, and nothing else is affected. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batch, openSocket } from './client.ts'
import { stopClock } from './clock.ts'
import { Door, List, until } from './list.ts'
import { startSite } from './site.ts'

afterEach(() => void vi.useRealTimers())

describe('the log down of a session', () => {
  test.each([
    ['messages', { maxBufferedMessages: 3 }, 'x'],
    ['bytes', { maxBufferedBytes: 4_500 }, 'x'.repeat(1_000)],
    ['empty messages', { maxBufferedMessages: 1e6, maxBufferedBytes: 3 * 64 }, ''],
  ])(
    'with too many %s ends the session, and both sides see the reason',
    async (_, limits, data) => {
      const { hub, client, logged } = await startSite(limits)
      const closed = new List<unknown>()
      hub.onClose((session, reason) => closed.push([session.id, reason]))
      const [alice, bob] = [client(), client()]
      const { hello } = (await alice.exchange()).packet
      const socket = await bob.socket()
      const { id } = socket.packets.items[0]!.hello!
      for (let i = 1; i <= 5; i++) {
        await hub.broadcast(data)
        await socket.messages(i)
        socket.send({ ack: [i, ''], batch: batch(i, 'seen') })
        await socket.accepted(i)
      }
      const overflow = { type: 'gone', reason: 'overflow' }
      expect(closed.items).toEqual([[hello!.id, overflow]])
      expect((await alice.exchange()).packet.end).toEqual(['gone', 'overflow', 'reset'])
      expect(logged.items).toContainEqual({
        level: 'info',
        event: 'session-ended',
        session: hello!.id,
        reason: 'gone: overflow',
      })
      expect(socket.entries).toHaveLength(5)
      expect(id).not.toBe(hello!.id)
    },
  )
})

describe('the number of sessions', () => {
  test('is at most maxSessions', async () => {
    const { client, hub } = await startSite({ maxSessions: 2 })
    hub.onMessage((data, session) => session.send(data))
    const socket = await client().socket()
    await client().exchange()
    const { status, packet } = await client().exchange()
    expect([status, packet.end![0], packet.end![2]]).toEqual([503, 'too-many-sessions', 'retry'])
    const refused = await client().socket()
    expect(await refused.closed).toEqual([4_503, 'too-many-sessions'])
    socket.send({ batch: batch(1, 'still here') })
    expect(await socket.messages(1)).toEqual(['still here'])
  })

  test('of a user is at most maxSessionsPerUser', async () => {
    const { client } = await startSite({
      maxSessionsPerUser: 1,
      authenticate: (_, token) => token ?? '',
    })
    const [a, b, c] = [client(), client(), client()]
    a.token = b.token = 'alice'
    c.token = 'bob'
    await a.exchange()
    const { status, packet } = await b.exchange()
    expect([status, packet.end![0]]).toEqual([429, 'too-many-user-sessions'])
    expect((await c.exchange()).status).toBe(200)
    expect((await a.exchange()).status).toBe(200)
  })
})

describe('a WebSocket that has not attached', () => {
  test('is refused after 10 seconds', async () => {
    stopClock()
    const { url, client, hub } = await startSite({ heartbeat: 60_000 })
    const pending = await openSocket(url)
    const attached = await client().socket()
    vi.advanceTimersByTime(9_000)
    hub.broadcast('nothing happened')
    await attached.messages(1)
    expect(pending.packets.items).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect((await pending.end())[0]).toBe('timeout')
    expect(await pending.closed).toEqual([4_408, 'timeout'])
    hub.broadcast('and goes on')
    await attached.messages(2)
  })

  test('is refused after 10 seconds also if authenticate does not settle, whose late answer lets nobody in', async () => {
    stopClock()
    const door = new Door()
    const asked = new List<unknown>()
    const { url, client, hub } = await startSite({
      authenticate: async () => {
        asked.push(1)
        await door.opened
        return ''
      },
    })
    const opened = new List<unknown>()
    hub.onOpen(() => opened.push(1))
    const alice = client()
    const socket = await openSocket(url)
    socket.send(alice.body())
    await asked.count(1)
    vi.advanceTimersByTime(10_000)
    expect(await socket.closed).toEqual([4_408, 'timeout'])
    door.open()
    // A later client is let in, and is the only one.
    await client().exchange()
    expect(opened.items).toHaveLength(1)
  })

  test('may send a first frame of 16 KiB', async () => {
    const { url, client } = await startSite()
    const fits = client().body({ attach: undefined })
    expect(fits.length).toBeLessThan(16_384)
    const alice = client()
    const body = alice.body()
    const socket = await openSocket(url)
    socket.send(body + ' '.repeat(16_384 - body.length))
    await socket.packets.find(({ ready }) => ready === 1)
    const large = await openSocket(url)
    large.send(client().body() + ' '.repeat(16_384))
    expect(await large.closed).toEqual([4_413, 'too-large'])
  })

  test.each([
    ['of a larger one', 10_000_000, 'too-large', 4_413],
    // `ws` refuses what is beyond the limit of all frames (RFC 6455, 7.4.1).
    ['of what no packet may have', 60_000, undefined, 1_009],
  ])('cannot send much %s', async (_, maxBatch, type, code) => {
    const { url, server } = await startSite({ maxBatch })
    const sockets = new List<import('node:net').Socket>()
    server.on('upgrade', (_, socket) => sockets.push(socket as import('node:net').Socket))
    const large = await openSocket(url)
    large.send('x'.repeat(5_000_000))
    expect((await large.closed)[0]).toBe(code)
    expect(large.packets.items.at(-1)?.end?.[0]).toBe(type)
    const [socket] = await sockets.count(1)
    await until(() => socket!.destroyed)
  })

  test('is refused if there are maxPending others; attached ones and exchanges go on', async () => {
    const { url, client, hub } = await startSite({ maxPending: 2 })
    hub.onMessage((data, session) => session.send(data))
    const attached = await client().socket()
    const pending = [await openSocket(url), await openSocket(url)]
    const refused = await openSocket(url)
    expect(await refused.closed).toEqual([4_503, 'too-many-sessions'])
    attached.send({ batch: batch(1, 'hi') })
    await attached.messages(1)
    expect((await client().exchange()).status).toBe(200)
    // One that attaches or goes makes room.
    pending[0]!.send(client().body())
    await pending[0]!.packets.find(({ ready }) => ready === 1)
    await openSocket(url).then((socket) => socket.send(client().body()))
    pending[1]!.cut()
    const next = await client().socket()
    expect(next.packets.items[0]!.hello).toBeDefined()
  })
})
