import { expect, test } from 'vitest'
import { strike, type Scores } from './candidates.ts'

const NOW = 1_000_000

/** Cool-downs after these lives, one after the other, in seconds. */
function coolDowns(...lives: readonly number[]): number[] {
  const scores: Scores = {}
  return lives.map((life) => {
    strike(scores, 'websocket', NOW, life)
    return (scores.websocket![1] - NOW) / 1_000
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

test('each transport has a score of its own', () => {
  const scores: Scores = {}
  strike(scores, 'websocket', NOW, 0)
  strike(scores, 'sse', NOW, 0)
  expect(scores).toEqual({ websocket: [1, NOW + 20_000], sse: [1, NOW + 20_000] })
})
