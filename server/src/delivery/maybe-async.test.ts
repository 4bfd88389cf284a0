import { expect, test } from 'vitest'
import { drive, wait, type Steps } from './maybe-async.ts'

function* sum(...values: (number | Promise<number>)[]): Steps<number> {
  let total = 0
  for (const value of values) total += yield* wait(value)
  return total
}

test('steps that wait for nothing are done at once', () => {
  expect(drive(sum(1, 2, 3))).toBe(6)
})

test('steps that wait answer a promise', async () => {
  const result = drive(sum(1, Promise.resolve(2), 3))
  expect(result).toBeInstanceOf(Promise)
  await expect(result).resolves.toBe(6)
})

test('what steps throw is thrown, or rejects if they have waited', async () => {
  // eslint-disable-next-line require-yield
  const throwing = function* (): Steps<void> {
    throw new Error('at once')
  }
  expect(() => drive(throwing())).toThrow('at once')
  const later = function* (): Steps<void> {
    yield* wait(Promise.resolve())
    throw new Error('later')
  }
  await expect(drive(later())).rejects.toThrow('later')
})

test('steps can catch what they waited for', async () => {
  const catching = function* (): Steps<string> {
    try {
      return yield* wait(Promise.reject(new Error('failed')))
    } catch (error) {
      return `caught: ${(error as Error).message}`
    }
  }
  await expect(drive(catching())).resolves.toBe('caught: failed')
})
