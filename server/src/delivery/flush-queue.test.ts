import { expect, test } from 'vitest'
import { FlushQueue } from './flush-queue.ts'
import { TURN_TIME } from './turns.ts'

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

test('readers that were added several times are flushed once, in order, all in one turn', async () => {
  const flushed: string[] = []
  const queue = new FlushQueue<string>({
    flush: (reader) => flushed.push(reader),
    now: () => 0,
    onFlushed: () => flushed.push('.'),
  })
  for (const reader of ['a', 'b', 'a']) queue.add(reader)
  expect(flushed).toEqual([])
  await nextTurn()
  expect(flushed).toEqual(['a', 'b', '.'])
  await nextTurn()
  expect(flushed).toEqual(['a', 'b', '.'])
})

test('readers that take their time give way in each turn, and those that come meanwhile wait behind them', async () => {
  const flushed: string[] = []
  let now = 0
  const queue = new FlushQueue<string>({
    flush(reader) {
      flushed.push(reader)
      now += TURN_TIME
      if (reader === 'a') queue.add('d')
    },
    now: () => now,
    onFlushed: () => flushed.push('.'),
  })
  for (const reader of ['a', 'b', 'c']) queue.add(reader)
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  expect(flushed.join('')).toBe('a.b.c.d.')
})
