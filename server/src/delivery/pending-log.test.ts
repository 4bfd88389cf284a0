import { MAX_ENTRIES } from 'rungs/protocol'
import { expect, test } from 'vitest'
import { OutgoingMessage } from '../store/outgoing-message.ts'
import { PendingLog, shiftVolatile } from './pending-log.ts'

const EMPTY = new OutgoingMessage({ body: '0', size: 1 })
const COUNT = MAX_ENTRIES + 100
const ROOM = 1_000_000

test('a batch has at most 20,000 entries, however small they are', () => {
  const log = new PendingLog([0, ''])
  for (let count = 0; count < COUNT; count++) log.push(EMPTY, '')
  const batches = [log.take(0, ROOM, 'base64'), log.take(0, ROOM, 'base64')]
  expect(batches.map(({ first, texts }) => [first, texts.length])).toEqual([
    [1, MAX_ENTRIES],
    [MAX_ENTRIES + 1, 100],
  ])
})

test('so has a list of volatile messages', () => {
  const queue = Array.from({ length: COUNT }, () => EMPTY)
  expect(shiftVolatile(queue, ROOM, false).texts.length).toBe(MAX_ENTRIES)
  expect(queue.length).toBe(100)
})
