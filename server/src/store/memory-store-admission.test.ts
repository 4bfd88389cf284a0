import { describe, expect, test } from 'vitest'
import { RecordingListener } from '../../test/listener.ts'
import { TestStore, message, page, request } from '../../test/store.ts'

describe('creating a session', () => {
  test('a request without an epoch creates a session, the next one finds it', () => {
    const store = new TestStore()
    const first = store.admitted(request('key'))
    const second = store.admitted(request('key', { sequence: 2 }))
    expect([first.created, second.created]).toEqual([true, false])
    expect(second.session.id).toBe(first.session.id)
    expect([second.acceptedUpTo, second.head]).toEqual([0, 0])
  })

  test('each session has an id and an epoch of its own', () => {
    const store = new TestStore()
    const { session: a } = store.admitted(request('a'))
    const { session: b } = store.admitted(request('b'))
    expect(a.id).toMatch(/^[\w-]{16}$/)
    expect(a.epoch).toMatch(/^[\w-]{8}$/)
    expect(new Set([a.id, b.id, a.epoch, b.epoch]).size).toBe(4)
  })

  test('a request with an epoch never creates a session', () => {
    const store = new TestStore()
    expect(store.refused(request('key', { epoch: 'any' }))).toEqual({
      type: 'gone',
      reason: 'unknown',
    })
    expect(store.admitted(request('key')).created).toBe(true)
  })

  test('a request with another epoch than the session’s is refused', () => {
    const store = new TestStore()
    const { session } = store.admitted(request('key'))
    expect(store.refused(request('key', { sequence: 2, epoch: 'other' })).type).toBe('gone')
    expect(store.admitted(request('key', { sequence: 2, epoch: session.epoch })).created).toBe(
      false,
    )
  })

  test('a session keeps what the request that creates it says of the application, and of no other one', () => {
    const store = new TestStore()
    const asked = { url: '/chat?room=1', protocol: 'v2', meta: '{"app":"1.2"}' }
    const { id } = store.admitted(request('key', asked)).session
    store.admitted(request('key', { sequence: 2, url: '/other', protocol: 'v1', meta: '7' }))
    expect(store.find(id)).toMatchObject(asked)
    const plain = store.admitted(request('plain')).session
    expect([plain.url, plain.protocol, plain.meta]).toEqual([undefined, undefined, undefined])
  })

  test('a request by session id finds a session, and never creates one', () => {
    const store = new TestStore()
    const { id } = store.admitted(request('key')).session
    const byId = { ...request('key', { sequence: 2 }), identity: { id } }
    expect(store.admitted(byId).session.id).toBe(id)
    expect(store.refused({ ...byId, identity: { id: 'nobody' } }).type).toBe('gone')
  })

  test('a request with a position above zero creates no session: the position is of another log', () => {
    const store = new TestStore()
    expect(store.refused(request('key', { position: [3, ''] })).type).toBe('lost')
    expect(store.admitted(request('key')).created).toBe(true)
  })

  test('sessions beyond maxSessions are refused until one has ended', () => {
    const store = new TestStore({ maxSessions: 2 })
    const a = store.openSession('a')
    store.openSession('b')
    expect(store.refused(request('c')).type).toBe('too-many-sessions')
    store.end(a, { type: 'closed', reason: 'test' })
    expect(store.admitted(request('c')).created).toBe(true)
  })

  test('sessions of a user beyond maxSessionsPerUser are refused; the user "" has no limit', () => {
    const store = new TestStore({ maxSessionsPerUser: 1 })
    const a = store.openSession('a', { user: 'alice' })
    expect(store.refused(request('b', { user: 'alice' })).type).toBe('too-many-user-sessions')
    store.openSession('c', { user: 'bob' })
    store.openSession('d')
    store.openSession('e')
    store.end(a, { type: 'closed', reason: 'test' })
    expect(store.admitted(request('b', { user: 'alice' })).created).toBe(true)
  })

  test('a session is refused to another user, with or without its epoch', () => {
    const store = new TestStore()
    const { session } = store.admitted(request('key', { user: 'alice' }))
    for (const user of ['bob', '']) {
      expect(store.refused(request('key', { user, sequence: 2 })).type).toBe('forbidden')
      expect(store.refused(request('key', { user, sequence: 2, epoch: session.epoch })).type).toBe(
        'forbidden',
      )
    }
  })
})

describe('the fence', () => {
  test('a request below the lowest wanted sequence is superseded, and changes nothing', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.append([{ session: id }], message('one'))
    store.admitted(request('key', { sequence: 7, lowestWanted: 7 }))
    expect(
      store.refused(request('key', { sequence: 6, lowestWanted: 9, position: [1, ''] })).type,
    ).toBe('superseded')
    expect(store.log(id)).toEqual(['one'])
    store.admitted(request('key', { sequence: 7, lowestWanted: 7 }))
  })

  test('the lowest wanted sequence never goes down', () => {
    const store = new TestStore()
    store.admitted(request('key', { sequence: 7, lowestWanted: 7 }))
    store.admitted(request('key', { sequence: 8, lowestWanted: 2 }))
    expect(store.refused(request('key', { sequence: 6 })).type).toBe('superseded')
  })

  test('readers below the lowest wanted sequence are superseded', () => {
    const store = new TestStore()
    const { id } = store.admitted(request('key', { readerTransport: 'sse' })).session
    store.admitted(request('key', { sequence: 2, lowestWanted: 1, readerTransport: 'websocket' }))
    store.admitted(request('key', { sequence: 3, lowestWanted: 2 }))
    expect(store.listener.calls).toEqual([['superseded', id, 1]])
    expect(store.find(id)!.transport).toBe('websocket')
  })

  test('a request with the sequence of a reader replaces it, and its node is told before the request is admitted', () => {
    const store = new TestStore()
    const other = new RecordingListener()
    const { id } = store.admitted(request('key', { readerTransport: 'long-poll' })).session
    store.admitted(request('key', { readerTransport: 'long-poll' }), other)
    expect(store.listener.calls).toEqual([['superseded', id, 1]])
    // The node that lost it says so late.
    store.detach(store.listener, id, 1)
    store.append([{ session: id }], message('hi'))
    expect(other.calls).toEqual([['appended', id, 1, '"hi"', '']])
  })

  test('a fourth reader supersedes the one with the lowest sequence', () => {
    const store = new TestStore()
    const { id } = store.admitted(request('key', { sequence: 2, readerTransport: 'sse' })).session
    for (const t of [4, 3, 5])
      store.admitted(request('key', { sequence: t, readerTransport: 'sse' }))
    expect(store.listener.calls).toEqual([['superseded', id, 2]])
  })

  test('a fourth reader with the lowest sequence of all is refused, and changes nothing', () => {
    const store = new TestStore()
    const id = store.openSession('key', { sequence: 2, readerTransport: 'sse' })
    for (const t of [3, 4]) store.admitted(request('key', { sequence: t, readerTransport: 'sse' }))
    store.append([{ session: id }], message('one'))
    expect(
      store.refused(
        request('key', { sequence: 1, readerTransport: 'websocket', position: [1, ''] }),
      ).type,
    ).toBe('superseded')
    expect(store.log(id)).toEqual(['one'])
    // A request that gives one of the others up is not the fourth.
    store.admitted(request('key', { sequence: 5, lowestWanted: 3, readerTransport: 'websocket' }))
    expect(store.listener.calls.filter(([name]) => name === 'superseded')).toEqual([
      ['superseded', id, 2],
    ])
  })

  test('the transport of a session is that of its newest reader, or null without one', () => {
    const store = new TestStore()
    const { id } = store.admitted(
      request('key', { sequence: 5, readerTransport: 'websocket' }),
    ).session
    store.admitted(request('key', { sequence: 4, readerTransport: 'sse' }))
    expect(store.find(id)!.transport).toBe('websocket')
    store.detach(store.listener, id, 5)
    expect(store.find(id)!.transport).toBe('sse')
    store.detach(store.listener, id, 4)
    expect(store.find(id)!.transport).toBeNull()
  })
})

describe('pages of a session', () => {
  const BYE = { type: 'closed', reason: 'gone home', code: 4_000 } as const

  test('a page of a later generation takes over, and its sequences begin again', () => {
    const store = new TestStore()
    const { id } = store.admitted(
      request('key', { sequence: 9, lowestWanted: 9, page: page(0, 'a'), readerTransport: 'sse' }),
    ).session
    store.admitted(request('key', { sequence: 1, page: page(1, 'b') }))
    expect(store.listener.calls).toEqual([['superseded', id, 9]])
    store.admitted(request('key', { sequence: 2, page: page(1, 'b') }))
  })

  test('any other page than the one that holds the session is told that it is taken, whatever its sequence', () => {
    const store = new TestStore()
    store.admitted(request('key', { sequence: 5, lowestWanted: 5, page: page(1, 'a') }))
    for (const other of [page(1, 'b'), page(0, 'b'), page(0, 'a'), page(0, '')]) {
      for (const sequence of [1, 99]) {
        const { type } = store.refused(request('key', { sequence, page: other }))
        expect(type, JSON.stringify(other)).toBe('taken')
      }
    }
  })

  test('after a goodbye the session lives for the time that it names, and refuses its page', () => {
    const store = new TestStore()
    const id = store.openSession('key', { page: page(0, 'a'), readerTransport: 'sse' })
    store.endAfter(id, page(0, 'a'), 10_000, BYE)
    expect(store.listener.calls).toContainEqual(['superseded', id, 1])
    expect(store.refused(request('key', { sequence: 2, page: page(0, 'a') })).type).toBe(
      'superseded',
    )
    store.touch([id])
    store.clock.pass(9_999)
    expect(store.expire()).toEqual([])
    store.clock.pass(1)
    expect(store.expire()).toMatchObject([{ session: { id }, end: BYE }])
    // Whoever comes late learns how the session ended.
    expect(store.refused(request('key', { page: page(1, 'b') }))).toEqual(BYE)
  })

  test('after a goodbye the session lives no longer than its lifetime', () => {
    const store = new TestStore({ sessionTtl: 20_000 })
    const [once, twice] = ['a', 'b'].map((key) => store.openSession(key, { page: page(0, 'a') }))
    store.admitted(request('b', { sequence: 2, page: page(0, 'a') }))
    for (const id of [once!, twice!]) store.endAfter(id, page(0, 'a'), 60_000, BYE)
    store.clock.pass(10_000)
    expect(store.expire().map(({ session }) => session.id)).toEqual([once])
    store.clock.pass(10_000)
    expect(store.expire().map(({ session }) => session.id)).toEqual([twice])
  })

  test('a page of a later generation revokes a goodbye', () => {
    const store = new TestStore()
    const id = store.openSession('key', { page: page(0, 'a') })
    store.endAfter(id, page(0, 'a'), 10_000, BYE)
    store.admitted(request('key', { page: page(1, 'b') }))
    store.clock.pass(59_999)
    expect(store.expire()).toEqual([])
    expect(store.find(id)).toBeDefined()
  })

  test('a goodbye that comes after a page of a later generation is ignored', () => {
    const store = new TestStore()
    const id = store.openSession('key', { page: page(0, 'a') })
    store.admitted(request('key', { page: page(1, 'b'), readerTransport: 'sse' }))
    store.endAfter(id, page(0, 'a'), 10_000, BYE)
    expect(store.listener.calls).toEqual([])
    expect(store.find(id)!.transport).toBe('sse')
  })
})
