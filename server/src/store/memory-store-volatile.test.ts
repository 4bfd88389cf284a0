import { expect, test } from 'vitest'
import { TestStore, message, request } from '../../test/store.ts'
import type { Backlog } from './store.ts'

const HEARTBEAT = 20_000

function setup() {
  const store = new TestStore()
  const id = store.openSession('key')
  store.admitted(request('key', { sequence: 2 }))
  const publish = (data: unknown): void => store.publish([{ session: id }], message(data))
  const read = (maxBytes = 1): unknown[] =>
    (store.read(id, 0, maxBytes) as Backlog).volatile.map(({ body }) => JSON.parse(String(body)))
  return { store, id, publish, read }
}

test('the latest eight volatile messages are kept for a session without a reader, and read once', () => {
  const { publish, read } = setup()
  for (let i = 1; i <= 10; i++) publish(i)
  expect(read()).toEqual([3, 4, 5, 6, 7, 8, 9, 10])
  expect(read()).toEqual([])
})

test('a volatile message is kept for a heartbeat interval', () => {
  const { store, publish, read } = setup()
  publish('a')
  store.clock.pass(1)
  publish('b')
  store.clock.pass(HEARTBEAT - 1)
  store.expire()
  expect(read()).toEqual(['b'])
  publish('c')
  store.clock.pass(HEARTBEAT)
  expect(read()).toEqual([])
})

test('volatile messages stay where nothing of the log is wanted', () => {
  const { publish, read } = setup()
  publish('a')
  expect(read(0)).toEqual([])
  expect(read()).toEqual(['a'])
})

test('a volatile message is not kept where a reader gets it', () => {
  const { store, id, publish, read } = setup()
  store.admitted(request('key', { sequence: 3, readerTransport: 'long-poll' }))
  publish('a')
  expect(store.listener.calls).toEqual([['volatile', id, '"a"']])
  store.detach(store.listener, id, 3)
  expect(read()).toEqual([])
  publish('b')
  expect(read()).toEqual(['b'])
})
