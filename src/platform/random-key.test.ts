import { expect, test } from 'vitest'
import { randomKey } from './random-key.ts'

test('keys are 28 characters of digits and small letters, and none is like another', () => {
  const keys = Array.from({ length: 1_000 }, randomKey)
  keys.forEach((key) => expect(key).toMatch(/^[\da-z]{28}$/))
  expect(new Set(keys).size).toBe(1_000)
})
