import { describe, expect, test } from 'vitest'
import { RecordingListener } from '../../test/listener.ts'
import { TestStore, message, page, request } from '../../test/store.ts'

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
    store.endAfter('gone', page(0, ''), 1, END)
    store.renewToken('gone', 1)
    store.touch(['gone'])
    expect(store.silence('gone')).toBe(Infinity)
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
