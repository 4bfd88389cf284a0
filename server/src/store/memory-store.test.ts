import { createMessage } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { RecordingListener } from '../../test/listener.ts'
import { TestStore, message, page, request } from '../../test/store.ts'
import { MESSAGE_OVERHEAD } from './message-overhead.ts'
import { OutgoingMessage } from './outgoing-message.ts'
import type { Backlog } from './store.ts'

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

  test('a request by session id finds a session, and never creates one', () => {
    const store = new TestStore()
    const { id } = store.admitted(request('key')).session
    const byId = { ...request('key', { sequence: 2 }), who: { id } }
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
    // It would not be the fourth if one of the others were given up by it.
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
    store.endAfter(id, page(0, 'a'), 10_000)
    expect(store.listener.calls).toContainEqual(['superseded', id, 1])
    expect(store.refused(request('key', { sequence: 2, page: page(0, 'a') })).type).toBe(
      'superseded',
    )
    store.touch()
    store.clock.pass(9_999)
    expect(store.expire()).toEqual([])
    store.clock.pass(1)
    expect(store.expire().map(({ session }) => session.id)).toEqual([id])
  })

  test('a page of a later generation revokes a goodbye', () => {
    const store = new TestStore()
    const id = store.openSession('key', { page: page(0, 'a') })
    store.endAfter(id, page(0, 'a'), 10_000)
    store.admitted(request('key', { page: page(1, 'b') }))
    store.clock.pass(59_999)
    expect(store.expire()).toEqual([])
    expect(store.find(id)).toBeDefined()
  })

  test('a goodbye that comes after a page of a later generation is ignored', () => {
    const store = new TestStore()
    const id = store.openSession('key', { page: page(0, 'a') })
    store.admitted(request('key', { page: page(1, 'b'), readerTransport: 'sse' }))
    store.endAfter(id, page(0, 'a'), 10_000)
    expect(store.listener.calls).toEqual([])
    expect(store.find(id)!.transport).toBe('sse')
  })
})

describe('the log down', () => {
  test('messages are numbered from 1, and read after a position', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    for (const each of ['a', 'b', 'c']) store.append([{ session: id }], message(each))
    expect(store.read(id, 1, Infinity)).toMatchObject({
      first: 2,
      tag: '',
      head: 3,
      acceptedUpTo: 0,
    })
    expect(store.log(id, 1)).toEqual(['b', 'c'])
    expect(store.log(id, 3)).toEqual([])
  })

  test('acknowledged messages are dropped; a position below the base is stale, and reads from the base on', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    for (const each of ['a', 'b', 'c']) store.append([{ session: id }], message(each))
    expect(store.acknowledge(id, [2, ''])).toBeUndefined()
    expect(store.read(id, 0, Infinity)).toMatchObject({ first: 3, head: 3 })
    expect(store.log(id, 0)).toEqual(['c'])
    expect(store.acknowledge(id, [1, ''])).toBeUndefined()
    expect(store.admitted(request('key', { sequence: 2, position: [1, ''] })).head).toBe(3)
  })

  test('the position of a request acknowledges, too', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.append([{ session: id }], message('a'))
    store.admitted(request('key', { sequence: 2, position: [1, ''] }))
    expect(store.log(id)).toEqual([])
  })

  test('a position above the head or with a foreign tag is lost, and drops nothing', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.append([{ session: id }], message('a'))
    for (const position of [
      [2, ''],
      [1, 'tag'],
    ] as const) {
      expect(store.acknowledge(id, position)?.type).toBe('lost')
      expect(store.refused(request('key', { sequence: 2, position })).type).toBe('lost')
    }
    expect(store.log(id)).toEqual(['a'])
  })

  test('a read answers as many encoded bytes as asked for, or one message; none for 0 bytes', () => {
    const store = new TestStore({ maxBufferedBytes: 1_000 })
    const id = store.openSession('key')
    const control = '\u0001'.repeat(10)
    for (let i = 0; i < 3; i++) store.append([{ session: id }], message(control))
    const one = message(control).entryBytes
    expect(one).toBe(2 + 2 + 10 * 6)
    const read = (bytes: number): number => (store.read(id, 0, bytes) as Backlog).messages.length
    expect([0, 1, one, 2 * one - 1, 2 * one, 3 * one].map(read)).toEqual([0, 1, 1, 1, 2, 3])
  })

  test('a message beyond maxBufferedMessages ends the session', () => {
    const store = new TestStore({ maxBufferedMessages: 2 })
    const id = store.openSession('key', { readerTransport: 'sse' })
    expect(store.append([{ session: id }], message('a'))).toEqual([])
    expect(store.append([{ session: id }], message('b'))).toEqual([])
    const [ended] = store.append([{ session: id }], message('c'))
    expect(ended).toMatchObject({ session: { id }, end: { type: 'gone', reason: 'overflow' } })
    expect(store.listener.calls.at(-1)).toEqual(['ended', id, 'gone', 'overflow'])
    expect(store.refused(request('key', { sequence: 2 }))).toEqual({
      type: 'gone',
      reason: 'overflow',
    })
  })

  test('a message beyond maxBufferedBytes ends the session; acknowledged ones do not count', () => {
    const store = new TestStore({ maxBufferedBytes: MESSAGE_OVERHEAD + 10 })
    const id = store.openSession('key')
    store.append([{ session: id }], message('12345'))
    store.append([{ session: id }], message('12345'))
    store.acknowledge(id, [1, ''])
    expect(store.append([{ session: id }], message('12345'))).toEqual([])
    expect(store.append([{ session: id }], message('1'))).toHaveLength(1)
  })

  test('empty messages count 256 bytes each in maxBufferedBytes', () => {
    const store = new TestStore({ maxBufferedMessages: 1e6, maxBufferedBytes: 99 * 256 })
    const id = store.openSession('key')
    for (let i = 0; i < 100; i++) expect(store.append([{ session: id }], message(''))).toEqual([])
    store.acknowledge(id, [50, ''])
    for (let i = 0; i < 50; i++) expect(store.append([{ session: id }], message(''))).toEqual([])
    expect(store.append([{ session: id }], message(''))).toMatchObject([
      { end: { type: 'gone', reason: 'overflow' } },
    ])
  })

  test('a message of maxBufferedBytes fits into an empty log', () => {
    const store = new TestStore({ maxBufferedBytes: 1_000 })
    const id = store.openSession('key')
    expect(store.append([{ session: id }], message('x'.repeat(1_000)))).toEqual([])
    expect(store.append([{ session: id }], message(''))).toHaveLength(1)
  })

  test('a session that overflows does not keep others from getting the message', () => {
    const store = new TestStore({ maxBufferedMessages: 1 })
    const [a, b] = [store.openSession('a'), store.openSession('b')]
    store.append([{ session: a }], message('one'))
    expect(store.append('all', message('two')).map(({ session }) => session.id)).toEqual([a])
    expect(store.log(b)).toEqual(['two'])
  })

  test('a node is told once of each message and each acceptance, however many readers it has', () => {
    const store = new TestStore()
    const other = new RecordingListener()
    const id = store.openSession('key', { readerTransport: 'sse' })
    store.admitted(request('key', { sequence: 2, readerTransport: 'websocket' }))
    store.admitted(request('key', { sequence: 3, readerTransport: 'long-poll' }), other)
    store.append([{ session: id }], message('a'))
    store.publish([{ session: id }], message('b'))
    store.claim(id, 1, 1, 'me')
    store.complete(id, 1, 'me')
    const appended = ['appended', id, 1, '"a"', '']
    const accepted = ['accepted', id, 1]
    expect(store.listener.calls.slice(1)).toEqual([appended, accepted])
    // Volatile messages go over the newest reader only.
    expect(other.calls).toEqual([appended, ['volatile', id, '"b"'], accepted])
    expect(store.log(id)).toEqual(['a'])
  })

  test('bytes are kept as bytes in the log down', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.append([{ session: id }], new OutgoingMessage(createMessage(new Uint8Array([1, 2]))!))
    const backlog = store.read(id, 0, Infinity)
    expect('messages' in backlog && backlog.messages[0]!.body).toEqual(new Uint8Array([1, 2]))
  })
})

describe('targets', () => {
  test('a session that several targets name gets the message once', () => {
    const store = new TestStore()
    const a = store.openSession('a', { user: 'alice' })
    const b = store.openSession('b', { user: 'alice' })
    const c = store.openSession('c')
    const d = store.openSession('d')
    store.join(a, 'lobby')
    store.join(c, 'lobby')
    store.append([{ user: 'alice' }, { room: 'lobby' }, { session: a }], message('hi'))
    expect([a, b, c, d].map((id) => store.log(id))).toEqual([['hi'], ['hi'], ['hi'], []])
  })

  test('a target with several fields names the sessions of all of them', () => {
    const store = new TestStore()
    const a = store.openSession('a', { user: 'alice' })
    const b = store.openSession('b')
    store.append([{ user: 'alice', session: b }], message('hi'))
    expect([a, b].map((id) => store.log(id))).toEqual([['hi'], ['hi']])
  })

  test('the user "", an unknown session and an empty room are nobody', () => {
    const store = new TestStore()
    const id = store.openSession('a')
    store.append([{ user: '' }, { session: 'unknown' }, { room: 'empty' }], message('hi'))
    expect(store.log(id)).toEqual([])
  })

  test('a session that left a room, or ended, is not in it', () => {
    const store = new TestStore()
    const [a, b] = [store.openSession('a'), store.openSession('b')]
    for (const id of [a, b, 'unknown']) store.join(id, 'lobby')
    store.join(a, 'lobby')
    store.leave(a, 'lobby')
    store.leave(a, 'other')
    store.leave('unknown', 'lobby')
    store.end(b, { type: 'closed', reason: 'test' })
    expect(store.append([{ room: 'lobby' }], message('hi'))).toEqual([])
    expect(store.log(a)).toEqual([])
  })
})

describe('causes', () => {
  test('messages of a handler are not appended again when it runs again', () => {
    const store = new TestStore()
    const [a, b] = [store.openSession('a'), store.openSession('b')]
    const run = (): void => {
      for (let counter = 1; counter <= 2; counter++) {
        store.append([{ session: counter === 1 ? a : b }], message(counter), {
          sessionId: a,
          number: 1,
          counter,
        })
      }
    }
    run()
    run()
    store.append([{ session: b }], message(3), { sessionId: a, number: 1, counter: 3 })
    store.append([{ session: b }], message(4), { sessionId: a, number: 2, counter: 1 })
    store.append([{ session: b }], message('late'), { sessionId: a, number: 1, counter: 4 })
    expect([store.log(a), store.log(b)]).toEqual([[1], [2, 3, 4]])
  })

  test('causes of one session do not shadow those of another; a cause of an unknown session is appended', () => {
    const store = new TestStore()
    const [a, b] = [store.openSession('a'), store.openSession('b')]
    store.append([{ session: a }], message('from a'), { sessionId: a, number: 1, counter: 1 })
    store.append([{ session: a }], message('from b'), { sessionId: b, number: 1, counter: 1 })
    store.append([{ session: a }], message('from nobody'), {
      sessionId: 'gone',
      number: 1,
      counter: 1,
    })
    expect(store.log(a)).toEqual(['from a', 'from b', 'from nobody'])
  })
})

describe('claims', () => {
  test('a claim begins at the next number: below it all is completed, above it there is a gap', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    expect(store.claim(id, 2, 3, 'me')).toBe('gap')
    expect(store.claim(id, 1, 2, 'me')).toMatchObject({ first: 1 })
    expect(store.complete(id, 1, 'me')).toBe(true)
    expect(store.complete(id, 2, 'me')).toBe(true)
    expect(store.claim(id, 1, 2, 'me')).toBe('completed')
    expect(store.claim(id, 1, 4, 'me')).toMatchObject({ first: 3 })
  })

  test('claimed numbers and those behind them are busy for any other token', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.claim(id, 1, 2, 'me')
    expect(store.claim(id, 1, 2, 'other')).toBe('busy')
    expect(store.claim(id, 3, 3, 'other')).toBe('busy')
    store.complete(id, 1, 'me')
    expect(store.claim(id, 1, 2, 'other')).toBe('busy')
    store.complete(id, 2, 'me')
    expect(store.claim(id, 3, 3, 'other')).toMatchObject({ first: 3 })
  })

  test('a claim that is not renewed is free after 5 s, and its token completes nothing any more', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.claim(id, 1, 1, 'dead')
    store.clock.pass(4_999)
    expect(store.claim(id, 1, 1, 'other')).toBe('busy')
    store.clock.pass(1)
    expect(store.claim(id, 1, 1, 'other')).toMatchObject({ first: 1 })
    store.renewClaim(id, 'dead')
    expect(store.complete(id, 1, 'dead', '{"stale":true}')).toBe(false)
    expect(store.find(id)!.data).toBe('{}')
    expect(store.complete(id, 1, 'other')).toBe(true)
  })

  test('a claim that is renewed stays busy', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.claim(id, 1, 1, 'slow')
    for (let i = 0; i < 4; i++) {
      store.clock.pass(3_000)
      store.renewClaim(id, 'slow')
    }
    expect(store.claim(id, 1, 1, 'other')).toBe('busy')
  })

  test('numbers are completed one after the other, each once', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.claim(id, 1, 3, 'me')
    expect(store.complete(id, 2, 'me')).toBe(false)
    expect(store.complete(id, 1, 'me')).toBe(true)
    expect(store.complete(id, 1, 'me')).toBe(false)
  })

  test('the opening is number 0, which a claim of number 1 includes while it is due', () => {
    const store = new TestStore()
    const { id } = store.admitted(request('key')).session
    expect(store.claim(id, 1, 1, 'me')).toMatchObject({ first: 0 })
    expect(store.claim(id, 0, 0, 'opener')).toBe('busy')
    store.complete(id, 0, 'me')
    expect(store.claim(id, 0, 0, 'opener')).toBe('completed')
  })

  test('a session that is gone has nothing to claim', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.claim(id, 1, 1, 'me')
    store.end(id, { type: 'closed', reason: 'test' })
    expect(store.claim(id, 1, 1, 'me')).toBe('gone')
    expect(store.complete(id, 1, 'me')).toBe(false)
    store.renewClaim(id, 'me')
    store.saveData(id, '{"a":1}')
  })

  test('the application’s state is saved with a completed number, or without one', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.claim(id, 1, 2, 'me')
    store.complete(id, 1, 'me', '{"a":1}')
    expect(store.find(id)!.data).toBe('{"a":1}')
    store.complete(id, 2, 'me')
    expect(store.find(id)!.data).toBe('{"a":1}')
    store.saveData(id, '{"a":2}')
    expect(store.find(id)!.data).toBe('{"a":2}')
  })
})

describe('ends', () => {
  const END = { type: 'closed', reason: 'test', code: 4_000 } as const

  test('every node with a reader is told of an end, once', () => {
    const store = new TestStore()
    const other = new RecordingListener()
    const id = store.openSession('key', { readerTransport: 'sse' })
    store.admitted(request('key', { sequence: 2, readerTransport: 'sse' }), other)
    expect(store.end(id, END)).toMatchObject({ session: { id }, end: END })
    expect(store.end(id, END)).toBeUndefined()
    expect(store.listener.calls.at(-1)).toEqual(['ended', id, 'closed', 'test'])
    expect(other.calls).toEqual([['ended', id, 'closed', 'test']])
  })

  test('a session whose opening was not claimed ends without a word to the application', () => {
    const store = new TestStore()
    const { id: untouched } = store.admitted(request('a')).session
    const { id: opening } = store.admitted(request('b')).session
    store.claim(opening, 0, 0, 'me')
    expect(store.end(untouched, END)).toBeUndefined()
    expect(store.end(opening, END)).toMatchObject({ session: { id: opening } })
  })

  test('an end is remembered for a lifetime, by key and by id', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.append([{ session: id }], message('kept'))
    store.end(id, END)
    expect(store.find(id)).toBeUndefined()
    expect(store.refused(request('key'))).toEqual(END)
    expect(store.refused(request('key', { epoch: 'any' }))).toEqual(END)
    expect(store.refused({ ...request('key'), identity: { id } })).toEqual(END)
    expect(store.read(id, 0, Infinity)).toEqual(END)
    store.clock.pass(59_999)
    store.expire()
    expect(store.refused(request('key'))).toEqual(END)
    store.clock.pass(1)
    store.expire()
    expect(store.read(id, 0, Infinity)).toEqual({ type: 'gone', reason: 'unknown' })
    expect(store.admitted(request('key')).created).toBe(true)
  })

  test('methods that name a session which is gone do nothing', () => {
    const store = new TestStore()
    store.detach(store.listener, 'gone', 1)
    store.endAfter('gone', page(0, ''), 1)
    expect(store.acknowledge('gone', [1, ''])).toBeUndefined()
    expect(store.end('gone', END)).toBeUndefined()
    expect(store.append([{ session: 'gone' }], message('hi'))).toEqual([])
    store.publish([{ session: 'gone' }], message('hi'))
    expect(store.listener.calls).toEqual([])
  })

  test('endAll ends every session, once', () => {
    const store = new TestStore()
    const ids = ['a', 'b'].map((key) => store.openSession(key))
    expect(store.endAll(END).map(({ session }) => session.id)).toEqual(ids)
    expect(store.endAll(END)).toEqual([])
  })
})

describe('the lifetime of a session', () => {
  test('a session without a second contact expires after 10 s', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    store.clock.pass(9_999)
    expect(store.expire()).toEqual([])
    store.clock.pass(1)
    expect(store.expire()).toMatchObject([
      { session: { id }, end: { type: 'gone', reason: 'expired' } },
    ])
    expect(store.expire()).toEqual([])
  })

  test('a message of the first contact is no second contact, an acknowledgement is', () => {
    const store = new TestStore()
    const [a, b] = [
      store.openSession('a', { readerTransport: 'websocket' }),
      store.openSession('b', { readerTransport: 'websocket' }),
    ]
    store.claim(a, 1, 1, 'me')
    store.complete(a, 1, 'me')
    store.acknowledge(b, [0, ''])
    for (const id of [a, b]) store.detach(store.listener, id, 1)
    store.clock.pass(10_000)
    expect(store.expire().map(({ session }) => session.id)).toEqual([a])
    store.clock.pass(50_000)
    expect(store.expire().map(({ session }) => session.id)).toEqual([b])
  })

  test('a session with a second contact lives for sessionTtl', () => {
    const store = new TestStore()
    store.openSession('key')
    store.admitted(request('key', { sequence: 2 }))
    store.clock.pass(59_999)
    expect(store.expire()).toEqual([])
    store.clock.pass(1)
    expect(store.expire()).toHaveLength(1)
  })

  test('a sessionTtl below 10 s counts for sessions without a second contact, too', () => {
    const store = new TestStore({ sessionTtl: 500 })
    store.openSession('key')
    store.clock.pass(500)
    expect(store.expire()).toHaveLength(1)
  })

  test('the lifetime runs from when the last reader has gone', () => {
    const store = new TestStore()
    const other = new RecordingListener()
    const id = store.openSession('key', { readerTransport: 'sse' })
    store.admitted(request('key', { sequence: 2, readerTransport: 'sse' }), other)
    store.clock.pass(1_000_000)
    store.detach(store.listener, id, 1)
    store.clock.pass(1_000_000)
    expect(store.expire()).toEqual([])
    store.disconnect(other)
    store.clock.pass(59_999)
    expect(store.expire()).toEqual([])
    store.clock.pass(1)
    expect(store.expire()).toHaveLength(1)
  })

  test('a node that disconnects loses its readers, and the lifetimes of other sessions do not change', () => {
    const store = new TestStore()
    const read = store.openSession('a', { readerTransport: 'sse' })
    const idle = store.openSession('b')
    store.clock.pass(9_000)
    store.disconnect(store.listener)
    expect(store.find(read)!.transport).toBeNull()
    store.clock.pass(1_000)
    expect(store.expire().map(({ session }) => session.id)).toEqual([idle])
  })
})

describe('tickets', () => {
  test('a ticket is good for one use, and for its lifetime', () => {
    const store = new TestStore()
    const asked = request('key')
    store.saveTicket('a', asked, 30_000)
    store.saveTicket('b', asked, 30_000)
    expect(store.redeemTicket('a')).toBe(asked)
    expect(store.redeemTicket('a')).toBeUndefined()
    expect(store.redeemTicket('never issued')).toBeUndefined()
    store.clock.pass(30_000)
    expect(store.redeemTicket('b')).toBeUndefined()
  })
})
