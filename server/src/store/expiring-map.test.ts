import { expect, test } from 'vitest'
import { Expiring } from './expiring-map.ts'

test('a value is good for its time, and not a millisecond longer', () => {
  let now = 0
  const values = new Expiring<string>(() => now, 10)
  values.set('a', 'first', 100)
  now = 99
  expect(values.get('a')).toBe('first')
  now = 100
  expect(values.get('a')).toBeUndefined()
})

test('what is no good any more is let go of, what is good stays', () => {
  let now = 0
  const values = new Expiring<string>(() => now, 10)
  values.set('a', 'first', 100)
  now = 50
  values.set('b', 'second', 100)
  now = 120
  values.prune()
  expect(values.size).toBe(1)
  expect(values.get('b')).toBe('second')
})

test('the oldest goes where there are too many', () => {
  const values = new Expiring<number>(() => 0, 3)
  for (const name of ['a', 'b', 'c', 'd']) values.set(name, 1, 100)
  expect(['a', 'b', 'c', 'd'].map((name) => values.get(name))).toEqual([undefined, 1, 1, 1])
})

test('a deleted value is gone', () => {
  const values = new Expiring<number>(() => 0, 3)
  values.set('a', 1, 100)
  values.delete('a')
  expect(values.get('a')).toBeUndefined()
})
