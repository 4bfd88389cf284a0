import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { createAlarm } from './timer.ts'

function alarm() {
  const clock = manualClock()
  const rings: [after: number, late: boolean][] = []
  const began = clock.now()
  const [set, clear] = createAlarm(clock, (late) => void rings.push([clock.now() - began, late]))
  return { clock, rings, clear, setIn: (ms: number) => set(began + ms) }
}

test('it rings once, at the earliest time that it was set to', () => {
  const { clock, rings, setIn } = alarm()
  for (const ms of [500, 300, 400]) setIn(ms)
  expect(clock.pending).toBe(1)
  clock.advance(1_000)
  expect(rings).toEqual([[300, false]])
})

test('it can be set again once it has rung, or was cleared', () => {
  const { clock, rings, setIn, clear } = alarm()
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
])('it tells whether it was late: after %s ms, %s', (ms, late) => {
  const { clock, rings, setIn } = alarm()
  setIn(100)
  clock.suspend(ms)
  expect(rings).toEqual([[ms, late]])
})

test('it is late when the clock was set back, too', () => {
  const { clock, rings, setIn } = alarm()
  setIn(100)
  const { now } = clock
  clock.now = () => now() - 3_600_000
  clock.advance(100)
  expect(rings).toEqual([[100 - 3_600_000, true]])
})
