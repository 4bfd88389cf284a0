import { MESSAGE_OVERHEAD, createMessage } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { RecordingListener } from '../../test/listener.ts'
import { TestStore, message, request } from '../../test/store.ts'
import { OutgoingMessage } from './outgoing-message.ts'
import type { Backlog } from './store.ts'

describe('the log down', () => {
  test('messages are numbered from 1, and read after a position', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    for (const each of ['a', 'b', 'c']) store.append([{ session: id }], message(each))
    expect(store.read(id, 1, Infinity)).toMatchObject({
      first: 2,

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

  test('a read says how many bytes the messages behind it have, and an admission those of all', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    for (const data of ['aaa', 'bb', 'c']) store.append([{ session: id }], message(data))
    const outstanding = (after: number, bytes: number): number =>
      (store.read(id, after, bytes) as Backlog).outstanding
    expect([outstanding(0, 0), outstanding(0, 1), outstanding(1, 1)]).toEqual([6, 3, 1])
    expect(outstanding(1, 0)).toBe(3)
    expect(outstanding(3, 0)).toBe(0)
    const position = [1, ''] as const
    expect(store.admitted(request('key', { sequence: 2, position })).outstanding).toBe(3)
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

  test('empty messages count 64 bytes each in maxBufferedBytes', () => {
    const store = new TestStore({ maxBufferedMessages: 1e6, maxBufferedBytes: 99 * 64 })
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
