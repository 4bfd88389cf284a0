/** Who is asked for a token, and when: once for each carrier, for each exchange, and when the old one has expired. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { AuthenticateResult } from '../src/options.ts'
import { batch, type Client } from './client.ts'
import { stopClock } from './clock.ts'
import { List } from './list.ts'
import { startSite, type Site } from './site.ts'

afterEach(() => void vi.useRealTimers())

/** Milliseconds for which the tokens of these tests are good. */
const TTL = 60_000

/** A token is a name and a number; it is good for a minute, and none without a name is. */
const expiring = (_: unknown, token = ''): AuthenticateResult => {
  const [user] = token.split(' ')
  return user ? { user, expires: Date.now() + TTL } : null
}

async function setup(): Promise<Site & { alice: Client }> {
  stopClock()
  const site = await startSite({
    authenticate: expiring,
    heartbeat: 10 * TTL,
    sessionTtl: 10 * TTL,
  })
  const alice = site.client()
  alice.token = 'alice 1'
  return { ...site, alice }
}

describe('an exchange with an epoch', () => {
  test('needs no token, unless it asks for hello', async () => {
    const asked = new List<unknown>()
    const { client } = await startSite({
      authenticate: (_, token) => {
        asked.push(token)
        return token ?? null
      },
    })
    const alice = client()
    const { hello } = (await alice.exchange({}, { token: 'alice' })).packet
    expect(hello!.bound).toBe(1)
    expect((await alice.send(1, 'known by its key')).packet.ack!.slice(0, 2)).toEqual([1, 1])
    expect((await alice.exchange({ hello: 1 })).packet.end![0]).toBe('unauthorized')
    expect((await alice.exchange({ hello: 1 }, { token: 'alice' })).packet.hello).toEqual(hello)
    expect(asked.items).toEqual(['alice', undefined, 'alice'])
  })

  test('needs a token each time if authenticateEvery is exchange', async () => {
    const { client } = await startSite({
      authenticateEvery: 'exchange',
      authenticate: (_, token) => token ?? null,
    })
    const alice = client()
    const { hello } = (await alice.exchange({}, { token: 'alice' })).packet
    expect(hello).not.toHaveProperty('bound')
    expect((await alice.send(1, 'who is this')).packet.end![0]).toBe('unauthorized')
    expect((await alice.exchange({}, { token: 'bob' })).packet.end![0]).toBe('forbidden')
    alice.token = 'alice'
    expect((await alice.send(1, 'it is me')).packet.ack!.slice(0, 2)).toEqual([1, 1])
  })
})

describe('a WebSocket whose token has expired', () => {
  test('is asked for a new one, and goes on with it', async () => {
    const { hub, alice } = await setup()
    const socket = await alice.socket()
    vi.advanceTimersByTime(TTL - 1_000)
    await hub.broadcast('not yet')
    await socket.messages(1)
    expect(socket.packets.items.some(({ token }) => token)).toBe(false)
    vi.advanceTimersByTime(2_000)
    await socket.packets.find(({ token }) => token === 1)
    socket.send({ token: 'alice 2', batch: batch(1, 'behind it') })
    await socket.accepted(1)
    vi.advanceTimersByTime(TTL / 2)
    await hub.broadcast('still here')
    expect(await socket.messages(2)).toEqual(['not yet', 'still here'])
    expect(socket.packets.items.filter(({ token }) => token)).toHaveLength(1)
  })

  test.each([
    ['without a new one', undefined, 'unauthorized', 4_401],
    ['with one that is refused', '', 'unauthorized', 4_401],
    ['with that of another user', 'bob 1', 'forbidden', 4_403],
  ])('ends %s', async (_, token, type, code) => {
    const { alice } = await setup()
    const socket = await alice.socket()
    vi.advanceTimersByTime(TTL + 1_000)
    await socket.packets.find((packet) => packet.token === 1)
    if (token === undefined) vi.advanceTimersByTime(11_000)
    else socket.send({ token })
    expect((await socket.end())[0]).toBe(type)
    expect(await socket.closed).toEqual([code, type])
    // Its session lives on.
    alice.token = 'alice 2'
    expect((await alice.exchange()).status).toBe(200)
  })

  test('is not authenticated by a token that nobody asked for', async () => {
    const { alice } = await setup()
    const socket = await alice.socket()
    socket.send({ token: 'bob 1', batch: batch(1, 'goes on') })
    await socket.accepted(1)
    expect(socket.packets.items.some(({ end }) => end)).toBe(false)
  })
})

test('an exchange whose token has expired is asked for a new one, and refused 10 s later', async () => {
  const { alice } = await setup()
  await alice.exchange()
  // A session that was contacted once would end after 10 s.
  await alice.exchange()
  alice.token = undefined
  vi.advanceTimersByTime(TTL + 1_000)
  expect((await alice.exchange()).packet.token).toBe(1)
  vi.advanceTimersByTime(9_000)
  expect((await alice.exchange()).packet.token).toBe(1)
  vi.advanceTimersByTime(2_000)
  const { status, packet } = await alice.exchange()
  expect([status, packet.end![0]]).toEqual([401, 'unauthorized'])
  expect((await alice.exchange({}, { token: 'alice 2' })).packet).not.toHaveProperty('token')
  expect((await alice.exchange()).packet).not.toHaveProperty('token')
})

test('a stream whose token has expired goes on when an exchange brings a new one', async () => {
  const { hub, alice } = await setup()
  const stream = await alice.stream('sse')
  vi.advanceTimersByTime(TTL + 1_000)
  await stream.packets.find(({ token }) => token === 1)
  await alice.exchange({}, { token: 'alice 2' })
  vi.advanceTimersByTime(TTL / 2)
  await hub.broadcast('still here')
  expect(await stream.messages(1)).toEqual(['still here'])
})
