import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { batch, messages, setupQueue } from '../../test/handler-queue.ts'
import { Door } from '../../test/list.ts'
import { TestStore, message } from '../../test/store.ts'
import { nextCause, noteStoreCall, runningNow, withoutCause } from './cause.ts'

describe('claims of several nodes', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('a message that another node handles is waited for, and not handled again', async () => {
    const store = new TestStore()
    const [one, two] = [
      setupQueue({ store, nodeName: 'one' }),
      setupQueue({ store, nodeName: 'two' }),
    ]
    const id = store.openSession('key')
    const door = new Door()
    one.handler = () => door.opened.then(() => undefined)
    const first = one.queue.push(id, batch(1, 'a'), 1)
    const second = two.queue.push(id, batch(1, 'a', 'b'), 2)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(two.ran).toEqual([])
    door.open()
    await first
    await vi.advanceTimersByTimeAsync(250)
    await second
    expect([one.ran, two.ran]).toEqual([['a'], ['b']])
  })

  test('a claim is renewed while its handler runs, and not longer', async () => {
    const store = new TestStore()
    const [one, two] = [
      setupQueue({ store, nodeName: 'one' }),
      setupQueue({ store, nodeName: 'two' }),
    ]
    const id = store.openSession('key')
    const door = new Door()
    one.handler = () => door.opened.then(() => undefined)
    const first = one.queue.push(id, batch(1, 'a'), 1)
    for (let i = 0; i < 5; i++) {
      store.clock.pass(4_000)
      await one.queue.renewClaims()
    }
    const second = two.queue.push(id, batch(1, 'a'), 1)
    await vi.advanceTimersByTimeAsync(500)
    expect(two.ran).toEqual([])
    door.open()
    await first
    await vi.advanceTimersByTimeAsync(250)
    await second
    expect(two.ran).toEqual([])
    const renew = vi.spyOn(store, 'renewClaim')
    await one.queue.renewClaims()
    expect(renew).not.toHaveBeenCalled()
  })

  test('after a node died another one goes on, and the dead one changes nothing any more', async () => {
    const store = new TestStore()
    const [dead, other] = [
      setupQueue({ store, nodeName: 'dead' }),
      setupQueue({ store, nodeName: 'other' }),
    ]
    const id = store.openSession('key')
    const door = new Door()
    dead.handler = async () => {
      store.append([{ session: id }], message('echo a'), nextCause())
      await door.opened
      store.append([{ session: id }], message('late'), nextCause())
      return '{"stale":true}'
    }
    other.handler = () => {
      store.append([{ session: id }], message('echo a'), nextCause())
      store.append([{ session: id }], message('late'), nextCause())
      return undefined
    }
    const first = dead.queue.push(id, batch(1, 'a', 'b'), 2)
    store.clock.pass(5_000)
    await other.queue.push(id, batch(1, 'a'), 1)
    door.open()
    await first
    expect([dead.ran, other.ran]).toEqual([['a'], ['a']])
    expect(store.log(id)).toEqual(['echo a', 'late'])
    expect(store.find(id)!.data).toBe('{}')
  })
})

describe('a store that fails while handlers send', () => {
  test.each(['wait for it', 'do not wait'])(
    'has the message handled again, and its session goes on, if the handlers %s',
    async (how) => {
      const world = setupQueue()
      const { queue, store, ran, failed } = world
      const id = store.openSession('key')
      world.handler = async () => {
        if (ran.length > 1) return undefined
        const call = Promise.reject(new Error('no answer'))
        noteStoreCall(runningNow(), call)
        if (how === 'wait for it') await call
        return undefined
      }
      await expect(queue.push(id, batch(1, 'a'), 1)).rejects.toThrow('no answer')
      store.clock.pass(5_000)
      await queue.push(id, batch(1, 'a', 'b'), 2)
      expect([ran, failed]).toEqual([['a', 'a', 'b'], []])
    },
  )

  test('a message is accepted only after what its handlers sent, though they do not wait', async () => {
    const world = setupQueue()
    const { queue, store } = world
    const id = store.openSession('key')
    const door = new Door()
    const complete = vi.spyOn(store, 'complete')
    world.handler = () => {
      noteStoreCall(runningNow(), door.opened)
      return undefined
    }
    const handled = queue.push(id, batch(1, 'a'), 1)
    await Promise.resolve()
    expect(complete).not.toHaveBeenCalled()
    door.open()
    await handled
    expect(complete).toHaveBeenCalledOnce()
  })
})

describe('causes of what handlers send', () => {
  test('causes count the messages of a handler, also after it has waited', async () => {
    const world = setupQueue()
    const { queue, store } = world
    const id = store.openSession('key')
    const causes: unknown[] = []
    world.handler = async () => {
      causes.push(nextCause(), nextCause())
      await Promise.resolve()
      causes.push(nextCause())
      return undefined
    }
    await queue.push(id, batch(1, 'a', 'b'), 2)
    const cause = (number: number, counter: number) => ({ sessionId: id, number, counter })
    expect(causes).toEqual([
      cause(1, 1),
      cause(1, 2),
      cause(1, 3),
      cause(2, 1),
      cause(2, 2),
      cause(2, 3),
    ])
  })

  test('a promise that a handler left behind has no cause when the handler is over or has failed', async () => {
    const world = setupQueue()
    const { queue, store } = world
    const id = store.openSession('key')
    const door = new Door()
    const later: Promise<unknown>[] = []
    world.handler = (data) => {
      later.push(door.opened.then(nextCause))
      if (data === 'bad') throw new Error('broken')
      return undefined
    }
    await queue.push(id, batch(1, 'a', 'bad'), 2)
    door.open()
    expect(await Promise.all(later)).toEqual([undefined, undefined])
  })

  test('there is no cause outside of handlers, for volatile messages, and in withoutCause', async () => {
    const world = setupQueue()
    const { queue, store } = world
    const id = store.openSession('key')
    const causes: unknown[] = [nextCause()]
    world.handler = (data) => {
      causes.push(data === 'v' ? nextCause() : withoutCause(nextCause))
      return undefined
    }
    await queue.push(id, batch(1, 'a'), 1)
    await queue.pushVolatile(id, messages('v'), 1)
    expect(causes).toEqual([undefined, undefined, undefined])
  })

  test('there is no cause where tracksCauses is off', async () => {
    const world = setupQueue({ tracksCauses: false })
    const { queue, store } = world
    const causes: unknown[] = []
    world.handler = () => {
      causes.push(nextCause())
      return undefined
    }
    await queue.push(store.openSession('key'), batch(1, 'a'), 1)
    expect(causes).toEqual([undefined])
  })
})
