import { describe, expect, test, vi } from 'vitest'
import { batch, create, messages, setupQueue } from '../../test/handler-queue.ts'
import { Door } from '../../test/list.ts'

describe('the order of handlers', () => {
  test('the opening is handled first, as number 0, then each message once', async () => {
    const { queue, store, ran } = setupQueue()
    const id = create(store)
    await queue.pushOpening(id)
    await queue.push(id, batch(1, 'a', 'b'), 2)
    await queue.push(id, batch(2, 'b', 'c'), 2)
    expect(ran).toEqual(['open', 'a', 'b', 'c'])
  })

  test('a session that is not opened yet is opened before its first message', async () => {
    const { queue, store, ran } = setupQueue()
    const id = create(store)
    await queue.push(id, batch(1, 'a'), 1)
    await queue.pushOpening(id)
    expect(ran).toEqual(['open', 'a'])
  })

  test('handlers that wait for nothing have run when push returns', () => {
    const { queue, store, ran } = setupQueue()
    const id = store.openSession('key')
    expect(queue.push(id, batch(1, 'a'), 1)).toBeUndefined()
    expect(ran).toEqual(['a'])
    expect(store.read(id, 0, 0)).toMatchObject({ acceptedUpTo: 1 })
  })

  test('a message waits for the promise of the one before it, and is accepted after it', async () => {
    const world = setupQueue()
    const { queue, store, ran } = world
    const id = store.openSession('key')
    const doors = [new Door(), new Door()]
    world.handler = async (data) => {
      await doors[Number(data)]!.opened
      return undefined
    }
    const first = queue.push(id, batch(1, 0), 10)
    const second = queue.push(id, batch(2, 1), 5)
    expect([ran, queue.receivedUpTo(id), queue.waitingBytes(id)]).toEqual([[0], 2, 15])
    doors[0]!.open()
    await first
    expect(store.read(id, 0, 0)).toMatchObject({ acceptedUpTo: 1 })
    doors[1]!.open()
    await second
    expect(ran).toEqual([0, 1])
    await queue.waitUntilHandled(id)
    expect([queue.receivedUpTo(id), queue.waitingBytes(id)]).toEqual([0, 0])
  })

  test('handlers of one session do not wait for those of another', async () => {
    const world = setupQueue()
    const { queue, store, ran } = world
    const [a, b] = [store.openSession('a'), store.openSession('b')]
    const door = new Door()
    world.handler = async (data) => {
      if (data === 'slow') await door.opened
      return undefined
    }
    const slow = queue.push(a, batch(1, 'slow'), 1)
    await queue.push(b, batch(1, 'quick'), 1)
    expect(ran).toEqual(['slow', 'quick'])
    door.open()
    await slow
  })

  test('volatile messages are handled in turn with the others, and have no number', async () => {
    const world = setupQueue()
    const { queue, store, ran } = world
    const id = store.openSession('key')
    const door = new Door()
    world.handler = async (data) => {
      if (data === 1) await door.opened
      return undefined
    }
    const work = [
      queue.push(id, batch(1, 1), 1),
      queue.pushVolatile(id, messages('v'), 1),
      queue.push(id, batch(2, 2), 1),
    ]
    door.open()
    await Promise.all(work)
    expect(ran).toEqual([1, 'v', 2])
    expect(store.read(id, 0, 0)).toMatchObject({ acceptedUpTo: 2 })
  })

  test('a batch behind a gap is refused, and does not count as received', async () => {
    const world = setupQueue()
    const { queue, store, ran } = world
    const id = store.openSession('key')
    expect(queue.push(id, batch(2, 'b'), 1)).toBe('gap')
    const door = new Door()
    world.handler = () => door.opened.then(() => undefined)
    const first = queue.push(id, batch(1, 'a'), 1)
    // Its sender is told at once, and not when the handlers before it have settled.
    expect(queue.push(id, batch(3, 'c'), 1)).toBe('gap')
    expect(queue.receivedUpTo(id)).toBe(1)
    door.open()
    await first
    // The batches behind it have their turn.
    await queue.push(id, batch(2, 'b'), 1)
    expect(ran).toEqual(['a', 'b'])
  })

  test('a batch behind what another node has handled meanwhile is no gap', async () => {
    const world = setupQueue()
    const { queue, store, ran } = world
    const id = store.openSession('key')
    const door = new Door()
    world.handler = () => door.opened.then(() => undefined)
    const first = queue.push(id, batch(1, 'a'), 1)
    store.clock.pass(5_000)
    store.claim(id, 1, 2, 'other node')
    store.complete(id, 1, 'other node')
    store.complete(id, 2, 'other node')
    const third = queue.push(id, batch(3, 'c'), 1)
    door.open()
    await Promise.all([first, third])
    expect(ran).toEqual(['a', 'c'])
  })

  test('a batch that waits behind volatile messages is received', async () => {
    const world = setupQueue()
    const { queue, store } = world
    const id = store.openSession('key')
    await queue.push(id, batch(1, 'a', 'b'), 2)
    const door = new Door()
    world.handler = () => door.opened.then(() => undefined)
    const work = [queue.pushVolatile(id, messages('v'), 1)]
    expect(queue.receivedUpTo(id)).toBe(0)
    work.push(queue.push(id, batch(3, 'c'), 1))
    expect(queue.receivedUpTo(id)).toBe(3)
    door.open()
    await Promise.all(work)
  })

  test('messages of a session that is gone are ignored', async () => {
    const { queue, ran } = setupQueue()
    await queue.push('gone', batch(1, 'a'), 1)
    await queue.pushVolatile('gone', messages('v'), 1)
    expect(ran).toEqual([])
  })
})

describe('the state of a session', () => {
  test('state that a handler changed is saved, and the next handler sees it', async () => {
    const world = setupQueue()
    const { queue, store } = world
    const id = store.openSession('key')
    const seen: string[] = []
    world.handler = (data, session) => {
      seen.push(session.data)
      return `{"last":${JSON.stringify(data)}}`
    }
    await queue.push(id, batch(1, 'a', 'b'), 2)
    await queue.pushVolatile(id, messages('v'), 1)
    expect(seen).toEqual(['{}', '{"last":"a"}', '{"last":"b"}'])
    expect(store.find(id)!.data).toBe('{"last":"v"}')
  })
})

describe('handlers that fail', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('a handler that %s ends its session, and no other', async (_, fail) => {
    const world = setupQueue()
    const { queue, store, ran, failed } = world
    const [a, b] = [store.openSession('a'), store.openSession('b')]
    world.handler = (data) => (data === 'bad' ? fail() : undefined)
    await queue.push(a, batch(1, 'bad', 'after'), 2)
    await queue.push(a, batch(3, 'later'), 1)
    await queue.push(b, batch(1, 'good'), 1)
    expect(ran).toEqual(['bad', 'good'])
    expect(failed).toEqual([new Error('broken')])
    expect(store.find(a)).toBeUndefined()
    expect(store.read(b, 0, 0)).toMatchObject({ acceptedUpTo: 1 })
  })

  test('a handler that fails with a volatile message ends its session', async () => {
    const world = setupQueue()
    const { queue, store, failed } = world
    const id = store.openSession('key')
    world.handler = () => {
      throw new Error('broken')
    }
    await queue.pushVolatile(id, messages('v', 'w'), 2)
    expect(failed).toHaveLength(1)
    expect(store.find(id)).toBeUndefined()
  })

  test('a store that fails ends no session: push fails, and may be repeated', async () => {
    const { queue, store, ran, failed } = setupQueue()
    const id = store.openSession('key')
    const claim = vi.spyOn(store, 'claim').mockRejectedValueOnce(new Error('no store') as never)
    await expect(queue.push(id, batch(1, 'a'), 1)).rejects.toThrow('no store')
    claim.mockRestore()
    await queue.push(id, batch(1, 'a'), 1)
    expect([ran, failed]).toEqual([['a'], []])
    await queue.waitUntilIdle()
  })
})

test('a handler queue is idle when nothing waits in it', async () => {
  const world = setupQueue()
  const { queue, store } = world
  await queue.waitUntilIdle()
  const doors = [new Door(), new Door()]
  world.handler = (data) => doors[Number(data)]!.opened.then(() => undefined)
  const first = queue.push(store.openSession('a'), batch(1, 0), 1)
  void queue.push(store.openSession('b'), batch(1, 1), 1)
  let idle = false
  const waiting = queue.waitUntilIdle().then(() => (idle = true))
  doors[0]!.open()
  await first
  expect(idle).toBe(false)
  doors[1]!.open()
  await waiting
})
