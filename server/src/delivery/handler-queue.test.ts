import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Door } from '../../test/list.ts'
import { TestStore, request, message } from '../../test/store.ts'
import { Refusal } from '../errors.ts'
import type { Awaitable, SessionRecord } from '../store/store.ts'
import { nextCause, withoutCause } from './cause.ts'
import {
  HandlerQueue,
  type MessageHandlers,
  type ReceivedBatch,
  type ReceivedMessage,
} from './handler-queue.ts'

const messages = (...data: unknown[]): ReceivedMessage[] =>
  data.map((each) => ({ data: each, recipients: undefined }))

const batch = (first: number, ...data: unknown[]): ReceivedBatch => ({
  first,
  messages: messages(...data),
})

/** A queue whose handler the test gives, and what it has run. */
function setup({ store = new TestStore(), tracksCauses = true, nodeName = 'node' } = {}) {
  const ran: unknown[] = []
  const failed: unknown[] = []
  const world = {
    store,
    ran,
    failed,
    /** What the handler of a message does; `undefined` is the opening. */
    handler: (_data: unknown, _session: SessionRecord): Awaitable<string | undefined> => undefined,
  }
  const handlers: MessageHandlers = {
    handleOpening(session) {
      ran.push('open')
      return world.handler(undefined, session)
    },
    handleMessage(session, { data }) {
      ran.push(data)
      return world.handler(data, session)
    },
    onFailed(id, error) {
      failed.push(error)
      store.end(id, { type: 'gone', reason: 'handler-failed' })
    },
  }
  const queue = new HandlerQueue(store, handlers, { nodeName, tracksCauses })
  return Object.assign(world, { queue })
}

/** A session that nobody has opened. */
const create = (store: TestStore, key = 'key'): string => store.admitted(request(key)).session.id

describe('the order of handlers', () => {
  test('the opening is handled first, as number 0, then each message once', async () => {
    const { queue, store, ran } = setup()
    const id = create(store)
    await queue.pushOpening(id)
    await queue.push(id, batch(1, 'a', 'b'), 2)
    await queue.push(id, batch(2, 'b', 'c'), 2)
    expect(ran).toEqual(['open', 'a', 'b', 'c'])
  })

  test('a session that is not opened yet is opened before its first message', async () => {
    const { queue, store, ran } = setup()
    const id = create(store)
    await queue.push(id, batch(1, 'a'), 1)
    await queue.pushOpening(id)
    expect(ran).toEqual(['open', 'a'])
  })

  test('handlers that wait for nothing have run when push returns', () => {
    const { queue, store, ran } = setup()
    const id = store.openSession('key')
    expect(queue.push(id, batch(1, 'a'), 1)).toBeUndefined()
    expect(ran).toEqual(['a'])
    expect(store.read(id, 0, 0)).toMatchObject({ acceptedUpTo: 1 })
  })

  test('a message waits for the promise of the one before it, and is accepted after it', async () => {
    const world = setup()
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
    const world = setup()
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
    const world = setup()
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
    const world = setup()
    const { queue, store, ran } = world
    const id = store.openSession('key')
    expect(() => queue.push(id, batch(2, 'b'), 1)).toThrow(Refusal)
    const door = new Door()
    world.handler = () => door.opened.then(() => undefined)
    const first = queue.push(id, batch(1, 'a'), 1)
    const third = queue.push(id, batch(3, 'c'), 1)
    expect(queue.receivedUpTo(id)).toBe(1)
    door.open()
    await first
    await expect(third).rejects.toMatchObject({ end: { type: 'gap' } })
    // The batches behind it have their turn.
    await queue.push(id, batch(2, 'b'), 1)
    expect(ran).toEqual(['a', 'b'])
  })

  test('messages of a session that is gone are ignored', async () => {
    const { queue, ran } = setup()
    await queue.push('gone', batch(1, 'a'), 1)
    await queue.pushVolatile('gone', messages('v'), 1)
    expect(ran).toEqual([])
  })
})

describe('the state of a session', () => {
  test('state that a handler changed is saved, and the next handler sees it', async () => {
    const world = setup()
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
    const world = setup()
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
    const world = setup()
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
    const { queue, store, ran, failed } = setup()
    const id = store.openSession('key')
    const claim = vi.spyOn(store, 'claim').mockRejectedValueOnce(new Error('no store') as never)
    await expect(queue.push(id, batch(1, 'a'), 1)).rejects.toThrow('no store')
    claim.mockRestore()
    await queue.push(id, batch(1, 'a'), 1)
    expect([ran, failed]).toEqual([['a'], []])
    await queue.waitUntilIdle()
  })
})

describe('claims of several nodes', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('a message that another node handles is waited for, and not handled again', async () => {
    const store = new TestStore()
    const [one, two] = [setup({ store, nodeName: 'one' }), setup({ store, nodeName: 'two' })]
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
    const [one, two] = [setup({ store, nodeName: 'one' }), setup({ store, nodeName: 'two' })]
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
    const [dead, other] = [setup({ store, nodeName: 'dead' }), setup({ store, nodeName: 'other' })]
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

describe('causes of what handlers send', () => {
  test('causes count the messages of a handler, also after it has waited', async () => {
    const world = setup()
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
    const world = setup()
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
    const world = setup()
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
    const world = setup({ tracksCauses: false })
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

test('a handler queue is idle when nothing waits in it', async () => {
  const world = setup()
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
