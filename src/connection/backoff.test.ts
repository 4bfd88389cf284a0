import fc from 'fast-check'
import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { backoff } from './backoff.ts'

const clock = manualClock()

test('the bound begins at a quarter of a second, and doubles with every failure up to half a minute', () => {
  clock.chances = [1]
  const bounds = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((failures) => backoff(failures, clock))
  expect(bounds).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
})

test('the whole interval from zero is used', () => {
  clock.chances = [0, 0.25, 0.5]
  expect([backoff(3, clock), backoff(3, clock), backoff(3, clock)]).toEqual([0, 500, 1_000])
})

test('no number of failures goes above the cap', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, chance) => {
      clock.chances = [chance]
      const delay = backoff(failures, clock)
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(delay).toBeLessThan(30_000)
    }),
  )
})
