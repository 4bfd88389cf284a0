/** A store may answer later. Events that happen meanwhile are not missed. */
import { describe, expect, test, vi } from 'vitest'
import { MemoryStore } from '../src/store/memory-store.ts'
import { batch, openSocket } from './client.ts'
import { List, until } from './list.ts'
import { startSite } from './site.ts'
import { slowStore } from './slow-store.ts'
import { ask } from './wire.ts'

const numbers = Array.from({ length: 50 }, (_, i) => i + 1)

test.each(['websocket', 'sse', 'forever-iframe'] as const)(
  '%s carries both ways over a store that answers later',
  async (how) => {
    const { hub, client } = await startSite({ store: slowStore() })
    const seen: unknown[] = []
    hub.onMessage((data, session) => {
      seen.push(data)
      void session.send(data)
    })
    const alice = client()
    const carrier = how === 'websocket' ? await alice.socket() : await alice.stream(how)
    const poll = alice.exchange({ answer: 'wait' })
    for (const number of numbers) await alice.send(number, number)
    expect(await carrier.messages(50)).toEqual(numbers)
    expect((await poll).packet.batch![0]).toBe(1)
    expect(seen).toEqual(numbers)
  },
)

test('messages that a WebSocket sends ahead are handled in order over a store that answers later', async () => {
  const { hub, client } = await startSite({ store: slowStore() })
  hub.onMessage((data, session) => session.send(data))
  const alice = client()
  const socket = await alice.socket({ batch: batch(1, 1) })
  for (const number of numbers.slice(1)) socket.send({ batch: batch(number, number) })
  await socket.accepted(50)
  expect(await socket.messages(50)).toEqual(numbers)
})

test('an end is told once on every carrier over a store that answers later', async () => {
  const { hub, client } = await startSite({ store: slowStore() })
  const closed = new List<unknown>()
  hub.onClose((_, reason) => closed.push(reason))
  hub.onMessage((_, session) => session.close(4_000, 'done'))
  const alice = client()
  const socket = await alice.socket()
  const stream = await alice.stream('sse')
  socket.send({ batch: batch(1, 'go') })
  const end = ['closed', 'done', 'final', 4_000]
  expect([await socket.end(), await stream.end()]).toEqual([end, end])
  expect((await alice.exchange()).packet.end).toEqual(end)
  expect(closed.items).toEqual([{ type: 'closed', reason: 'done', code: 4_000 }])
})

describe('while the store admits a carrier', () => {
  test('the same request again may take its place', async () => {
    const { hub, client } = await startSite({ store: slowStore() })
    const alice = client()
    await alice.exchange()
    const polls = [1, 2, 3].map(() => alice.exchange({ answer: 'wait' }, { t: 9, want: 9 }))
    // Requests that lost the place are told at once; the one that has it is still served.
    const ends = new List<unknown>()
    for (const poll of polls) void poll.then(({ packet }) => ends.push(packet.end?.[0]))
    await ends.count(2)
    expect(ends.items).toEqual(['superseded', 'superseded'])
    await hub.broadcast('news')
    expect(await ends.count(3)).toEqual(['superseded', 'superseded', undefined])
  })

  test('its client may give it up', async () => {
    const { client } = await startSite({ store: slowStore() })
    const alice = client()
    await alice.exchange()
    const poll = alice.exchange({ answer: 'wait' }, { t: 5 })
    const other = alice.exchange({}, { t: 6, want: 6 })
    expect((await poll).packet.end![0]).toBe('superseded')
    expect((await other).status).toBe(200)
  })

  test('its session may end', async () => {
    const { hub, client } = await startSite({ store: slowStore() })
    const alice = client()
    const { hello } = (await alice.exchange()).packet
    hub.onMessage((_, session) => session.close(4_000, 'done'))
    const ending = alice.send(1, 'go')
    const socket = await alice.socket()
    await ending
    expect((await socket.end()).slice(0, 2)).toEqual(['closed', 'done'])
    expect(hello).toBeDefined()
  })

  test('its hub may close, and tells it so or answers', async () => {
    const memory = new MemoryStore()
    const admit = vi.spyOn(memory, 'admit')
    const { hub, url, client } = await startSite({ store: slowStore(memory), drainTimeout: 20_000 })
    const [alice, bob, carol] = [client(), client(), client()]
    for (const each of [alice, bob, carol]) await each.exchange()
    const ticket = await carol.ticket('sse')
    const socket = await openSocket(url)
    socket.send(alice.body())
    const poll = alice.exchange({ answer: 'wait' })
    const answer = bob.exchange({ answer: 'now' })
    const stream = ask('GET', `${url}/sse?ticket=${ticket}`)
    await until(() => admit.mock.calls.length === 4 + 4)
    await hub.close()
    const draining = ['draining', expect.any(String), 'retry']
    expect(await socket.end()).toEqual(draining)
    expect((await poll).packet.end).toEqual(draining)
    expect((await stream).packet.end).toEqual(draining)
    expect((await answer).status).toBe(200)
  }, 10_000)
})
