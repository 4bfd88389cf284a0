import { expect, test } from 'vitest'
import { thrownLater } from '../test/support/browser.ts'
import { createEvent } from './event.ts'

test('every listener gets what is emitted, in the order in which they came', () => {
  const event = createEvent<[string, number]>()
  const got: unknown[] = []
  event.on((...args) => got.push(['first', ...args]))
  event.on((...args) => got.push(['second', ...args]))
  event.emit('a', 1)
  expect(got).toEqual([
    ['first', 'a', 1],
    ['second', 'a', 1],
  ])
})

test('a listener that left gets nothing more', () => {
  const event = createEvent<[number]>()
  const got: number[] = []
  const off = event.on((value) => got.push(value))
  event.emit(1)
  off()
  off()
  event.emit(2)
  expect(got).toEqual([1])
})

test('the same function may listen twice and stop once', () => {
  const event = createEvent<[number]>()
  const got: number[] = []
  const listener = (value: number): unknown => got.push(value)
  const off = event.on(listener)
  event.on(listener)
  event.emit(1)
  off()
  event.emit(2)
  expect(got).toEqual([1, 1, 2])
})

test('a listener may leave and another come while it is called', () => {
  const event = createEvent<[number]>()
  const got: string[] = []
  const off = event.on((value) => {
    got.push(`once ${value}`)
    off()
    event.on((later) => got.push(`later ${later}`))
  })
  event.on((value) => got.push(`always ${value}`))
  event.emit(1)
  event.emit(2)
  expect(got).toEqual(['once 1', 'always 1', 'always 2', 'later 2'])
})

test('an event knows whether anybody listens', () => {
  const event = createEvent<[]>()
  expect(event.hasListeners()).toBe(false)
  const off = event.on(() => {})
  expect(event.hasListeners()).toBe(true)
  off()
  expect(event.hasListeners()).toBe(false)
})

test('a listener that throws keeps nothing from the others, and is reported', async () => {
  const thrown = thrownLater()
  const event = createEvent<[number]>()
  const got: number[] = []
  event.on(() => {
    throw new Error('mine')
  })
  event.on((value) => got.push(value))
  event.emit(1)
  expect(got).toEqual([1])
  expect(await thrown).toEqual(new Error('mine'))
})
