import { expect, test } from 'vitest'
import { runSync, maybe, type MaybeAsync } from './maybe-async.ts'

function* sum(...values: (number | Promise<number>)[]): MaybeAsync<number> {
  let total = 0
  for (const value of values) total += yield* maybe(value)
  return total
}

test('runSync answers the result of steps that wait for nothing at once', () => {
  expect(runSync(sum(1, 2, 3))).toBe(6)
})

test('runSync answers a promise of the result of steps that wait', async () => {
  const result = runSync(sum(1, Promise.resolve(2), 3))
  expect(result).toBeInstanceOf(Promise)
  await expect(result).resolves.toBe(6)
})

test('an error of steps is thrown by runSync, or rejects its promise if they have waited', async () => {
  // eslint-disable-next-line require-yield
  const throwing = function* (): MaybeAsync<void> {
    throw new Error('at once')
  }
  expect(() => runSync(throwing())).toThrow('at once')
  const later = function* (): MaybeAsync<void> {
    yield* maybe(Promise.resolve())
    throw new Error('later')
  }
  await expect(runSync(later())).rejects.toThrow('later')
})

test('steps catch the rejection of a promise that they wait for', async () => {
  const catching = function* (): MaybeAsync<string> {
    try {
      return yield* maybe(Promise.reject(new Error('failed')))
    } catch (error) {
      return `caught: ${(error as Error).message}`
    }
  }
  await expect(runSync(catching())).resolves.toBe('caught: failed')
})
