import { createMessage } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { FakeNode } from '../../test/node.ts'
import { StoreOfTest, from, text } from '../../test/store.ts'
import { LogMessage } from './outgoing-message.ts'
import type { Backlog } from './store.ts'

describe('creation', () => {
  test('a contact without an epoch creates a session, the next one finds it', () => {
    const store = new StoreOfTest()
    const first = store.enter(from('key'))
    const second = store.enter(from('key', { t: 2 }))
    expect([first.created, second.created]).toEqual([true, false])
    expect(second.session.id).toBe(first.session.id)
    expect([second.accepted, second.head]).toEqual([0, 0])
  })

  test('ids and epochs are drawn anew for each session', () => {
    const store = new StoreOfTest()
    const { session: a } = store.enter(from('a'))
    const { session: b } = store.enter(from('b'))
    expect(a.id).toMatch(/^[\w-]{16}$/)
    expect(a.epoch).toMatch(/^[\w-]{8}$/)
    expect(new Set([a.id, b.id, a.epoch, b.epoch]).size).toBe(4)
  })

  test('a contact with an epoch never creates', () => {
    const store = new StoreOfTest()
    expect(store.refuse(from('key', { epoch: 'any' }))).toEqual({ type: 'gone', reason: 'unknown' })
    expect(store.enter(from('key')).created).toBe(true)
  })

  test('an epoch that is not the session’s is no way in', () => {
    const store = new StoreOfTest()
    const { session } = store.enter(from('key'))
    expect(store.refuse(from('key', { t: 2, epoch: 'other' })).type).toBe('gone')
    expect(store.enter(from('key', { t: 2, epoch: session.epoch })).created).toBe(false)
  })

  test('a contact by id finds a session, and never creates one', () => {
    const store = new StoreOfTest()
    const { id } = store.enter(from('key')).session
    const byId = { ...from('key', { t: 2 }), who: { id } }
    expect(store.enter(byId).session.id).toBe(id)
    expect(store.refuse({ ...byId, who: { id: 'nobody' } }).type).toBe('gone')
  })

  test('a position above zero creates nothing: it is of another log', () => {
    const store = new StoreOfTest()
    expect(store.refuse(from('key', { position: [3, ''] })).type).toBe('lost')
    expect(store.enter(from('key')).created).toBe(true)
  })

  test('there are no more sessions than allowed, and one more when one has ended', () => {
    const store = new StoreOfTest({ maxSessions: 2 })
    const a = store.session('a')
    store.session('b')
    expect(store.refuse(from('c')).type).toBe('too-many-sessions')
    store.end(a, { type: 'closed', reason: 'test' })
    expect(store.enter(from('c')).created).toBe(true)
  })

  test('a user has no more sessions than allowed; nobody in particular has any number', () => {
    const store = new StoreOfTest({ maxSessionsPerUser: 1 })
    const a = store.session('a', { user: 'alice' })
    expect(store.refuse(from('b', { user: 'alice' })).type).toBe('too-many-user-sessions')
    store.session('c', { user: 'bob' })
    store.session('d')
    store.session('e')
    store.end(a, { type: 'closed', reason: 'test' })
    expect(store.enter(from('b', { user: 'alice' })).created).toBe(true)
  })

  test('a session is refused to another user, with or without an epoch', () => {
    const store = new StoreOfTest()
    const { session } = store.enter(from('key', { user: 'alice' }))
    for (const user of ['bob', '']) {
      expect(store.refuse(from('key', { user, t: 2 })).type).toBe('forbidden')
      expect(store.refuse(from('key', { user, t: 2, epoch: session.epoch })).type).toBe('forbidden')
    }
  })
})

describe('the fence', () => {
  test('a number below the lowest that the client wants is superseded, and changes nothing', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.append([{ session: id }], text('one'))
    store.enter(from('key', { t: 7, want: 7 }))
    expect(store.refuse(from('key', { t: 6, want: 9, position: [1, ''] })).type).toBe('superseded')
    expect(store.log(id)).toEqual(['one'])
    store.enter(from('key', { t: 7, want: 7 }))
  })

  test('the lowest that the client wants never goes down', () => {
    const store = new StoreOfTest()
    store.enter(from('key', { t: 7, want: 7 }))
    store.enter(from('key', { t: 8, want: 2 }))
    expect(store.refuse(from('key', { t: 6 })).type).toBe('superseded')
  })

  test('readers that the client has given up go', () => {
    const store = new StoreOfTest()
    const { id } = store.enter(from('key', { reader: 'sse' })).session
    store.enter(from('key', { t: 2, want: 1, reader: 'websocket' }))
    store.enter(from('key', { t: 3, want: 2 }))
    expect(store.node.told).toEqual([['superseded', id, 1]])
    expect(store.find(id)!.transport).toBe('websocket')
  })

  test('the same number again replaces its reader, and tells it before the contact settles', () => {
    const store = new StoreOfTest()
    const other = new FakeNode()
    const { id } = store.enter(from('key', { reader: 'long-poll' })).session
    store.enter(from('key', { reader: 'long-poll' }), other)
    expect(store.node.told).toEqual([['superseded', id, 1]])
    // The node that lost it says so late.
    store.detach(store.node, id, 1)
    store.append([{ session: id }], text('hi'))
    expect(other.told).toEqual([['appended', id, 1, '"hi"', '']])
  })

  test('a fourth reader evicts the one with the lowest number', () => {
    const store = new StoreOfTest()
    const { id } = store.enter(from('key', { t: 2, reader: 'sse' })).session
    for (const t of [4, 3, 5]) store.enter(from('key', { t, reader: 'sse' }))
    expect(store.node.told).toEqual([['superseded', id, 2]])
  })

  test('a fourth reader that has the lowest number itself is refused, and changes nothing', () => {
    const store = new StoreOfTest()
    const id = store.session('key', { t: 2, reader: 'sse' })
    for (const t of [3, 4]) store.enter(from('key', { t, reader: 'sse' }))
    store.append([{ session: id }], text('one'))
    expect(store.refuse(from('key', { t: 1, reader: 'websocket', position: [1, ''] })).type).toBe(
      'superseded',
    )
    expect(store.log(id)).toEqual(['one'])
    // It would not be the fourth if one of the others were given up by it.
    store.enter(from('key', { t: 5, want: 3, reader: 'websocket' }))
    expect(store.node.told.filter(([name]) => name === 'superseded')).toEqual([
      ['superseded', id, 2],
    ])
  })

  test('the transport is that of the newest reader, or null without one', () => {
    const store = new StoreOfTest()
    const { id } = store.enter(from('key', { t: 5, reader: 'websocket' })).session
    store.enter(from('key', { t: 4, reader: 'sse' }))
    expect(store.find(id)!.transport).toBe('websocket')
    store.detach(store.node, id, 5)
    expect(store.find(id)!.transport).toBe('sse')
    store.detach(store.node, id, 4)
    expect(store.find(id)!.transport).toBeNull()
  })
})

describe('pages', () => {
  test('a later generation takes over, and its numbers begin again', () => {
    const store = new StoreOfTest()
    const { id } = store.enter(
      from('key', { t: 9, want: 9, page: [0, 'a'], reader: 'sse' }),
    ).session
    store.enter(from('key', { t: 1, page: [1, 'b'] }))
    expect(store.node.told).toEqual([['superseded', id, 9]])
    store.enter(from('key', { t: 2, page: [1, 'b'] }))
  })

  test('any other page is told that the session is taken, whatever its number', () => {
    const store = new StoreOfTest()
    store.enter(from('key', { t: 5, want: 5, page: [1, 'a'] }))
    for (const page of [
      [1, 'b'],
      [0, 'b'],
      [0, 'a'],
      [0, ''],
    ] as const) {
      expect(store.refuse(from('key', { t: 1, page })).type, String(page)).toBe('taken')
      expect(store.refuse(from('key', { t: 99, page })).type, String(page)).toBe('taken')
    }
  })

  test('who said goodbye lives for the time that it asked for, and takes nothing more of that page', () => {
    const store = new StoreOfTest()
    const id = store.session('key', { page: [0, 'a'], reader: 'sse' })
    store.linger(id, [0, 'a'], 10_000)
    expect(store.node.told).toContainEqual(['superseded', id, 1])
    expect(store.refuse(from('key', { t: 2, page: [0, 'a'] })).type).toBe('superseded')
    store.touch()
    store.clock.pass(9_999)
    expect(store.expire()).toEqual([])
    store.clock.pass(1)
    expect(store.expire().map(({ session }) => session.id)).toEqual([id])
  })

  test('a page of a later generation revokes the goodbye of the former', () => {
    const store = new StoreOfTest()
    const id = store.session('key', { page: [0, 'a'] })
    store.linger(id, [0, 'a'], 10_000)
    store.enter(from('key', { page: [1, 'b'] }))
    store.clock.pass(59_999)
    expect(store.expire()).toEqual([])
    expect(store.find(id)).toBeDefined()
  })

  test('a goodbye that comes after the next page says nothing', () => {
    const store = new StoreOfTest()
    const id = store.session('key', { page: [0, 'a'] })
    store.enter(from('key', { page: [1, 'b'], reader: 'sse' }))
    store.linger(id, [0, 'a'], 10_000)
    expect(store.node.told).toEqual([])
    expect(store.find(id)!.transport).toBe('sse')
  })
})

describe('the log down', () => {
  test('messages are numbered from 1, and are read after a position', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    for (const each of ['a', 'b', 'c']) store.append([{ session: id }], text(each))
    expect(store.read(id, 1, Infinity)).toMatchObject({ first: 2, tag: '', head: 3, accepted: 0 })
    expect(store.log(id, 1)).toEqual(['b', 'c'])
    expect(store.log(id, 3)).toEqual([])
  })

  test('what is acknowledged is dropped; a position below the base is stale, and is read from the base on', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    for (const each of ['a', 'b', 'c']) store.append([{ session: id }], text(each))
    expect(store.acknowledge(id, [2, ''])).toBeUndefined()
    expect(store.read(id, 0, Infinity)).toMatchObject({ first: 3, head: 3 })
    expect(store.log(id, 0)).toEqual(['c'])
    expect(store.acknowledge(id, [1, ''])).toBeUndefined()
    expect(store.enter(from('key', { t: 2, position: [1, ''] })).head).toBe(3)
  })

  test('a contact acknowledges, too', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.append([{ session: id }], text('a'))
    store.enter(from('key', { t: 2, position: [1, ''] }))
    expect(store.log(id)).toEqual([])
  })

  test('a position above the head or of a foreign tag is lost, and drops nothing', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.append([{ session: id }], text('a'))
    for (const position of [
      [2, ''],
      [1, 'tag'],
    ] as const) {
      expect(store.acknowledge(id, position)?.type).toBe('lost')
      expect(store.refuse(from('key', { t: 2, position })).type).toBe('lost')
    }
    expect(store.log(id)).toEqual(['a'])
  })

  test('a read gives so many encoded bytes, or one message; none for no bytes', () => {
    const store = new StoreOfTest({ maxBufferedBytes: 1_000 })
    const id = store.session('key')
    const control = '\u0001'.repeat(10)
    for (let i = 0; i < 3; i++) store.append([{ session: id }], text(control))
    const one = text(control).bytes
    expect(one).toBe(2 + 2 + 10 * 6)
    const read = (bytes: number): number => (store.read(id, 0, bytes) as Backlog).messages.length
    expect([0, 1, one, 2 * one - 1, 2 * one, 3 * one].map(read)).toEqual([0, 1, 1, 1, 2, 3])
  })

  test('too many messages end the session', () => {
    const store = new StoreOfTest({ maxBufferedMessages: 2 })
    const id = store.session('key', { reader: 'sse' })
    expect(store.append([{ session: id }], text('a'))).toEqual([])
    expect(store.append([{ session: id }], text('b'))).toEqual([])
    const [ended] = store.append([{ session: id }], text('c'))
    expect(ended).toMatchObject({ session: { id }, end: { type: 'gone', reason: 'overflow' } })
    expect(store.node.told.at(-1)).toEqual(['ended', id, 'gone', 'overflow'])
    expect(store.refuse(from('key', { t: 2 }))).toEqual({ type: 'gone', reason: 'overflow' })
  })

  test('too many bytes end it as well; what was acknowledged does not count', () => {
    const store = new StoreOfTest({ maxBufferedBytes: 10 })
    const id = store.session('key')
    store.append([{ session: id }], text('12345'))
    store.append([{ session: id }], text('12345'))
    store.acknowledge(id, [1, ''])
    expect(store.append([{ session: id }], text('12345'))).toEqual([])
    expect(store.append([{ session: id }], text('1'))).toHaveLength(1)
  })

  test('one session that overflows does not keep others from the message', () => {
    const store = new StoreOfTest({ maxBufferedMessages: 1 })
    const [a, b] = [store.session('a'), store.session('b')]
    store.append([{ session: a }], text('one'))
    expect(store.append('all', text('two')).map(({ session }) => session.id)).toEqual([a])
    expect(store.log(b)).toEqual(['two'])
  })

  test('what a node is told of: messages, volatile ones, what is accepted; once, however many readers it has', () => {
    const store = new StoreOfTest()
    const other = new FakeNode()
    const id = store.session('key', { reader: 'sse' })
    store.enter(from('key', { t: 2, reader: 'websocket' }))
    store.enter(from('key', { t: 3, reader: 'long-poll' }), other)
    store.append([{ session: id }], text('a'))
    store.publish([{ session: id }], text('b'))
    store.take(id, 1, 1, 'me')
    store.done(id, 1, 'me')
    const appended = ['appended', id, 1, '"a"', '']
    const accepted = ['accepted', id, 1]
    expect(store.node.told.slice(1)).toEqual([appended, accepted])
    // Volatile messages go over the newest reader only.
    expect(other.told).toEqual([appended, ['volatile', id, '"b"'], accepted])
    expect(store.log(id)).toEqual(['a'])
  })

  test('bytes are kept as bytes', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.append([{ session: id }], new LogMessage(createMessage(new Uint8Array([1, 2]))!))
    const backlog = store.read(id, 0, Infinity)
    expect('messages' in backlog && backlog.messages[0]!.body).toEqual(new Uint8Array([1, 2]))
  })
})

describe('targets', () => {
  test('users, rooms and sessions are one set: each gets the message once', () => {
    const store = new StoreOfTest()
    const a = store.session('a', { user: 'alice' })
    const b = store.session('b', { user: 'alice' })
    const c = store.session('c')
    const d = store.session('d')
    store.join(a, 'lobby')
    store.join(c, 'lobby')
    store.append([{ user: 'alice' }, { room: 'lobby' }, { session: a }], text('hi'))
    expect([a, b, c, d].map((id) => store.log(id))).toEqual([['hi'], ['hi'], ['hi'], []])
  })

  test('all fields of one target count', () => {
    const store = new StoreOfTest()
    const a = store.session('a', { user: 'alice' })
    const b = store.session('b')
    store.append([{ user: 'alice', session: b }], text('hi'))
    expect([a, b].map((id) => store.log(id))).toEqual([['hi'], ['hi']])
  })

  test('nobody in particular is nobody', () => {
    const store = new StoreOfTest()
    const id = store.session('a')
    store.append([{ user: '' }, { session: 'unknown' }, { room: 'empty' }], text('hi'))
    expect(store.log(id)).toEqual([])
  })

  test('who left a room, or ended, is not in it', () => {
    const store = new StoreOfTest()
    const [a, b] = [store.session('a'), store.session('b')]
    for (const id of [a, b, 'unknown']) store.join(id, 'lobby')
    store.join(a, 'lobby')
    store.leave(a, 'lobby')
    store.leave(a, 'other')
    store.leave('unknown', 'lobby')
    store.end(b, { type: 'closed', reason: 'test' })
    expect(store.append([{ room: 'lobby' }], text('hi'))).toEqual([])
    expect(store.log(a)).toEqual([])
  })
})

describe('causes', () => {
  test('what a handler sent is not sent again when it runs again', () => {
    const store = new StoreOfTest()
    const [a, b] = [store.session('a'), store.session('b')]
    const run = (): void => {
      for (let counter = 1; counter <= 2; counter++) {
        store.append([{ session: counter === 1 ? a : b }], text(counter), {
          id: a,
          number: 1,
          counter,
        })
      }
    }
    run()
    run()
    store.append([{ session: b }], text(3), { id: a, number: 1, counter: 3 })
    store.append([{ session: b }], text(4), { id: a, number: 2, counter: 1 })
    store.append([{ session: b }], text('late'), { id: a, number: 1, counter: 4 })
    expect([store.log(a), store.log(b)]).toEqual([[1], [2, 3, 4]])
  })

  test('the handlers of other sessions have causes of their own; a session that is gone causes nothing twice', () => {
    const store = new StoreOfTest()
    const [a, b] = [store.session('a'), store.session('b')]
    store.append([{ session: a }], text('from a'), { id: a, number: 1, counter: 1 })
    store.append([{ session: a }], text('from b'), { id: b, number: 1, counter: 1 })
    store.append([{ session: a }], text('from nobody'), { id: 'gone', number: 1, counter: 1 })
    expect(store.log(a)).toEqual(['from a', 'from b', 'from nobody'])
  })
})

describe('claims', () => {
  test('numbers are taken in order: one that was done is done, a gap is a gap', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    expect(store.take(id, 2, 3, 'me')).toBe('gap')
    expect(store.take(id, 1, 2, 'me')).toMatchObject({ from: 1 })
    expect(store.done(id, 1, 'me')).toBe(true)
    expect(store.done(id, 2, 'me')).toBe(true)
    expect(store.take(id, 1, 2, 'me')).toBe('done')
    expect(store.take(id, 1, 4, 'me')).toMatchObject({ from: 3 })
  })

  test('what somebody runs is busy for everybody else, also what comes behind it', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.take(id, 1, 2, 'me')
    expect(store.take(id, 1, 2, 'other')).toBe('busy')
    expect(store.take(id, 3, 3, 'other')).toBe('busy')
    store.done(id, 1, 'me')
    expect(store.take(id, 1, 2, 'other')).toBe('busy')
    store.done(id, 2, 'me')
    expect(store.take(id, 3, 3, 'other')).toMatchObject({ from: 3 })
  })

  test('a claim that nobody renews is free after 5 s; who held it changes nothing any more', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.take(id, 1, 1, 'dead')
    store.clock.pass(4_999)
    expect(store.take(id, 1, 1, 'other')).toBe('busy')
    store.clock.pass(1)
    expect(store.take(id, 1, 1, 'other')).toMatchObject({ from: 1 })
    store.renew(id, 'dead')
    expect(store.done(id, 1, 'dead', '{"stale":true}')).toBe(false)
    expect(store.find(id)!.data).toBe('{}')
    expect(store.done(id, 1, 'other')).toBe(true)
  })

  test('a claim that is renewed stays', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.take(id, 1, 1, 'slow')
    for (let i = 0; i < 4; i++) {
      store.clock.pass(3_000)
      store.renew(id, 'slow')
    }
    expect(store.take(id, 1, 1, 'other')).toBe('busy')
  })

  test('numbers are done one after the other', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.take(id, 1, 3, 'me')
    expect(store.done(id, 2, 'me')).toBe(false)
    expect(store.done(id, 1, 'me')).toBe(true)
    expect(store.done(id, 1, 'me')).toBe(false)
  })

  test('opening is number 0; whoever runs number 1 first opens the session', () => {
    const store = new StoreOfTest()
    const { id } = store.enter(from('key')).session
    expect(store.take(id, 1, 1, 'me')).toMatchObject({ from: 0 })
    expect(store.take(id, 0, 0, 'opener')).toBe('busy')
    store.done(id, 0, 'me')
    expect(store.take(id, 0, 0, 'opener')).toBe('done')
  })

  test('a session that is gone has nothing to run', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.take(id, 1, 1, 'me')
    store.end(id, { type: 'closed', reason: 'test' })
    expect(store.take(id, 1, 1, 'me')).toBe('gone')
    expect(store.done(id, 1, 'me')).toBe(false)
    store.renew(id, 'me')
    store.keep(id, '{"a":1}')
  })

  test('state is kept with a number that is done, or beside the numbers', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.take(id, 1, 2, 'me')
    store.done(id, 1, 'me', '{"a":1}')
    expect(store.find(id)!.data).toBe('{"a":1}')
    store.done(id, 2, 'me')
    expect(store.find(id)!.data).toBe('{"a":1}')
    store.keep(id, '{"a":2}')
    expect(store.find(id)!.data).toBe('{"a":2}')
  })
})

describe('ends', () => {
  const END = { type: 'closed', reason: 'test', code: 4_000 } as const

  test('an end is told once, and to every node that reads', () => {
    const store = new StoreOfTest()
    const other = new FakeNode()
    const id = store.session('key', { reader: 'sse' })
    store.enter(from('key', { t: 2, reader: 'sse' }), other)
    expect(store.end(id, END)).toMatchObject({ session: { id }, end: END })
    expect(store.end(id, END)).toBeUndefined()
    expect(store.node.told.at(-1)).toEqual(['ended', id, 'closed', 'test'])
    expect(other.told).toEqual([['ended', id, 'closed', 'test']])
  })

  test('a session that nobody began to open ends without a word to the application', () => {
    const store = new StoreOfTest()
    const { id: untouched } = store.enter(from('a')).session
    const { id: opening } = store.enter(from('b')).session
    store.take(opening, 0, 0, 'me')
    expect(store.end(untouched, END)).toBeUndefined()
    expect(store.end(opening, END)).toMatchObject({ session: { id: opening } })
  })

  test('an ended session is remembered for a lifetime, by key and by id', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.append([{ session: id }], text('kept'))
    store.end(id, END)
    expect(store.find(id)).toBeUndefined()
    expect(store.refuse(from('key'))).toEqual(END)
    expect(store.refuse(from('key', { epoch: 'any' }))).toEqual(END)
    expect(store.refuse({ ...from('key'), who: { id } })).toEqual(END)
    expect(store.read(id, 0, Infinity)).toEqual(END)
    store.clock.pass(59_999)
    store.expire()
    expect(store.refuse(from('key'))).toEqual(END)
    store.clock.pass(1)
    store.expire()
    expect(store.read(id, 0, Infinity)).toEqual({ type: 'gone', reason: 'unknown' })
    expect(store.enter(from('key')).created).toBe(true)
  })

  test('what concerns a session that is gone does nothing', () => {
    const store = new StoreOfTest()
    store.detach(store.node, 'gone', 1)
    store.linger('gone', [0, ''], 1)
    expect(store.acknowledge('gone', [1, ''])).toBeUndefined()
    expect(store.end('gone', END)).toBeUndefined()
    expect(store.append([{ session: 'gone' }], text('hi'))).toEqual([])
    store.publish([{ session: 'gone' }], text('hi'))
    expect(store.node.told).toEqual([])
  })

  test('all sessions can be ended at once', () => {
    const store = new StoreOfTest()
    const ids = ['a', 'b'].map((key) => store.session(key))
    expect(store.endAll(END).map(({ session }) => session.id)).toEqual(ids)
    expect(store.endAll(END)).toEqual([])
  })
})

describe('lifetime', () => {
  test('a session without a second contact dies in 10 s', () => {
    const store = new StoreOfTest()
    const id = store.session('key')
    store.clock.pass(9_999)
    expect(store.expire()).toEqual([])
    store.clock.pass(1)
    expect(store.expire()).toMatchObject([
      { session: { id }, end: { type: 'gone', reason: 'expired' } },
    ])
    expect(store.expire()).toEqual([])
  })

  test('its messages are no second contact, an acknowledgement is', () => {
    const store = new StoreOfTest()
    const [a, b] = [
      store.session('a', { reader: 'websocket' }),
      store.session('b', { reader: 'websocket' }),
    ]
    store.take(a, 1, 1, 'me')
    store.done(a, 1, 'me')
    store.acknowledge(b, [0, ''])
    for (const id of [a, b]) store.detach(store.node, id, 1)
    store.clock.pass(10_000)
    expect(store.expire().map(({ session }) => session.id)).toEqual([a])
    store.clock.pass(50_000)
    expect(store.expire().map(({ session }) => session.id)).toEqual([b])
  })

  test('with a second contact it lives for its time', () => {
    const store = new StoreOfTest()
    store.session('key')
    store.enter(from('key', { t: 2 }))
    store.clock.pass(59_999)
    expect(store.expire()).toEqual([])
    store.clock.pass(1)
    expect(store.expire()).toHaveLength(1)
  })

  test('a short time is not made longer', () => {
    const store = new StoreOfTest({ sessionTtl: 500 })
    store.session('key')
    store.clock.pass(500)
    expect(store.expire()).toHaveLength(1)
  })

  test('the time runs from when the last reader has gone', () => {
    const store = new StoreOfTest()
    const other = new FakeNode()
    const id = store.session('key', { reader: 'sse' })
    store.enter(from('key', { t: 2, reader: 'sse' }), other)
    store.clock.pass(1_000_000)
    store.detach(store.node, id, 1)
    store.clock.pass(1_000_000)
    expect(store.expire()).toEqual([])
    store.close(other)
    store.clock.pass(59_999)
    expect(store.expire()).toEqual([])
    store.clock.pass(1)
    expect(store.expire()).toHaveLength(1)
  })

  test('a hub that closes lets go of its readers, and changes no other session’s time', () => {
    const store = new StoreOfTest()
    const read = store.session('a', { reader: 'sse' })
    const idle = store.session('b')
    store.clock.pass(9_000)
    store.close(store.node)
    expect(store.find(read)!.transport).toBeNull()
    store.clock.pass(1_000)
    expect(store.expire().map(({ session }) => session.id)).toEqual([idle])
  })
})

describe('tickets', () => {
  test('a ticket is good once, and for its time', () => {
    const store = new StoreOfTest()
    const contact = from('key')
    store.issue('a', contact, 30_000)
    store.issue('b', contact, 30_000)
    expect(store.redeem('a')).toBe(contact)
    expect(store.redeem('a')).toBeUndefined()
    expect(store.redeem('never issued')).toBeUndefined()
    store.clock.pass(30_000)
    expect(store.redeem('b')).toBeUndefined()
  })
})
