/** Exchanges whose body is several packets, goodbyes, and volatile messages between two polls. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batch, type Client, type Fields } from './client.ts'
import { stopClock } from './clock.ts'
import { List } from './list.ts'
import { startSite } from './site.ts'
import { post, raw, type Answer } from './wire.ts'

afterEach(() => void vi.useRealTimers())

/** An exchange whose body is these packets, the first of them with the attach. */
function exchangeOf(
  url: string,
  client: Client,
  first: Fields,
  ...others: (Fields | string)[]
): Promise<Answer> {
  const lines = others.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
  return post(url, [client.body(first), ...lines].join('\n'))
}

describe('the packets of an exchange', () => {
  test('are processed in order, each with its acknowledgement', async () => {
    const { url, hub, client } = await startSite()
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const alice = client()
    await alice.exchange()
    await hub.broadcast('news')
    const { packet } = await exchangeOf(
      url,
      alice,
      { batch: batch(1, 'a'), answer: 'now' },
      { batch: batch(2, 'b', 'c'), volatile: [['v']] },
      { ack: [1, ''], batch: batch(4, 'd') },
    )
    expect(packet).toEqual({ ack: [4, 4, 1], ready: 1 })
    expect(seen).toEqual(['a', 'b', 'c', 'v', 'd'])
  })

  test('stand if one behind them is refused; those behind that are not read', async () => {
    const { url, hub, client } = await startSite()
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const alice = client()
    for (const refused of [{ ack: [9, ''], batch: batch(2, 'lost') }, { batch: 'wrong' }, 'text']) {
      const { packet } = await exchangeOf(url, alice, { batch: batch(1, 'stands') }, refused, {
        batch: batch(2, 'not read'),
      })
      expect(packet.end![0]).toBe(
        typeof refused === 'object' && 'ack' in refused ? 'lost' : 'malformed',
      )
    }
    expect((await alice.exchange()).packet.ack).toEqual([1, 1, 0])
    expect(seen).toEqual(['stands'])
  })

  test('are processed although the last of them is cut, which is not', async () => {
    const { url, hub, client, logged } = await startSite()
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const alice = client()
    const body = `${alice.body()}\n${JSON.stringify({ batch: batch(1, 'whole') })}\n{"batch":[2,[["cut"]]]`
    const socket = await raw(url)
    socket.write(
      `POST /rungs HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length + 1}\r\n\r\n${body}`,
    )
    socket.end()
    await logged.find(({ event, reason }) => event === 'refused' && reason!.includes('cut'))
    expect(seen).toEqual(['whole'])
  })

  test('of an exchange that waits ask for no stream, and say no goodbye', async () => {
    const { url, hub, client } = await startSite()
    const closed = new List<unknown>()
    hub.onClose((_, { reason }) => closed.push(reason))
    const alice = client()
    await alice.exchange()
    for (const fields of [{ stream: 'sse' }, { bye: [0] }]) {
      const { status, packet } = await alice.exchange(
        { answer: 'wait', ...fields },
        { want: 9, t: 9 },
      )
      expect([status, packet.end![0]]).toEqual([400, 'malformed'])
    }
    // Neither has had any effect.
    expect((await alice.exchange({}, { t: 2 })).status).toBe(200)
    // Of a later packet, the goodbye holds (PROTOCOL.md 6.10).
    const bye = [0, 1_000, 'gone home']
    const { packet } = await exchangeOf(url, alice, { answer: 'wait' }, { bye })
    expect(packet.end).toEqual(['closed', 'gone home', 'final', 1_000])
    expect(await closed.count(1)).toEqual(['gone home'])
  })

  test('are answered with gap if one of them was not taken', async () => {
    const { url, client } = await startSite()
    const alice = client()
    const { status, packet } = await exchangeOf(
      url,
      alice,
      { batch: batch(1, 'a') },
      { batch: batch(3, 'c') },
    )
    expect(status).toBe(200)
    expect(packet).toMatchObject({ ack: [1, 1, 0], gap: 1 })
    const waiting = await alice.exchange({ batch: batch(9, 'gap'), answer: 'wait', accepted: 1 })
    expect(waiting.packet).toMatchObject({ ack: [1, 1, 0], gap: 1, ready: 1 })
  })
})

test('an exchange that waits is told what is accepted, whatever its client claims to know', async () => {
  const { client } = await startSite()
  const alice = client()
  await alice.exchange()
  const { packet } = await alice.exchange({ answer: 'wait', accepted: 7, within: 10 })
  expect(packet).toEqual({ ack: [0, 0, 0], ready: 1 })
})

describe('volatile messages for a session between two polls', () => {
  test('are kept, the latest eight of them, and come with the next poll', async () => {
    const { hub, client } = await startSite()
    const alice = client()
    const { id } = (await alice.exchange()).packet.hello!
    for (let i = 1; i <= 10; i++) await hub.to({ session: id }).send(i, { volatile: true })
    expect((await alice.exchange()).packet).not.toHaveProperty('volatile')
    const { packet } = await alice.exchange({ answer: 'now' })
    expect(packet.volatile).toEqual([[3], [4], [5], [6], [7], [8], [9], [10]])
    expect((await alice.exchange({ answer: 'now' })).packet).not.toHaveProperty('volatile')
  })

  test('come with the next exchange that waits, and the next stream', async () => {
    const { hub, client } = await startSite()
    const alice = client()
    const { id } = (await alice.exchange()).packet.hello!
    await hub.to({ session: id }).send('for the poll', { volatile: true })
    const { packet } = await alice.exchange({ answer: 'wait' })
    expect(packet.volatile).toEqual([['for the poll']])
    await hub.to({ session: id }).send('for the stream', { volatile: true })
    const { packets } = await alice.stream('sse')
    const { volatile } = await packets.find((each) => each.volatile !== undefined)
    expect(volatile).toEqual([['for the stream']])
  })

  test('are dropped after a heartbeat interval', async () => {
    stopClock()
    const { hub, client } = await startSite({ heartbeat: 3_000 })
    const alice = client()
    const { id } = (await alice.exchange()).packet.hello!
    await hub.to({ session: id }).send('old', { volatile: true })
    vi.advanceTimersByTime(2_000)
    await hub.to({ session: id }).send('new', { volatile: true })
    vi.advanceTimersByTime(2_000)
    expect((await alice.exchange({ answer: 'now' })).packet.volatile).toEqual([['new']])
  })
})

describe('a goodbye with grace', () => {
  test('ends the readers, then the session as it says, unless that is resumed', async () => {
    stopClock()
    const { hub, client } = await startSite()
    const closed = new List<unknown>()
    hub.onClose((session, { type, reason, code }) => closed.push([session.id, type, reason, code]))
    const [alice, bob] = [client(), client()]
    for (const each of [alice, bob]) {
      each.page = [0, 'first load']
      await each.exchange()
    }
    const { id } = (await alice.exchange({ hello: 1 })).packet.hello!
    const socket = await alice.socket()
    for (const each of [alice, bob]) {
      expect((await each.exchange({ bye: [5, 4_001, 'reloading'] })).text).toBe('{}')
    }
    expect((await socket.end())[0]).toBe('superseded')
    // The page that said so is gone.
    expect((await alice.exchange()).packet.end![0]).toBe('superseded')
    bob.page = [1, 'second load']
    expect((await bob.exchange({}, { t: 1, want: 1 })).status).toBe(200)
    vi.advanceTimersByTime(7_000)
    expect(await closed.count(1)).toEqual([[id, 'closed', 'reloading', 4_001]])
    expect((await alice.exchange()).packet.end).toEqual(['closed', 'reloading', 'final', 4_001])
    expect((await bob.exchange({}, { t: 2, want: 1 })).status).toBe(200)
  })

  test('is over after the lifetime of the session, if that is less', async () => {
    stopClock()
    const { hub, client } = await startSite({ sessionTtl: 3_000 })
    const closed = new List<unknown>()
    hub.onClose((_, { type }) => closed.push(type))
    const alice = client()
    await alice.exchange()
    await alice.exchange({ bye: [60] })
    vi.advanceTimersByTime(4_000)
    expect(await closed.count(1)).toEqual(['closed'])
  })
})

test('an exchange in flight keeps a session alive that was contacted only once', async () => {
  stopClock()
  const { hub, client, logged } = await startSite()
  const handled = new List<() => void>()
  hub.onMessage(() => new Promise<void>((resolve) => handled.push(resolve)))
  const alice = client()
  // The goodbye is answered when its message is handled.
  const answer = alice.exchange({ batch: batch(1, 'slow'), bye: [0] })
  await handled.count(1)
  vi.advanceTimersByTime(15_000)
  for (const finish of handled.items) finish()
  expect((await answer).text).toBe('{}')
  const { reason } = await logged.find(({ event }) => event === 'session-ended')
  expect(reason).toBe('closed: closed')
})
