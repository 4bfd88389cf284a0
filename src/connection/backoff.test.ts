import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { createBackoff } from './backoff.ts'

const clock = manualClock()

test('the bound of a delay begins at a quarter of a second, and doubles each time up to half a minute', () => {
  clock.chances = [1]
  const backoff = createBackoff(clock, () => false)
  const bounds = Array.from({ length: 9 }, () => backoff.next([0, 0]))
  expect(bounds).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
})

test('where somebody looks at the page, the bound is at most 4.5 seconds', () => {
  clock.chances = [1]
  let isVisible = false
  const backoff = createBackoff(clock, () => isVisible)
  for (let i = 0; i < 20; i++) backoff.next([0, 0])
  isVisible = true
  expect(backoff.next([0, 0])).toBe(4_500)
})

test('the first delay is 0 where the server has just answered', () => {
  clock.chances = [1]
  const backoff = createBackoff(clock, () => true, true)
  expect([backoff.next([0, 0]), backoff.next([0, 0]), backoff.next([0, 0])]).toEqual([0, 250, 500])
})

test('delays use the whole interval from zero to their bound', () => {
  clock.chances = [0, 0.25, 0.5]
  const backoff = createBackoff(clock, () => true)
  expect([backoff.next([0, 0]), backoff.next([0, 0]), backoff.next([0, 0])]).toEqual([0, 125, 500])
})

test('delays begin anew after a reset', () => {
  clock.chances = [1]
  const backoff = createBackoff(clock, () => true)
  expect([backoff.next([0, 0]), backoff.next([0, 0]), backoff.lastDelay]).toEqual([250, 500, 500])
  backoff.reset()
  expect([backoff.lastDelay, backoff.next([0, 0])]).toEqual([0, 250])
})

test('no number of delays goes above the cap', () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (delays, chance) => {
      clock.chances = [chance]
      const backoff = createBackoff(clock, () => true)
      for (let i = 0; i < delays; i++) backoff.next([0, 0])
      const delay = backoff.next([0, 0])
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(delay).toBeLessThan(30_000)
    }),
  )
})

test('bounds of the server spread clients that are many', () => {
  const backoff = createBackoff(clock, () => true)
  clock.chances = [0, 0.5, 1]
  const delays = [1, 2, 3].map(() => backoff.next([1_000, 21_000]))
  expect(delays).toEqual([1_000, 11_000, 21_000])
})
