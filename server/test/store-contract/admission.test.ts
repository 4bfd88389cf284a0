import { describe, expect, test } from 'vitest'
import { message, page, request } from '../store.ts'
import { start } from './start.ts'

describe('creating a session', () => {
  test('a request without an epoch creates a session, the next one finds it', async () => {
    const world = await start()
    const first = await world.admitted(request('key'))
    const second = await world.admitted(request('key', { sequence: 2 }))
    expect([first.created, second.created]).toEqual([true, false])
    expect(second.session.id).toBe(first.session.id)
    expect([second.acceptedUpTo, second.head]).toEqual([0, 0])
  })

  test('each session has an id and an epoch of its own', async () => {
    const world = await start()
    const { session: a } = await world.admitted(request('a'))
    const { session: b } = await world.admitted(request('b'))
    expect(a.id).toMatch(/^[\w-]{16}$/)
    expect(a.epoch).toMatch(/^[\w-]{8}$/)
    expect(new Set([a.id, b.id, a.epoch, b.epoch]).size).toBe(4)
  })

  test('a request with an epoch never creates a session', async () => {
    const world = await start()
    expect(await world.refused(request('key', { epoch: 'any' }))).toEqual({
      type: 'gone',
      reason: 'unknown',
    })
    expect((await world.admitted(request('key'))).created).toBe(true)
  })

  test('a request with another epoch than the session’s is refused', async () => {
    const world = await start()
    const { session } = await world.admitted(request('key'))
    expect((await world.refused(request('key', { sequence: 2, epoch: 'other' }))).type).toBe('gone')
    expect(
      (await world.admitted(request('key', { sequence: 2, epoch: session.epoch }))).created,
    ).toBe(false)
  })

  test('a session keeps what the request that creates it says of the application, and of no other one', async () => {
    const world = await start()
    const asked = { url: '/chat?room=1', protocol: 'v2', meta: '{"app":"1.2"}' }
    const { id } = (await world.admitted(request('key', asked))).session
    await world.admitted(request('key', { sequence: 2, url: '/other', protocol: 'v1', meta: '7' }))
    expect(await world.store.find(id)).toMatchObject(asked)
    const plain = (await world.admitted(request('plain'))).session
    expect([plain.url, plain.protocol, plain.meta]).toEqual([undefined, undefined, undefined])
  })

  test('a request by session id finds a session, and never creates one', async () => {
    const world = await start()
    const { id } = (await world.admitted(request('key'))).session
    const byId = { ...request('key', { sequence: 2 }), identity: { id } }
    expect((await world.admitted(byId)).session.id).toBe(id)
    expect((await world.refused({ ...byId, identity: { id: 'nobody' } })).type).toBe('gone')
  })

  test('a request with a position above zero creates no session: the position is of another log', async () => {
    const world = await start()
    expect((await world.refused(request('key', { position: [3, ''] }))).type).toBe('lost')
    expect((await world.admitted(request('key'))).created).toBe(true)
  })

  test('sessions beyond maxSessions are refused until one has ended', async () => {
    const world = await start({ maxSessions: 2 })
    const a = await world.openSession('a')
    await world.openSession('b')
    expect((await world.refused(request('c'))).type).toBe('too-many-sessions')
    await world.store.end(a, { type: 'closed', reason: 'test' })
    expect((await world.admitted(request('c'))).created).toBe(true)
  })

  test('the last places are for addresses with fewer sessions, but places of sessions that were left are for all', async () => {
    const world = await start({ maxSessions: 10, maxSessionsPerAddress: 4 })
    const keys = ['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3']
    for (const key of keys) await world.openSession(key, { address: key.slice(0, 1) })
    const { reason } = await world.refused(request('c3', { address: 'c' }))
    expect(reason).toContain('the last places are for addresses with fewer sessions than yours')
    for (const key of ['d1', 'e1']) await world.openSession(key, { address: key.slice(0, 1) })
    expect((await world.refused(request('f1', { address: 'f' }))).reason).toContain('full')
    world.clock.pass(2_000)
    expect((await world.admitted(request('c3', { address: 'c' }))).created).toBe(true)
    expect((await world.admitted(request('f1', { address: 'f' }))).created).toBe(true)
  })

  test('sessions of a user beyond maxSessionsPerUser are refused; the user "" has no limit', async () => {
    const world = await start({ maxSessionsPerUser: 1 })
    const a = await world.openSession('a', { user: 'alice' })
    expect((await world.refused(request('b', { user: 'alice' }))).type).toBe(
      'too-many-user-sessions',
    )
    await world.openSession('c', { user: 'bob' })
    await world.openSession('d')
    await world.openSession('e')
    await world.store.end(a, { type: 'closed', reason: 'test' })
    expect((await world.admitted(request('b', { user: 'alice' }))).created).toBe(true)
  })

  test('a session is refused to another user, with or without its epoch', async () => {
    const world = await start()
    const { session } = await world.admitted(request('key', { user: 'alice' }))
    for (const user of ['bob', '']) {
      expect((await world.refused(request('key', { user, sequence: 2 }))).type).toBe('forbidden')
      expect(
        (await world.refused(request('key', { user, sequence: 2, epoch: session.epoch }))).type,
      ).toBe('forbidden')
    }
  })
})

describe('the fence', () => {
  test('a request below the lowest wanted sequence is superseded, and changes nothing', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.append([{ session: id }], message('one'))
    const position = await world.position(id, 1)
    await world.admitted(request('key', { sequence: 7, lowestWanted: 7 }))
    expect(
      (await world.refused(request('key', { sequence: 6, lowestWanted: 9, position }))).type,
    ).toBe('superseded')
    expect(await world.log(id)).toEqual(['one'])
    await world.admitted(request('key', { sequence: 7, lowestWanted: 7 }))
  })

  test('the lowest wanted sequence never goes down', async () => {
    const world = await start()
    await world.admitted(request('key', { sequence: 7, lowestWanted: 7 }))
    await world.admitted(request('key', { sequence: 8, lowestWanted: 2 }))
    expect((await world.refused(request('key', { sequence: 6 }))).type).toBe('superseded')
  })

  test('readers below the lowest wanted sequence are superseded', async () => {
    const world = await start()
    const { id } = (await world.admitted(request('key', { readerTransport: 'sse' }))).session
    await world.admitted(
      request('key', { sequence: 2, lowestWanted: 1, readerTransport: 'websocket' }),
    )
    await world.admitted(request('key', { sequence: 3, lowestWanted: 2 }))
    expect(await world.calls()).toEqual([['superseded', id, 1]])
    expect((await world.store.find(id))!.transport).toBe('websocket')
  })

  test('a request with the sequence of a reader replaces it, and its node is told before the request is admitted', async () => {
    const world = await start()
    const other = await world.addNode()
    const { id } = (await world.admitted(request('key', { readerTransport: 'long-poll' }))).session
    await world.admitted(request('key', { readerTransport: 'long-poll' }), other)
    expect(await world.calls()).toEqual([['superseded', id, 1]])
    // The node that lost it says so late.
    await world.store.detach(world.listener, id, 1)
    await world.store.append([{ session: id }], message('hi'))
    expect(await world.calls(other)).toEqual([['appended', id, 1, '"hi"', await world.tag(id, 1)]])
  })

  test('a fourth reader supersedes the one with the lowest sequence', async () => {
    const world = await start()
    const { id } = (await world.admitted(request('key', { sequence: 2, readerTransport: 'sse' })))
      .session
    for (const t of [4, 3, 5])
      await world.admitted(request('key', { sequence: t, readerTransport: 'sse' }))
    expect(await world.calls()).toEqual([['superseded', id, 2]])
  })

  test('a fourth reader with the lowest sequence of all is refused, and changes nothing', async () => {
    const world = await start()
    const id = await world.openSession('key', { sequence: 2, readerTransport: 'sse' })
    for (const t of [3, 4])
      await world.admitted(request('key', { sequence: t, readerTransport: 'sse' }))
    await world.store.append([{ session: id }], message('one'))
    const position = await world.position(id, 1)
    expect(
      (await world.refused(request('key', { sequence: 1, readerTransport: 'websocket', position })))
        .type,
    ).toBe('superseded')
    expect(await world.log(id)).toEqual(['one'])
    // A request that gives one of the others up is not the fourth.
    await world.admitted(
      request('key', { sequence: 5, lowestWanted: 3, readerTransport: 'websocket' }),
    )
    expect((await world.calls()).filter(([name]) => name === 'superseded')).toEqual([
      ['superseded', id, 2],
    ])
  })

  test('the transport of a session is that of its newest reader, or null without one', async () => {
    const world = await start()
    const { id } = (
      await world.admitted(request('key', { sequence: 5, readerTransport: 'websocket' }))
    ).session
    await world.admitted(request('key', { sequence: 4, readerTransport: 'sse' }))
    expect((await world.store.find(id))!.transport).toBe('websocket')
    await world.store.detach(world.listener, id, 5)
    expect((await world.store.find(id))!.transport).toBe('sse')
    await world.store.detach(world.listener, id, 4)
    expect((await world.store.find(id))!.transport).toBeNull()
  })
})

describe('pages of a session', () => {
  const BYE = { type: 'closed', reason: 'gone home', code: 4_000 } as const

  test('a page of a later generation takes over, and its sequences begin again', async () => {
    const world = await start()
    const { id } = (
      await world.admitted(
        request('key', {
          sequence: 9,
          lowestWanted: 9,
          page: page(0, 'a'),
          readerTransport: 'sse',
        }),
      )
    ).session
    await world.admitted(request('key', { sequence: 1, page: page(1, 'b') }))
    expect(await world.calls()).toEqual([['superseded', id, 9]])
    await world.admitted(request('key', { sequence: 2, page: page(1, 'b') }))
  })

  test('any other page than the one that holds the session is told that it is taken, whatever its sequence', async () => {
    const world = await start()
    await world.admitted(request('key', { sequence: 5, lowestWanted: 5, page: page(1, 'a') }))
    for (const other of [page(1, 'b'), page(0, 'b'), page(0, 'a'), page(0, '')]) {
      for (const sequence of [1, 99]) {
        const { type } = await world.refused(request('key', { sequence, page: other }))
        expect(type, JSON.stringify(other)).toBe('taken')
      }
    }
  })

  test('after a goodbye the session lives for the time that it names, and refuses its page', async () => {
    const world = await start()
    const id = await world.openSession('key', { page: page(0, 'a'), readerTransport: 'sse' })
    await world.store.endAfter(id, page(0, 'a'), 10_000, BYE)
    expect(await world.calls()).toContainEqual(['superseded', id, 1])
    expect((await world.refused(request('key', { sequence: 2, page: page(0, 'a') }))).type).toBe(
      'superseded',
    )
    await world.store.touch([id])
    world.clock.pass(9_999)
    expect(await world.store.expire()).toEqual([])
    world.clock.pass(1)
    expect(await world.store.expire()).toMatchObject([{ session: { id }, end: BYE }])
    // A late client learns how the session ended.
    expect(await world.refused(request('key', { page: page(1, 'b') }))).toEqual(BYE)
  })

  test('after a goodbye the session lives no longer than its lifetime', async () => {
    const world = await start({ sessionTtl: 20_000 })
    const once = await world.openSession('a', { page: page(0, 'a') })
    const twice = await world.openSession('b', { page: page(0, 'a') })
    await world.admitted(request('b', { sequence: 2, page: page(0, 'a') }))
    for (const id of [once, twice]) await world.store.endAfter(id, page(0, 'a'), 60_000, BYE)
    world.clock.pass(10_000)
    expect((await world.store.expire()).map(({ session }) => session.id)).toEqual([once])
    world.clock.pass(10_000)
    expect((await world.store.expire()).map(({ session }) => session.id)).toEqual([twice])
  })

  test('a page of a later generation revokes a goodbye', async () => {
    const world = await start()
    const id = await world.openSession('key', { page: page(0, 'a') })
    await world.store.endAfter(id, page(0, 'a'), 10_000, BYE)
    await world.admitted(request('key', { page: page(1, 'b') }))
    world.clock.pass(59_999)
    expect(await world.store.expire()).toEqual([])
    expect(await world.store.find(id)).toBeDefined()
  })

  test('a goodbye that comes after a page of a later generation is ignored', async () => {
    const world = await start()
    const id = await world.openSession('key', { page: page(0, 'a') })
    await world.admitted(request('key', { page: page(1, 'b'), readerTransport: 'sse' }))
    await world.store.endAfter(id, page(0, 'a'), 10_000, BYE)
    expect(await world.calls()).toEqual([])
    expect((await world.store.find(id))!.transport).toBe('sse')
  })
})
