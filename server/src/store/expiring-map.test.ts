import { expect, test } from 'vitest'
import { ExpiringMap } from './expiring-map.ts'

test('an entry of an expiring map is there for its lifetime, and not a millisecond longer', () => {
  let now = 0
  const values = new ExpiringMap<string>(() => now, 10)
  values.set('a', 'first', 100)
  now = 99
  expect(values.get('a')).toBe('first')
  now = 100
  expect(values.get('a')).toBeUndefined()
})

test('pruning an expiring map drops what has expired, and keeps the rest', () => {
  let now = 0
  const values = new ExpiringMap<string>(() => now, 10)
  values.set('a', 'first', 100)
  now = 50
  values.set('b', 'second', 100)
  now = 120
  values.prune()
  expect(values.size).toBe(1)
  expect(values.get('b')).toBe('second')
})

test('a full expiring map drops its oldest entry', () => {
  const values = new ExpiringMap<number>(() => 0, 3)
  for (const name of ['a', 'b', 'c', 'd']) values.set(name, 1, 100)
  expect(['a', 'b', 'c', 'd'].map((name) => values.get(name))).toEqual([undefined, 1, 1, 1])
})

test('a deleted entry of an expiring map is gone', () => {
  const values = new ExpiringMap<number>(() => 0, 3)
  values.set('a', 1, 100)
  values.delete('a')
  expect(values.get('a')).toBeUndefined()
})

test('a key that is set again in an expiring map is not the oldest any more', () => {
  let now = 0
  const values = new ExpiringMap<number>(() => now, 2)
  values.set('a', 1, 100)
  values.set('b', 1, 100)
  now = 50
  values.set('a', 2, 100)
  values.set('c', 1, 100)
  expect(['a', 'b', 'c'].map((name) => values.get(name))).toEqual([2, undefined, 1])
  now = 149
  values.prune()
  expect(values.size).toBe(2)
})
