import { describe, expect, test } from 'vitest'
import { batch } from '../test/client.ts'
import { List, until } from '../test/list.ts'
import { startSite } from '../test/site.ts'
import type { Session } from './session.ts'
import { MemoryStore } from './store/memory-store.ts'

describe('a session of the application', () => {
  test('has an id, a user, and the transport of its newest carrier', async () => {
    const { hub, client } = await startSite({ authenticate: (_, token) => token ?? '' })
    const seen = new List<unknown>()
    hub.onMessage((_, { id, user, transport }) => seen.push([id, user, transport]))
    const alice = client()
    alice.token = 'alice'
    const { packet } = await alice.send(1, 'a')
    const socket = await alice.socket()
    socket.send({ batch: batch(2, 'b') })
    await socket.accepted(2)
    await alice.stream('sse')
    await alice.send(3, 'c')
    const { id } = packet.hello!
    expect(seen.items).toEqual([
      [id, 'alice', null],
      [id, 'alice', 'websocket'],
      [id, 'alice', 'sse'],
    ])
  })

  test('keeps its data as it is when the handler has settled', async () => {
    const { hub, client } = await startSite()
    const seen: unknown[] = []
    hub.onOpen((session) => {
      session.data.opened = true
    })
    hub.onMessage(async (data, session) => {
      seen.push(structuredClone(session.data))
      session.data.list = [data]
      await Promise.resolve()
      if (data === 'replace') session.data = { replaced: 1 }
    })
    const closed = new List<unknown>()
    hub.onClose((session) => closed.push(session.data))
    const alice = client()
    await alice.send(1, 'a', 'replace', 'c')
    await alice.exchange({ volatile: [['v']] })
    await alice.exchange({ bye: [0] })
    expect(seen).toEqual([
      { opened: true },
      { opened: true, list: ['a'] },
      { replaced: 1 },
      { replaced: 1, list: ['c'] },
    ])
    expect(await closed.count(1)).toEqual([{ replaced: 1, list: ['v'] }])
  })

  test('ends when its data is no JSON any more', async () => {
    const { hub, client } = await startSite()
    hub.onMessage((_, session) => {
      session.data.cycle = session.data
    })
    expect((await client().send(1, 'a')).packet.end![1]).toBe('handler-failed')
  })

  test('gets messages that were sent while it had no carrier', async () => {
    const { hub, client } = await startSite()
    const alice = client()
    const { packet } = await alice.exchange()
    for (const data of ['a', 'b']) await hub.to({ session: packet.hello!.id }).send(data)
    const socket = await alice.socket()
    expect(await socket.messages(2)).toEqual(['a', 'b'])
  })

  test('gets messages that are sent outside of handlers, in order with the others', async () => {
    const { hub, client } = await startSite()
    const sessions = new List<Session>()
    hub.onOpen((session) => sessions.push(session))
    hub.onMessage((data, session) => session.send(data))
    const socket = await client().socket()
    const [session] = await sessions.count(1)
    socket.send({ batch: batch(1, 'a') })
    await socket.messages(1)
    await session!.send('later')
    socket.send({ batch: batch(2, 'b') })
    expect(await socket.messages(3)).toEqual(['a', 'later', 'b'])
  })

  test('tells the client the code and the reason of its close(), on every carrier and later', async () => {
    const store = new MemoryStore()
    const { hub, client } = await startSite({ store })
    hub.onMessage(async (_, session) => {
      await session.send('bye')
      await session.close(4_123, 'enough')
    })
    const alice = client()
    const socket = await alice.socket()
    const stream = await alice.stream('sse')
    const { hello } = socket.packets.items[0]!
    const poll = alice.exchange({ answer: 'wait' })
    await until(() => store.find(hello!.id)?.transport === 'long-poll')
    socket.send({ batch: batch(1, 'go') })
    const end = ['closed', 'enough', 'final', 4_123]
    expect(await socket.end()).toEqual(end)
    expect(await stream.end()).toEqual(end)
    expect([socket.entries, stream.entries]).toEqual([[[1, 'bye']], [[1, 'bye']]])
    expect((await poll).packet.batch).toEqual([1, [['bye']]])
    await stream.closed
    expect((await alice.exchange({ answer: 'wait' })).packet.end).toEqual(end)
  })
})

test.each([
  [1n, 'x'],
  [-1, 'x'],
  [1.5, 'x'],
  [70_000, 'x'],
  ['1000', 'x'],
  [1_000, 7],
  [1_000, 'x'.repeat(257)],
])('close(%o, %o) throws invalid-close, and its session goes on', async (code, reason) => {
  const { hub, client } = await startSite()
  const thrown = new List<unknown>()
  hub.onMessage((_, session) => {
    try {
      void session.close(code as number, reason as string)
    } catch (error) {
      thrown.push(error)
    }
  })
  const socket = await client().socket()
  socket.send({ batch: batch(1, 'a') })
  await socket.accepted(1)
  expect(thrown.items).toEqual([expect.objectContaining({ type: 'invalid-close' })])
})

test('a store that fails in join, leave or close is logged, and ends nothing', async () => {
  const store = new MemoryStore()
  const fail = (): never => {
    throw new Error('the store is away')
  }
  const unhandled: unknown[] = []
  const add = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', add)
  const { hub, client, logged } = await startSite({ store })
  hub.onMessage((_, session) => {
    Object.assign(store, { join: fail, leave: fail, end: fail })
    void session.join('a')
    void session.leave('a')
    void session.close()
  })
  const socket = await client().socket()
  socket.send({ batch: batch(1, 'a') })
  await until(() => logged.items.filter(({ event }) => event === 'store-failed').length === 3)
  process.off('unhandledRejection', add)
  expect(unhandled).toEqual([])
})
