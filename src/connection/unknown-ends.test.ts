import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { createUnknownEnds } from './unknown-ends.ts'

test('the second session in a row that nobody knows counts, until something else happens', () => {
  const clock = manualClock()
  const ends = createUnknownEnds(clock)
  const reasons = ['unknown', 'unknown', 'unknown', 'expired', 'unknown', 'unknown']
  expect(reasons.map(ends.add)).toEqual([false, true, true, false, false, true])
})

test('sessions that lived for long are not in a row', () => {
  const clock = manualClock()
  const ends = createUnknownEnds(clock)
  ends.add('unknown')
  clock.advance(60_001)
  expect(ends.add('unknown')).toBe(false)
  clock.advance(60_000)
  expect(ends.add('unknown')).toBe(true)
})
