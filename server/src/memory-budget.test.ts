import { expect, test } from 'vitest'
import { MemoryBudget } from './memory-budget.ts'

test('bytes that are held and bytes of others count together', () => {
  let others = 60
  const budget = new MemoryBudget(100, [() => others])
  budget.hold(40)
  expect([budget.bytes, budget.isOver]).toEqual([100, false])
  others = 61
  expect(budget.isOver).toBe(true)
  budget.release(40)
  expect([budget.bytes, budget.isOver]).toEqual([61, false])
})

test('bytes are held until work has settled, also if it fails', async () => {
  const budget = new MemoryBudget(100)
  const seen = budget.holdWhile(70, async () => budget.bytes)
  expect(await seen).toBe(70)
  await expect(budget.holdWhile(70, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(budget.bytes).toBe(0)
})

test('who waits for room goes on when there is some, and is refused when there is none', async () => {
  const budget = new MemoryBudget(100)
  budget.hold(101)
  const waited = budget.waitForRoom(10_000)
  await expect(budget.waitForRoom(0)).rejects.toMatchObject({
    end: { type: 'too-many-sessions', retryAfter: [1_000, 10_000] },
  })
  budget.release(1)
  await waited
})
