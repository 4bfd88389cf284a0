/** Every limit: what is beyond it is refused with a reason, and nothing else is affected. */
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { batch, openSocket, randomKey } from './client.ts'
import { Door, List, until } from './list.ts'
import { startSite } from './site.ts'

afterEach(() => void vi.useRealTimers())

/** The clock of the hub stands still until the test moves it; that of sockets goes on. */
const stopClock = (): void =>
  void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })

describe('the log down', () => {
  test.each([
    ['messages', { maxBufferedMessages: 3 }, 'x'],
    ['bytes', { maxBufferedBytes: 4_500 }, 'x'.repeat(1_000)],
    ['empty messages', { maxBufferedMessages: 1e6, maxBufferedBytes: 3 * 256 }, ''],
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

describe('sessions', () => {
  test('there are no more than allowed', async () => {
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

  test('a user has no more than allowed', async () => {
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

describe('before a WebSocket has said who it is', () => {
  test('it has 10 seconds', async () => {
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

  test('the time of an application that does not answer counts, too, and its late answer lets nobody in', async () => {
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
    // Whoever comes later is let in, and is the only one.
    await client().exchange()
    expect(opened.items).toHaveLength(1)
  })

  test('its first frame has 16 KB', async () => {
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

  test('it cannot send much more than that, in however many frames', async () => {
    const { url, server } = await startSite()
    const sockets = new List<import('node:net').Socket>()
    server.on('upgrade', (_, socket) => sockets.push(socket as import('node:net').Socket))
    const large = await openSocket(url)
    large.send('x'.repeat(5_000_000))
    expect((await large.end())[0]).toBe('too-large')
    expect((await large.closed)[0]).toBe(4_413)
    const [socket] = await sockets.count(1)
    await until(() => socket!.destroyed)
  })

  test('there are only so many of them, and it is nobody else’s loss', async () => {
    const { url, client, hub } = await startSite({ maxPending: 2 })
    hub.onMessage((data, session) => session.send(data))
    const attached = await client().socket()
    const pending = [await openSocket(url), await openSocket(url)]
    const refused = await openSocket(url)
    expect(await refused.closed).toEqual([4_503, 'too-many-sessions'])
    attached.send({ batch: batch(1, 'hi') })
    await attached.messages(1)
    expect((await client().exchange()).status).toBe(200)
    // Who says who it is, or goes, makes room.
    pending[0]!.send(client().body())
    await pending[0]!.packets.find(({ ready }) => ready === 1)
    await openSocket(url).then((socket) => socket.send(client().body()))
    pending[1]!.cut()
    const next = await client().socket()
    expect(next.packets.items[0]!.hello).toBeDefined()
  })
})

describe('what waits for handlers', () => {
  test('a WebSocket is not read from while it is too much, and is no ghost for that', async () => {
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
    await socket.packets.find(({ ack }) => ack !== undefined && ack[1] >= 1)
    for (let i = 0; i < 100; i++) vi.advanceTimersByTime(1_000)
    const received = Math.max(...socket.packets.items.map(({ ack }) => ack?.[1] ?? 0))
    expect(received).toBeLessThan(50)
    door.open()
    await socket.accepted(400)
    expect(seen).toEqual(data.map((each) => each.slice(0, 3)))
  })

  test('volatile messages count as well', async () => {
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
    await other.packets.find(({ ack }) => ack?.[1] === 1)
    expect(socket.packets.items.map(({ ack }) => ack?.[1]).filter(Boolean)).toEqual([])
    door.open()
    await socket.accepted(1)
    expect(seen).toBeGreaterThan(400)
  })

  test('exchanges are refused when it is far too much, and are taken again later', async () => {
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
    const types = answers.map(({ packet }) => packet.end?.[0])
    expect(types).toContain('gap')
    expect(types).toContain(undefined)
    door.open()
    await (await alice.socket()).accepted(7)
    expect((await alice.send(8, 'later')).packet.ack!.slice(1, 3)).toEqual([8, 8])
    expect(seen).toHaveLength(8)
  })

  test.each([
    // The limit is 2 × (window + the largest packet): 362,000 bytes.
    [1_300, 'taken', undefined],
    [1_500, 'refused', 'gap'],
  ])('behind %i empty messages of an exchange another one is %s', async (count, _, end) => {
    const { hub, client } = await startSite({ window: 1_000, maxMessage: 10_000, heartbeat: 200 })
    const door = new Door()
    hub.onMessage(() => door.opened)
    const alice = client()
    await alice.exchange()
    const empty = Array.from({ length: count }, () => '')
    expect((await alice.send(1, ...empty)).packet.ack!.slice(1, 3)).toEqual([count, 0])
    expect((await alice.send(count + 1, '')).packet.end?.[0]).toBe(end)
    door.open()
    await (await alice.socket()).accepted(count)
  })

  test.each(['batch', 'volatile'] as const)(
    'a WebSocket is not read from while too many empty messages of a %s wait',
    async (field) => {
      const { hub, client } = await startSite({ window: 1_000_000 })
      const door = new Door()
      let seen = 0
      hub.onMessage(async () => {
        await door.opened
        seen++
      })
      const socket = await client().socket()
      // Half of the window in bytes, but 25 times of it in messages. One read of the socket brings 13 packets.
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
      await other.packets.find(({ ack }) => ack?.[1] === 1)
      const received = Math.max(...socket.packets.items.map(({ ack }) => ack?.[1] ?? 0))
      expect(received).toBeLessThan(field === 'batch' ? 50_000 : 1)
      door.open()
      await socket.accepted(last)
      expect(seen).toBeGreaterThan(100_000)
    },
  )
})

describe('carriers of one session', () => {
  test('are three; a fourth evicts the one with the lowest number', async () => {
    const { client } = await startSite()
    const alice = client()
    const sockets = []
    for (let i = 0; i < 4; i++) sockets.push(await alice.socket())
    expect(await sockets[0]!.closed).toEqual([4_409, 'superseded'])
    expect(
      sockets.slice(1).flatMap(({ packets }) => packets.items.filter(({ end }) => end)),
    ).toEqual([])
  })

  test('a repeated wait replaces the first', async () => {
    const { client, hub } = await startSite()
    const alice = client()
    await alice.exchange()
    const first = alice.exchange({ answer: 'wait' }, { t: 5 })
    // It is served in order: the second is answered when the first waits.
    await alice.exchange({}, { t: 6 })
    const second = alice.exchange({ answer: 'wait' }, { t: 5 })
    expect((await first).packet.end![0]).toBe('superseded')
    await hub.broadcast('news')
    expect((await second).packet.batch).toEqual([1, [['news']]])
  })
})

describe('silence', () => {
  test('is not measured by the clock of the system, which may be set', async () => {
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

  test('a session that nobody comes back to dies in 10 s; with a second contact it lives for its time', async () => {
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

  test('carriers get a heartbeat, polls an answer; who says nothing to it is a ghost', async () => {
    stopClock()
    const { client, logged } = await startSite({ heartbeat: 20_000 })
    const [alice, bob] = [client(), client()]
    const socket = await alice.socket()
    await socket.packets.find(({ ready }) => ready === 1)
    const poll = bob.exchange({ answer: 'wait' })
    await bob.exchange({}, { key: randomKey() })
    vi.advanceTimersByTime(20_000)
    await socket.packets.count(3)
    expect(socket.packets.items[2]).toEqual({ ack: [alice.epoch, 0, 0, 0] })
    expect((await poll).packet).toMatchObject({
      hello: {},
      ready: 1,
      ack: [expect.any(String), 0, 0, 0],
    })
    for (let i = 0; i < 26; i++) vi.advanceTimersByTime(1_000)
    expect((await socket.closed)[0]).toBe(1_001)
    expect(logged.items.filter(({ level }) => level === 'error')).toEqual([])
  })
})
