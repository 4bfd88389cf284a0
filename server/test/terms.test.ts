/** Terms: what the client says of itself in its attach, and what the server says in hello and in ends. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Session } from '../src/session.ts'
import { stopClock } from './clock.ts'
import { List } from './list.ts'
import { startSite } from './site.ts'

afterEach(() => void vi.useRealTimers())

test('hello has the limits of the server, and what the application was told to say', async () => {
  const { client } = await startSite({
    heartbeat: 5_000,
    sessionTtl: 60_000,
    maxMessage: 2_000_000,
    maxBatch: 100_000,
    window: 50_000,
    retryAfter: [100, 2_000],
  })
  const alice = client()
  const { hello } = (await alice.exchange()).packet
  expect(hello).toEqual({
    version: 1,
    id: expect.any(String),
    epoch: expect.any(String),
    heartbeat: 5_000,
    lifetime: 60_000,
    maxMessage: 2_000_000,
    maxBatch: 100_000,
    window: 50_000,
    bound: 1,
    retryAfter: [100, 2_000],
  })
  const socket = await alice.socket()
  const stream = await alice.stream('sse')
  for (const { packets } of [socket, stream]) {
    expect((await packets.find((packet) => packet.hello !== undefined)).hello).toEqual(hello)
  }
})

test('hello is in the answer to an exchange without an epoch, or that asks for it, and in no other', async () => {
  const { client } = await startSite()
  const alice = client()
  const { hello } = (await alice.exchange()).packet
  for (const fields of [{}, { answer: 'none' }, { answer: 'now' }, { stream: 'sse' }]) {
    expect((await alice.exchange(fields)).packet, JSON.stringify(fields)).not.toHaveProperty(
      'hello',
    )
  }
  expect((await alice.exchange({ hello: 1 })).packet.hello).toEqual(hello)
  expect((await alice.exchange({}, { epoch: undefined })).packet.hello).toEqual(hello)
  expect((await alice.exchange({ answer: 'wait', within: 10 })).packet).not.toHaveProperty('hello')
  const { packet } = await alice.exchange({ answer: 'wait', within: 10, hello: 1 })
  expect(packet.hello).toEqual(hello)
})

test('url, protocols and meta of the attach are seen by authenticate and by the session that they create', async () => {
  const described = new List<unknown>()
  const { hub, client } = await startSite({
    protocols: ['chat.v1', 'chat.v2'],
    authenticate: (_, __, clientDescription) => {
      described.push(clientDescription)
      return ''
    },
  })
  const seen = new List<unknown>()
  const tell = ({ url, protocol, meta }: Session): void => seen.push([url, protocol, meta])
  hub.onOpen(tell)
  hub.onMessage((_, session) => tell(session))
  const alice = client()
  const attach = { url: '/rooms?id=7', protocols: ['chat.v3', 'chat.v2'], meta: { device: ['tv'] } }
  const { hello } = (await alice.exchange({}, attach)).packet
  expect(hello!.protocol).toBe('chat.v2')
  // They count when the session is created, and not later.
  const socket = await alice.socket({ batch: [1, [['hi']]] }, { meta: 'other', url: '/other' })
  await socket.accepted(1)
  expect(socket.packets.items[0]!.hello!.protocol).toBe('chat.v2')
  const expected = ['/rooms?id=7', 'chat.v2', { device: ['tv'] }]
  expect(seen.items).toEqual([expected, expected])
  expect(described.items).toEqual([attach, { url: '/other', protocols: [], meta: 'other' }])
})

test('a client that says nothing of itself has a session without it', async () => {
  const { hub, client } = await startSite({ protocols: ['chat'] })
  const seen = new List<unknown>()
  hub.onOpen(({ url, protocol, meta }) => seen.push([url, protocol, meta]))
  const { packet } = await client().exchange({}, { protocols: ['other'] })
  expect(packet.hello).not.toHaveProperty('protocol')
  expect(await seen.count(1)).toEqual([[undefined, undefined, undefined]])
})

describe('the heartbeat that a client asks for', () => {
  test.each([
    [2_000, 2_000],
    [90_000, 20_000],
  ])('of %i ms is %i ms, in hello and on the carrier', async (asked, granted) => {
    stopClock()
    const { client } = await startSite()
    const alice = client()
    const socket = await alice.socket({}, { heartbeat: asked })
    expect(socket.packets.items[0]!.hello!.heartbeat).toBe(granted)
    await socket.packets.count(2)
    vi.advanceTimersByTime(granted - 1_000)
    await alice.exchange({ probe: 1 })
    await socket.packets.count(3)
    vi.advanceTimersByTime(granted + 1_000)
    await socket.packets.count(4)
    expect(socket.packets.items.slice(2)).toEqual([{ ack: [0, 0, 0] }, { ack: [0, 0, 0] }])
  })

  test('holds for the stream of a ticket, too', async () => {
    stopClock()
    const { client } = await startSite()
    const alice = client()
    const { ticket } = (await alice.exchange({ stream: 'sse' }, { heartbeat: 2_000 })).packet
    expect(ticket).toBeDefined()
    const { hello } = (await alice.exchange({ hello: 1 }, { heartbeat: 2_000 })).packet
    expect(hello!.heartbeat).toBe(2_000)
  })
})

test('an end for another version says which one the server speaks', async () => {
  const { client } = await startSite()
  const { status, packet } = await client().exchange({}, { version: 9 })
  expect([status, packet]).toEqual([
    400,
    { end: ['unsupported-version', expect.any(String), 'final'], version: 1 },
  ])
})

test.each([
  [undefined, [0, 500]],
  [[1_000, 5_000] as const, [1_000, 5_000]],
])(
  'a hub that is closed tells its clients when to come back: %j',
  async (drainRetryAfter, said) => {
    const { hub, client } = await startSite({ ...(drainRetryAfter && { drainRetryAfter }) })
    const socket = await client().socket()
    void hub.close()
    const { end, retryAfter } = await socket.packets.find((packet) => packet.end !== undefined)
    expect([end![0], retryAfter]).toEqual(['draining', said])
  },
)
