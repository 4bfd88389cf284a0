import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { createTimer } from './timer.ts'

function timerUnderTest() {
  const clock = manualClock()
  const rings: [after: number, isLate: boolean][] = []
  const began = clock.now()
  const timer = createTimer(clock, (isLate) => void rings.push([clock.now() - began, isLate]))
  return { clock, rings, clear: timer.clear, setIn: (ms: number) => timer.ringBy(began + ms) }
}

test('a timer rings once, at the earliest time that it was set to', () => {
  const { clock, rings, setIn } = timerUnderTest()
  for (const ms of [500, 300, 400]) setIn(ms)
  expect(clock.pending).toBe(1)
  clock.advance(1_000)
  expect(rings).toEqual([[300, false]])
})

test('a timer can be set again once it has rung, or was cleared', () => {
  const { clock, rings, setIn, clear } = timerUnderTest()
  setIn(100)
  clear()
  setIn(200)
  clock.advance(200)
  setIn(300)
  clock.advance(100)
  expect(rings).toEqual([
    [200, false],
    [300, false],
  ])
  clear()
  expect(clock.pending).toBe(0)
})

test.each([
  [1_100, false],
  [1_101, true],
])('a timer tells whether it rings late: after %s ms, %s', (ms, late) => {
  const { clock, rings, setIn } = timerUnderTest()
  setIn(100)
  clock.suspend(ms)
  expect(rings).toEqual([[ms, late]])
})

test.each([
  ['back', -3_600_000],
  ['forward, as in a sleep in which the other clock stood still', 3_600_000],
])('a timer rings late when the wall clock went %s', (_, ms) => {
  const { clock, rings, setIn } = timerUnderTest()
  setIn(100)
  clock.jump(ms)
  clock.advance(100)
  expect(rings).toEqual([[100, true]])
})

test('a time that no timer of a browser reaches is waited for in steps, and none of them is late', () => {
  const { clock, rings, setIn } = timerUnderTest()
  setIn(9_000_000_000_000_000)
  clock.advance(2_147_483_646)
  expect(rings).toEqual([])
  clock.advance(1)
  expect(rings).toEqual([[2_147_483_647, false]])
})
