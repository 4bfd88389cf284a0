import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { createRoundTripTimer } from './round-trip.ts'

function roundTripUnderTest() {
  const clock = manualClock()
  const timer = createRoundTripTimer(clock)
  let sequence = 0
  const measure = (...samples: readonly number[]): void =>
    samples.forEach((ms) => {
      sequence++
      timer.sent(sequence, sequence)
      clock.advance(ms)
      timer.received(sequence)
    })
  return { clock, timer, measure }
}

test('an answer may take four round trips of a steady line', () => {
  const { timer, measure } = roundTripUnderTest()
  measure(...Array.from({ length: 100 }, () => 100))
  expect(timer.answerTime).toBeCloseTo(400)
})

test('an answer may take longer on a line that varies', () => {
  const { timer, measure } = roundTripUnderTest()
  measure(...Array.from({ length: 100 }, (_, i) => (i % 4 ? 20 : 2_000)))
  expect(timer.answerTime).toBeGreaterThan(4 * timer.rtt!)
  expect(timer.answerTime).toBeLessThan(6_000)
})

test.each([
  ['before anything is known', []],
  ['on a fast line', [40, 40]],
])('a dialog of 15 s is no round trip %s', (_, samples) => {
  const { timer, measure } = roundTripUnderTest()
  measure(...samples)
  const before = timer.rtt
  measure(15_000)
  expect(timer.rtt).toBe(before)
})

test('a line that has become slow is believed with the second sample', () => {
  const { timer, measure } = roundTripUnderTest()
  measure(40, 40, 5_000, 5_000)
  expect(timer.rtt).toBeGreaterThan(600)
  measure(5_000)
  expect(timer.answerTime).toBeGreaterThan(5_000)
})

test('no sample is longer than a minute', () => {
  const { timer, measure } = roundTripUnderTest()
  measure(3_600_000, 3_600_000)
  expect(timer.rtt).toBe(60_000)
})

test('a message that was under way during an interruption gives no sample, the next one does', () => {
  const { clock, timer } = roundTripUnderTest()
  timer.sent(1, 1)
  clock.advance(2_000)
  timer.interrupt()
  timer.received(1)
  expect(timer.rtt).toBeNull()
  timer.sent(2, 2)
  clock.advance(30)
  timer.received(2)
  expect(timer.rtt).toBe(30)
})
