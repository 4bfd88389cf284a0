/** `hub.close()` loses nothing that was accepted. */
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { attach } from '../src/hub.ts'
import { MemoryStore } from '../src/store/memory-store.ts'
import { batch, openSocket } from './client.ts'
import { Door, List, until } from './list.ts'
import { listen, startSite } from './site.ts'
import { ask } from './wire.ts'

const DRAINING = ['draining', expect.any(String), 'retry']

describe('closing a hub that has the sessions in its memory', () => {
  test('waits for handlers that run and for what they send, and tells clients then', async () => {
    const { hub, client } = await startSite()
    const door = new Door()
    const running = new List<unknown>()
    hub.onMessage(async (data, session) => {
      running.push(data)
      await door.opened
      await session.send(`${data} is done`)
    })
    const closed = new List<string>()
    hub.onClose((_, { type, reason }) => closed.push(`${type}: ${reason}`))
    const [first, second] = [client(), client()]
    const socket = await first.socket({ batch: batch(1, 'a', 'b') })
    const stream = await second.stream('sse', { batch: batch(1, 'c') })
    await running.count(2)

    const closing = hub.close()
    // A later message is not taken: its client sends it again, to another server.
    socket.send({ batch: batch(3, 'late') })
    door.open()
    await closing
    expect(await socket.end()).toEqual(DRAINING)
    expect(await stream.end()).toEqual(DRAINING)
    expect([socket.entries, stream.entries]).toEqual([
      [
        [1, 'a is done'],
        [2, 'b is done'],
      ],
      [[1, 'c is done']],
    ])
    expect(socket.packets.items.findLast(({ ack }) => ack)!.ack!.slice(0, 2)).toEqual([2, 2])
    expect(running.items.sort()).toEqual(['a', 'b', 'c'])
    expect(await socket.closed).toEqual([4_503, 'draining'])
    await stream.closed
    expect(closed.items).toEqual(['gone: server-closed', 'gone: server-closed'])
  })

  test('answers a poll with what handlers send', async () => {
    const store = new MemoryStore()
    const { hub, client } = await startSite({ store })
    const door = new Door()
    hub.onMessage(async (data, session) => {
      await door.opened
      await session.send(data)
    })
    const alice = client()
    const { packet } = await alice.send(1, 'hi')
    const poll = alice.exchange({ answer: 'wait' })
    await until(() => store.find(packet.hello!.id)!.transport === 'long-poll')
    const closing = hub.close()
    door.open()
    expect((await poll).packet.batch).toEqual([1, [['hi']]])
    await closing
  })

  test('tells the client of a poll without news to move', async () => {
    const { hub, client } = await startSite()
    const alice = client()
    await alice.exchange()
    const poll = alice.exchange({ answer: 'wait' })
    // Requests are served in order: this one is answered when the first waits.
    await alice.exchange()
    await hub.close()
    const { status, packet } = await poll
    expect([status, packet.end]).toEqual([503, DRAINING])
  })

  test('gives a client that reads slowly all of its log before it is told', async () => {
    const { hub, client } = await startSite()
    const large = 'x'.repeat(500_000)
    hub.onMessage(async (_, session) => {
      for (let i = 0; i < 12; i++) await session.send(`${i}${large}`)
    })
    const socket = await client().socket()
    socket.pause()
    socket.send({ batch: batch(1, 'go') })
    // Its answer says that the handler of the other client has run, too.
    const other = client()
    await other.send(1, 'go')
    const closing = hub.close()
    socket.resume()
    await closing
    expect((await socket.messages(12)).map((text) => parseInt(String(text), 10))).toEqual(
      Array.from({ length: 12 }, (_, i) => i),
    )
    expect(await socket.end()).toEqual(DRAINING)
  })

  test('refuses every new carrier meanwhile', async () => {
    const { hub, url, client } = await startSite()
    const door = new Door()
    const running = new List<unknown>()
    hub.onMessage((data) => {
      running.push(data)
      return door.opened
    })
    const [alice, bob] = [client(), client()]
    const ticket = await alice.ticket('sse')
    await alice.socket({ batch: batch(1, 'hi') })
    const pending = await openSocket(url)
    await running.count(1)
    const closing = hub.close()
    expect(await pending.end()).toEqual(DRAINING)
    expect((await alice.exchange()).packet.end).toEqual(DRAINING)
    expect((await bob.exchange()).status).toBe(503)
    const { status } = await ask('GET', `${url}/sse?ticket=${ticket}`)
    expect(status).toBe(503)
    const socket = await openSocket(url)
    socket.send(bob.body())
    expect(await socket.closed).toEqual([4_503, 'draining'])
    door.open()
    await closing
  })

  test('waits for handlers and clients no longer than drainTimeout', async () => {
    const { hub, client } = await startSite({ drainTimeout: 50 })
    hub.onMessage(() => new Promise(() => {}))
    const running = await client().socket()
    running.send({ batch: batch(1, 'for ever') })
    const deaf = await client().socket()
    deaf.pause()
    await hub.close()
    deaf.resume()
    for (const socket of [running, deaf]) expect(await socket.closed).toHaveLength(2)
  })

  test('happens once, and then nothing can be sent any more', async () => {
    const { hub } = await startSite()
    const closing = hub.close()
    expect(hub.close()).toBe(closing)
    await closing
    await expect(hub.broadcast('late')).rejects.toMatchObject({ type: 'closed' })
  })
})

describe('an HTTP server whose hub was closed', () => {
  test('is as it was before, and its other listeners get every request', async () => {
    const server = createServer((_, response) => response.end('framework'))
    const { emit } = server
    const before = server.listeners('upgrade')
    const hub = attach(server)
    const url = await listen(server)
    expect((await ask('POST', `${url}/rungs`, {}, '{}')).status).toBe(400)
    await hub.close()
    expect(server.emit).toBe(emit)
    expect(Object.hasOwn(server, 'emit')).toBe(false)
    expect(server.listeners('upgrade')).toEqual(before)
    expect((await ask('POST', `${url}/rungs`, {}, '{}')).text).toBe('framework')
  })

  test('may have other hubs, which go on', async () => {
    const server = createServer((_, response) => response.end('framework'))
    const hubs = ['/a', '/b', '/c'].map((path) => attach(server, { path }))
    const url = await listen(server)
    const answers = async (): Promise<number[]> =>
      Promise.all(
        ['/a', '/b', '/c', '/d'].map(
          async (path) => (await ask('POST', url + path, {}, '{}')).status,
        ),
      )
    expect(await answers()).toEqual([400, 400, 400, 200])
    await hubs[1]!.close()
    expect(await answers()).toEqual([400, 200, 400, 200])
    await hubs[0]!.close()
    await hubs[2]!.close()
    expect(await answers()).toEqual([200, 200, 200, 200])
  })
})

describe('closing one of two hubs over a store', () => {
  test('ends no session: clients go on at the other hub', async () => {
    const { hubs, client } = await startSite({ hubs: 2 })
    const [leaving, staying] = hubs as [(typeof hubs)[0], (typeof hubs)[0]]
    const door = new Door()
    const happened: string[] = []
    for (const [hub, name] of [
      [leaving, 'leaving'],
      [staying, 'staying'],
    ] as const) {
      hub.onOpen(() => happened.push(`opened by ${name}`))
      hub.onClose(() => happened.push(`closed by ${name}`))
      hub.onMessage(async (data, session) => {
        happened.push(`${data} for ${name}`)
        if (data === 'a') await door.opened
        await session.send(`${data}!`)
      })
    }
    const alice = client()
    // The first request goes to the first hub, the second to the second.
    const socket = await alice.socket({ batch: batch(1, 'a') })
    const other = await alice.socket()
    const closing = leaving.close()
    door.open()
    await closing
    expect(await socket.end()).toEqual(DRAINING)
    expect(await other.messages(1)).toEqual(['a!'])
    other.send({ batch: batch(2, 'b') })
    expect(await other.messages(2)).toEqual(['a!', 'b!'])
    expect(happened).toEqual(['opened by leaving', 'a for leaving', 'b for staying'])
  })
})
