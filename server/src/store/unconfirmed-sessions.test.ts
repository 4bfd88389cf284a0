import { expect, test } from 'vitest'
import { TestStore, page, request } from '../../test/store.ts'

const END = { type: 'closed', reason: 'closed', code: 1_000 } as const
const key = (i: number): string => `key${i}`.padEnd(16, 'z')

test('in a full store, the oldest session that was contacted once makes room, and the application is told', () => {
  const store = new TestStore({ maxSessions: 3 })
  const ids = [0, 1, 2].map((i) => store.openSession(key(i)))
  expect(store.refused(request(key(3))).type).toBe('too-many-sessions')
  store.clock.pass(2_000)
  store.admitted(request(key(3)))
  expect(ids.map((id) => store.find(id) !== undefined)).toEqual([false, true, true])
  expect(store.expire()).toMatchObject([{ session: { id: ids[0] }, end: { reason: 'expired' } }])
})

test.each([
  ['has come back', (store: TestStore, id: string) => void store.acknowledge(id, [0, ''])],
  ['has a request that is worked on', (store: TestStore, id: string) => store.touch([id])],
])('a session whose client %s does not make room', (_, live) => {
  const store = new TestStore({ maxSessions: 2 })
  const [first, second] = [store.openSession(key(0)), store.openSession(key(1))]
  store.clock.pass(2_000)
  live(store, first)
  store.admitted(request(key(2)))
  expect([store.find(first)?.id, store.find(second)?.id]).toEqual([first, undefined])
})

test('a session that has a carrier does not make room', () => {
  const store = new TestStore({ maxSessions: 1 })
  const id = store.openSession(key(0), { readerTransport: 'websocket' })
  store.clock.pass(5_000)
  expect(store.refused(request(key(1))).type).toBe('too-many-sessions')
  expect(store.find(id)?.id).toBe(id)
})

test('a flood of sessions that are left with a goodbye locks nobody out', () => {
  const store = new TestStore({ maxSessions: 100 })
  const ended: number[] = []
  for (let i = 0; i < 1_000; i++) {
    const id = store.openSession(key(i))
    store.endAfter(id, page(0, ''), 60_000, END)
    if (i % 100 === 99) ended.push(store.expire().length)
  }
  expect(ended).toEqual(Array.from({ length: 10 }, () => 100))
  expect(store.admitted(request(key(1_000))).created).toBe(true)
})

test('a session that its client has come back to lives on after a goodbye', () => {
  const store = new TestStore()
  const id = store.openSession(key(0))
  store.admitted(request(key(0), { sequence: 2 }))
  store.endAfter(id, page(0, ''), 30_000, END)
  store.clock.pass(29_000)
  expect(store.expire()).toEqual([])
  store.clock.pass(1_000)
  expect(store.expire()).toHaveLength(1)
})

test('a session that has ended makes no room a second time', () => {
  const store = new TestStore({ maxSessions: 2 })
  store.end(store.openSession(key(0)), END)
  const ids = [1, 2].map((i) => store.openSession(key(i)))
  store.clock.pass(2_000)
  store.admitted(request(key(3)))
  expect(ids.map((id) => store.find(id) !== undefined)).toEqual([false, true])
})
