import { expect, test } from 'vitest'
import { manualClock } from '../test/support/clock.ts'
import { SLACK, watch } from './heartbeat.ts'

function setUp() {
  const clock = manualClock()
  let calls = 0
  const stop = watch(clock, 30_000, () => calls++)
  return { clock, stop, calls: () => calls }
}

test('silence is overdue when its time is over, and once', () => {
  const { clock, calls } = setUp()
  clock.advance(29_999)
  expect(calls()).toBe(0)
  clock.advance(1)
  expect(calls()).toBe(1)
  clock.advance(100_000)
  expect([calls(), clock.pending]).toEqual([1, 0])
})

test('what was stopped is never overdue', () => {
  const { clock, stop, calls } = setUp()
  stop()
  clock.advance(100_000)
  expect([calls(), clock.pending]).toEqual([0, 0])
})

test('a timer that is late itself waits once more before it means anything', () => {
  const { clock, calls } = setUp()
  clock.suspend(60_000)
  expect(calls()).toBe(0)
  clock.advance(SLACK - 1)
  expect(calls()).toBe(0)
  clock.advance(1)
  expect(calls()).toBe(1)
})

test('it can be stopped while it waits once more', () => {
  const { clock, stop, calls } = setUp()
  clock.suspend(60_000)
  stop()
  clock.advance(100_000)
  expect([calls(), clock.pending]).toEqual([0, 0])
})

test('a timer that is a little late is not late', () => {
  const { clock, calls } = setUp()
  clock.suspend(30_900)
  expect(calls()).toBe(1)
})
