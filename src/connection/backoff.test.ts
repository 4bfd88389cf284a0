import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { createBackoff } from './backoff.ts'

const clock = manualClock()

test('the bound of a delay begins at a quarter of a second, and doubles each time up to half a minute', () => {
  clock.chances = [1]
  const backoff = createBackoff(clock)
  const bounds = Array.from({ length: 9 }, backoff.next)
  expect(bounds).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
})

test('delays use the whole interval from zero to their bound', () => {
  clock.chances = [0, 0.25, 0.5]
  const backoff = createBackoff(clock)
  expect([backoff.next(), backoff.next(), backoff.next()]).toEqual([0, 125, 500])
})

test('delays begin anew after a reset', () => {
  clock.chances = [1]
  const backoff = createBackoff(clock)
  expect([backoff.next(), backoff.next(), backoff.lastDelay]).toEqual([250, 500, 500])
  backoff.reset()
  expect([backoff.lastDelay, backoff.next()]).toEqual([0, 250])
})

test('no number of delays goes above the cap', () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (delays, chance) => {
      clock.chances = [chance]
      const backoff = createBackoff(clock)
      for (let i = 0; i < delays; i++) backoff.next()
      const delay = backoff.next()
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(delay).toBeLessThan(30_000)
    }),
  )
})
