import { expect, test } from 'vitest'
import { recordFailure, type Cooldowns } from './candidates.ts'

const NOW = 1_000_000

/** Cool-downs after these lives, one after the other, in seconds. */
function coolDowns(...lives: readonly number[]): number[] {
  const cooldowns: Cooldowns = {}
  return lives.map((life) => {
    recordFailure(cooldowns, 'websocket', NOW, life)
    return (cooldowns.websocket!.until - NOW) / 1_000
  })
}

test('what never opened cools down, longer with every failure, up to ten minutes', () => {
  expect(coolDowns(0, 0, 0, 0, 0, 0, 0)).toEqual([20, 40, 80, 160, 320, 600, 600])
})

test('one short life may be an accident, a second one in a row is not', () => {
  expect(coolDowns(3_000, 30_000, 3_000)).toEqual([0, 40, 80])
})

test('a long life makes up for what was before', () => {
  expect(coolDowns(0, 0, 3_600_000, 3_000)).toEqual([20, 40, 0, 40])
})

test('each transport has cool-downs of its own', () => {
  const cooldowns: Cooldowns = {}
  recordFailure(cooldowns, 'websocket', NOW, 0)
  recordFailure(cooldowns, 'sse', NOW, 0)
  expect(cooldowns).toEqual({
    websocket: { failures: 1, until: NOW + 20_000 },
    sse: { failures: 1, until: NOW + 20_000 },
  })
})
