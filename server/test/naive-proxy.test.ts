/** A reverse proxy that rewrites `Host`, over TLS, as Chromium sees it: its WebSockets do not say `Sec-Fetch-Site`. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batch, openSocket } from './client.ts'
import { MemoryStore } from '../src/store/memory-store.ts'
import { stopClock } from './clock.ts'
import { List } from './list.ts'
import { startSite } from './site.ts'

afterEach(() => void vi.useRealTimers())

const PAGE = 'https://app.example'
/** Requests reach the site with its own address as `Host`, as by bare `proxy_pass`. */
const SOCKET = { Origin: PAGE, Cookie: 'user=alice' }
const EXCHANGE = { ...SOCKET, 'Sec-Fetch-Site': 'same-origin' }

describe('the WebSocket of the page', () => {
  test.each([1, 2])('joins the session that its exchange has made, with %i hubs', async (hubs) => {
    const { hub, url, client } = await startSite({ hubs })
    const alice = client()
    alice.headers = EXCHANGE
    await alice.exchange()
    alice.headers = SOCKET
    const socket = await alice.socket()
    expect(await socket.packets.find(({ ready }) => ready === 1)).toBeDefined()
    // A page that does not know the epoch yet joins as well.
    const other = await openSocket(url, SOCKET)
    other.send(alice.body({}, { epoch: undefined }))
    expect((await other.packets.find(({ hello }) => hello !== undefined)).hello!.epoch).toBe(
      alice.epoch,
    )
    await hub.broadcast('hi')
    await socket.packets.find((packet) => packet.batch?.[1][0]?.[0] === 'hi')
  })

  test('joins when the exchange that began before has authenticated its user', async () => {
    const asked = new List<() => void>()
    const lookedFor = new List<string>()
    const store = new MemoryStore()
    const findByKey = store.findByKey.bind(store)
    store.findByKey = (key) => {
      lookedFor.push(key)
      return findByKey(key)
    }
    const { url, client } = await startSite({
      store,
      authenticate: () => new Promise((resolve) => asked.push(() => resolve('alice'))),
    })
    const alice = client()
    alice.headers = EXCHANGE
    const answer = alice.exchange()
    const finish = await asked.find(() => true)
    const socket = await openSocket(url, SOCKET)
    socket.send(alice.body())
    await lookedFor.count(1)
    expect(asked.items).toHaveLength(1)
    finish()
    expect((await answer).status).toBe(200)
    const again = await asked.find((each) => each !== finish)
    again()
    expect((await socket.packets.find(({ hello }) => hello !== undefined)).hello!.epoch).toBe(
      alice.epoch,
    )
  })

  test('makes no session, and is to come again', async () => {
    const { hub, client } = await startSite()
    const opened = new List<unknown>()
    hub.onOpen(() => opened.push(1))
    const alice = client()
    alice.headers = SOCKET
    const socket = await alice.socket({ batch: batch(1, 'hi') })
    expect(await socket.end()).toEqual(['origin-refused', expect.stringContaining(PAGE), 'retry'])
    expect(await socket.closed).toEqual([4_403, 'origin-refused'])
    expect(opened.items).toEqual([])
  })

  test('makes no session either if the one that it joins ends meanwhile', async () => {
    const asked = new List<() => void>()
    const { hub, url, client } = await startSite({
      authenticate: (_, token) =>
        token === undefined
          ? 'alice'
          : new Promise((resolve) => asked.push(() => resolve('alice'))),
    })
    const opened = new List<string>()
    hub.onOpen(({ id }) => opened.push(id))
    const alice = client()
    alice.headers = EXCHANGE
    await alice.exchange()
    const socket = await openSocket(url, SOCKET)
    socket.send(alice.body({}, { epoch: undefined, token: 'slow' }))
    const finish = await asked.find(() => true)
    await alice.exchange({ bye: [0] })
    finish()
    expect((await socket.end())[0]).toBe('closed')
    expect(opened.items).toHaveLength(1)
  })
})

describe('a WebSocket of another page', () => {
  const EVIL = { Origin: 'https://evil.example', Cookie: 'user=alice' }

  test('does not join, and the application is not asked who that is', async () => {
    const asked = new List<unknown>()
    const { url, client } = await startSite({
      authenticate: ({ headers }) => {
        asked.push(headers.origin)
        return 'alice'
      },
    })
    const alice = client()
    alice.headers = EXCHANGE
    await alice.exchange()
    const bob = client()
    await bob.exchange()
    for (const each of [alice, bob]) {
      const socket = await openSocket(url, EVIL)
      socket.send(each.body())
      expect(await socket.end()).toEqual(['origin-refused', expect.any(String), 'final'])
    }
    expect(asked.items).toEqual([PAGE, undefined])
  })

  test('learns nothing from a first frame that cannot be read', async () => {
    const { url } = await startSite()
    for (const frame of ['{', 'x'.repeat(20_000), Buffer.from('binary')]) {
      const socket = await openSocket(url, EVIL)
      socket.send(frame)
      expect((await socket.end())[0]).toBe('origin-refused')
    }
  })

  test('cannot have its session vouched for by a program of the attacker for another user', async () => {
    const { client } = await startSite({
      authenticate: ({ headers }) => headers.cookie ?? 'mallory',
    })
    const mallory = client()
    mallory.headers = { Origin: EVIL.Origin, 'Sec-Fetch-Site': 'same-origin' }
    await mallory.exchange()
    mallory.headers = EVIL
    const socket = await mallory.socket()
    expect((await socket.end())[0]).toBe('forbidden')
  })
})

test('a refusal for its origin is a warning once a minute, and else for debugging', async () => {
  stopClock()
  const { client, logged } = await startSite()
  const refused = async (): Promise<void> => {
    const alice = client()
    alice.headers = SOCKET
    expect((await alice.exchange()).packet.end![0]).toBe('origin-refused')
  }
  await refused()
  await refused()
  vi.advanceTimersByTime(60_000)
  await refused()
  const events = logged.items.filter(({ event }) => event === 'refused')
  expect(events.map(({ level }) => level)).toEqual(['warn', 'debug', 'warn'])
  expect(events[0]!.reason).toMatch(
    /Origin https:\/\/app\.example .*Host 127\.0\.0\.1:\d+;.* option host;/,
  )
})
