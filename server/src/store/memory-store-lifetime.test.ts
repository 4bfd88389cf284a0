import { describe, expect, test } from 'vitest'
import { RecordingListener } from '../../test/listener.ts'
import { TestStore, request } from '../../test/store.ts'

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

  test('a session that a node works on lives as long as that says so, with one contact, too', () => {
    const store = new TestStore()
    const [touched, other] = [store.openSession('a'), store.openSession('b')]
    for (let i = 0; i < 5; i++) {
      store.clock.pass(5_000)
      store.touch([touched, 'gone'])
    }
    expect(store.expire().map(({ session }) => session.id)).toEqual([other])
    store.clock.pass(10_000)
    expect(store.expire().map(({ session }) => session.id)).toEqual([touched])
  })

  test('the silence of a client ends with each of its requests and acknowledgements', () => {
    const store = new TestStore()
    const id = store.openSession('key', { readerTransport: 'websocket' })
    store.clock.pass(3_000)
    expect(store.silence(id)).toBe(3_000)
    store.acknowledge(id, [1, ''])
    expect(store.silence(id)).toBe(3_000)
    store.acknowledge(id, [0, ''])
    expect(store.silence(id)).toBe(0)
    store.clock.pass(2_000)
    store.admitted(request('key', { sequence: 2 }), new RecordingListener())
    expect(store.silence(id)).toBe(0)
  })
})
