import { expect, test } from 'vitest'
import { TURN_TIME, Turns } from './turns.ts'

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

function clocked(): { turns: Turns; work(ms: number): void } {
  let now = 0
  return {
    turns: new Turns(() => now),
    work(ms) {
      now += ms
    },
  }
}

test('a turn is over after its time, and the next one has all of it again', async () => {
  const { turns, work } = clocked()
  expect(turns.isOver).toBe(false)
  work(TURN_TIME - 1)
  expect(turns.isOver).toBe(false)
  work(1)
  expect(turns.isOver).toBe(true)
  await nextTurn()
  expect(turns.isOver).toBe(false)
})

test('those that have little to do go on in one turn, in the order in which they came', async () => {
  const { turns, work } = clocked()
  const done: number[] = []
  work(TURN_TIME)
  for (let number = 0; number < 300; number++) {
    void turns.next().then(() => done.push(number))
  }
  await nextTurn()
  expect(done).toEqual(Array.from({ length: 300 }, (_, number) => number))
})

test('work that takes a turn, and goes on after awaited promises, keeps those behind it for the next one', async () => {
  const { turns, work } = clocked()
  const done: string[] = []
  const go = async (name: string, ms: number): Promise<void> => {
    await turns.next()
    await Promise.resolve()
    work(ms)
    done.push(name)
  }
  void go('short', TURN_TIME - 1)
  void go('long', TURN_TIME)
  void go('last', 1)
  await nextTurn()
  expect(done).toEqual(['short', 'long'])
  await nextTurn()
  expect(done).toEqual(['short', 'long', 'last'])
})

test('one that asks for its turn again comes behind all that wait', async () => {
  const { turns, work } = clocked()
  const done: string[] = []
  const goTwice = async (): Promise<void> => {
    await turns.next()
    done.push('first')
    await turns.next()
    done.push('again')
  }
  const twice = goTwice()
  void turns.next().then(() => done.push('other'))
  work(TURN_TIME)
  await twice
  expect(done).toEqual(['first', 'other', 'again'])
})
