import { expect, test } from 'vitest'
import { Door } from '../test/list.ts'
import { TestStore, message } from '../test/store.ts'
import { nextCause } from './delivery/cause.ts'
import { HandlerQueue } from './delivery/handler-queue.ts'
import { Listeners } from './listeners.ts'

test('listeners that wait for nothing are all called at once, in the order of adding', () => {
  const listeners = new Listeners<[number]>()
  const called: string[] = []
  for (const name of ['first', 'second', 'third']) {
    listeners.add((value) => void called.push(`${name} ${value}`))
  }
  expect(listeners.call(7)).toBeUndefined()
  expect(called).toEqual(['first 7', 'second 7', 'third 7'])
})

test('a listener is called when the promise of the one before has settled', async () => {
  const listeners = new Listeners<[]>()
  const door = new Door()
  const called: string[] = []
  listeners.add(async () => {
    called.push('first begins')
    await door.opened
    called.push('first ends')
  })
  listeners.add(() => called.push('second'))
  const settled = listeners.call()
  expect(called).toEqual(['first begins'])
  door.open()
  await settled
  expect(called).toEqual(['first begins', 'first ends', 'second'])
})

test('a listener that returns a thenable is waited for', async () => {
  const listeners = new Listeners<[]>()
  const door = new Door()
  let called = false
  listeners.add(() => ({ then: (resolve: () => void) => void door.opened.then(resolve) }))
  listeners.add(() => {
    called = true
  })
  const settled = listeners.call()
  expect(called).toBe(false)
  door.open()
  await settled
  expect(called).toBe(true)
})

test.each([undefined, null, {}, 'listener'])(
  'the listener %o is refused: it is not a function',
  (value) => {
    expect(() => new Listeners<[]>().add(value as never)).toThrow(
      expect.objectContaining({ type: 'invalid-listener' }),
    )
  },
)

test('a call without listeners settles at once', () => {
  expect(new Listeners<[]>().call()).toBeUndefined()
})

test('a listener that throws or rejects keeps no other from its turn, and fails the call', async () => {
  const listeners = new Listeners<[]>()
  const called: string[] = []
  const remove = listeners.add(() => {
    throw new Error('thrown')
  })
  listeners.add(() => called.push('second'))
  expect(() => listeners.call()).toThrow(new Error('thrown'))
  remove()
  listeners.add(() => Promise.reject(new Error('rejected')))
  listeners.add(() => called.push('fourth'))
  await expect(listeners.call()).rejects.toEqual(new Error('rejected'))
  expect(called).toEqual(['second', 'second', 'fourth'])
})

test('a call with several listeners that fail tells all their errors', () => {
  const listeners = new Listeners<[]>()
  for (const name of ['one', 'two']) {
    listeners.add(() => {
      throw new Error(name)
    })
  }
  let caught: unknown
  try {
    void listeners.call()
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(AggregateError)
  expect(caught).toMatchObject({
    errors: [new Error('one'), new Error('two')],
    message: '2 listeners failed',
  })
})

test('a function that was added twice is called twice, and removed once at a time', () => {
  const listeners = new Listeners<[number]>()
  const called: number[] = []
  const listener = (value: number): unknown => called.push(value)
  const remove = listeners.add(listener)
  listeners.add(listener)
  void listeners.call(1)
  remove()
  remove()
  void listeners.call(2)
  expect(called).toEqual([1, 1, 2])
})

test('a listener that is added during a call is called from the next call on', async () => {
  const listeners = new Listeners<[number]>()
  const called: string[] = []
  listeners.add(async (value) => {
    called.push(`first ${value}`)
    if (value === 1) listeners.add((later) => called.push(`added ${later}`))
    await Promise.resolve()
  })
  await listeners.call(1)
  await listeners.call(2)
  expect(called).toEqual(['first 1', 'first 2', 'added 2'])
})

test('a listener that is removed during a call is not called any more', async () => {
  const listeners = new Listeners<[number]>()
  const called: string[] = []
  const removeFirst = listeners.add(async (value) => {
    called.push(`first ${value}`)
    removeFirst()
    removeSecond()
    await Promise.resolve()
  })
  const removeSecond = listeners.add((value) => called.push(`second ${value}`))
  listeners.add((value) => called.push(`third ${value}`))
  await listeners.call(1)
  await listeners.call(2)
  expect(called).toEqual(['first 1', 'third 1', 'third 2'])
})

test('listeners that run again after their node died send with the same causes, so nothing is repeated', async () => {
  const store = new TestStore()
  const id = store.openSession('key')
  /** A node with two listeners, each of which waits and sends; the second waits for a door then. */
  const createNode = (nodeName: string, opened: Promise<void>): HandlerQueue => {
    const listeners = new Listeners<[unknown]>()
    const send = (text: string): unknown =>
      store.append([{ session: id }], message(text), nextCause())
    listeners.add(async (data) => {
      // Slower than the other one, if both ran at the same time.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
      send(`first ${data}`)
    })
    listeners.add(async (data) => {
      send(`second ${data}`)
      await opened
      send(`late ${data}`)
    })
    const handlers = {
      handleOpening: () => undefined,
      handleMessage: async (_: unknown, { data }: { data: unknown }) => {
        await listeners.call(data)
        return undefined
      },
      onFailed(_: string, error: unknown) {
        throw error
      },
    }
    return new HandlerQueue(store, handlers, { nodeName, tracksCauses: true })
  }
  const door = new Door()
  const batch = { first: 1, messages: [{ data: 'a', recipients: undefined }] }
  const dead = createNode('dead', door.opened).push(id, batch, 1)
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  expect(store.log(id)).toEqual(['first a', 'second a'])
  store.clock.pass(5_000)
  await createNode('other', Promise.resolve()).push(id, batch, 1)
  expect(store.log(id)).toEqual(['first a', 'second a', 'late a'])
  door.open()
  await dead
  expect(store.log(id)).toEqual(['first a', 'second a', 'late a'])
})
