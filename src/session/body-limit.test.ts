import { expect, test } from 'vitest'
import { createBodyLimit } from './body-limit.ts'

test('a body that is too large is halved, down to 2 KB and to none', () => {
  const changes: number[] = []
  const limit = createBodyLimit(Infinity, () => changes.push(limit.bytes))
  expect(limit.refuse(9_000, 413)).toBe(true)
  expect(limit.refuse(4_500, 403)).toBe(true)
  expect(limit.refuse(2_250, 400)).toBe(true)
  expect(limit.refuse(2_048, 413)).toBe(true)
  expect(changes).toEqual([4_500, 2_250, 2_048, 0])
})

test('a connection that breaks once is an accident, and twice in a row a limit for the next carrier', () => {
  const limit = createBodyLimit()
  expect([limit.refuse(9_000, 0), limit.bytes]).toEqual([false, Infinity])
  limit.pass(9_000)
  expect([limit.refuse(9_000, 0), limit.bytes]).toEqual([false, Infinity])
  expect([limit.refuse(9_000, 0), limit.bytes]).toEqual([false, 4_500])
})

test('a box that refuses small bodies, too, or for another reason, has no limit', () => {
  const limit = createBodyLimit()
  expect([limit.refuse(9_000, 502), limit.refuse(300, 403), limit.bytes]).toEqual([
    false,
    false,
    Infinity,
  ])
  limit.refuse(2_500, 403)
  expect([limit.bytes, limit.refuse(2_000, 403), limit.bytes]).toEqual([2_048, false, Infinity])
})

test('what was learned before counts until the network changes', () => {
  const limit = createBodyLimit(8_000)
  expect(limit.bytes).toBe(8_000)
  limit.forget()
  expect(limit.bytes).toBe(Infinity)
})
