import { expect, test } from 'vitest'
import { Clock, TestStore, request } from '../../test/store.ts'
import { EndedKeys } from './ended-keys.ts'

const END = { type: 'closed', reason: 'done', code: 1_000 } as const

test('a key is kept for its time, and dropped after twice as much', () => {
  const clock = new Clock()
  const keys = new EndedKeys(clock.now)
  keys.add('a', 1_000)
  clock.pass(900)
  keys.add('b', 1_000)
  clock.pass(950)
  keys.prune(1_000)
  expect([keys.has('a'), keys.has('b'), keys.has('c')]).toEqual([true, true, false])
  clock.pass(1_100)
  keys.prune(1_000)
  expect([keys.has('a'), keys.has('b')]).toEqual([false, false])
})

test('however many others are added, no key is dropped before its time', () => {
  const clock = new Clock()
  const keys = new EndedKeys(clock.now)
  for (let i = 0; i < 100_000; i++) keys.add(`key ${i}`, 1_000)
  for (const i of [0, 1, 50_000, 99_999]) expect(keys.has(`key ${i}`)).toBe(true)
  expect(keys.has('key 100000')).toBe(false)
})

test('a full set says so, until its time is over', () => {
  const clock = new Clock()
  const keys = new EndedKeys(clock.now, 2)
  keys.add('a', 1_000)
  expect(keys.isFull).toBe(false)
  keys.add('b', 1_000)
  expect(keys.isFull).toBe(true)
  clock.pass(1_000)
  keys.prune(1_000)
  expect([keys.isFull, keys.has('a')]).toEqual([false, true])
})

test('a flood of sessions that end revives none', () => {
  const store = new TestStore({ maxSessions: 10 })
  const id = store.openSession('victim0000000000')
  store.end(id, END)
  for (let i = 0; i < 110_000; i++) {
    store.end(store.admitted(request(`flood${i}`.padEnd(16, 'z'))).session.id, END)
  }
  expect(store.refused(request('victim0000000000'))).toMatchObject({ type: 'gone' })
  store.clock.pass(59_000)
  store.expire()
  expect(store.refused(request('victim0000000000')).type).toBe('gone')
})
