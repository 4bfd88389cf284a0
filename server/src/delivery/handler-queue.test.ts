import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Door } from '../../test/list.ts'
import { TestStore, request, message } from '../../test/store.ts'
import { Refusal } from '../errors.ts'
import type { Awaitable, SessionRecord } from '../store/store.ts'
import {
  Runner,
  currentCause,
  withoutCause,
  type Handlers,
  type ReceivedMessage,
} from './handler-queue.ts'

const received = (...data: unknown[]): ReceivedMessage[] =>
  data.map((each) => ({ data: each, to: undefined }))

/** A runner whose handler the test gives, and what has run. */
function setup({ store = new TestStore(), causes = true, name = 'runner' } = {}) {
  const ran: unknown[] = []
  const failed: unknown[] = []
  const world = {
    store,
    ran,
    failed,
    /** What the handler of a message does; `undefined` is the opening. */
    handler: (_data: unknown, _session: SessionRecord): Awaitable<string | undefined> => undefined,
  }
  const handlers: Handlers = {
    run(session, message) {
      ran.push(message ? message.data : 'open')
      return world.handler(message?.data, session)
    },
    failed(id, error) {
      failed.push(error)
      store.end(id, { type: 'gone', reason: 'handler-failed' })
    },
  }
  const runner = new Runner(store, handlers, { name, causes })
  return Object.assign(world, { runner })
}

/** A session that nobody has opened. */
const create = (store: TestStore, key = 'key'): string => store.admitted(request(key)).session.id

describe('order', () => {
  test('the opening runs first, as number 0, then each message once', async () => {
    const { runner, store, ran } = setup()
    const id = create(store)
    await runner.push(id, 0, [undefined], 0)
    await runner.push(id, 1, received('a', 'b'), 2)
    await runner.push(id, 2, received('b', 'c'), 2)
    expect(ran).toEqual(['open', 'a', 'b', 'c'])
  })

  test('a session that was not opened is opened before its first message', async () => {
    const { runner, store, ran } = setup()
    const id = create(store)
    await runner.push(id, 1, received('a'), 1)
    await runner.push(id, 0, [undefined], 0)
    expect(ran).toEqual(['open', 'a'])
  })

  test('handlers that wait for nothing have run when push returns', () => {
    const { runner, store, ran } = setup()
    const id = store.openSession('key')
    expect(runner.push(id, 1, received('a'), 1)).toBeUndefined()
    expect(ran).toEqual(['a'])
    expect(store.read(id, 0, 0)).toMatchObject({ acceptedUpTo: 1 })
  })

  test('the next message waits for the promise of the one before it, and is accepted after it', async () => {
    const world = setup()
    const { runner, store, ran } = world
    const id = store.openSession('key')
    const doors = [new Door(), new Door()]
    world.handler = async (data) => {
      await doors[Number(data)]!.opened
      return undefined
    }
    const first = runner.push(id, 1, received(0), 10)
    const second = runner.push(id, 2, received(1), 5)
    expect([ran, runner.received(id), runner.backlog(id)]).toEqual([[0], 2, 15])
    doors[0]!.open()
    await first
    expect(store.read(id, 0, 0)).toMatchObject({ acceptedUpTo: 1 })
    doors[1]!.open()
    await second
    expect(ran).toEqual([0, 1])
    await runner.settled(id)
    expect([runner.received(id), runner.backlog(id)]).toEqual([0, 0])
  })

  test('sessions do not wait for each other', async () => {
    const world = setup()
    const { runner, store, ran } = world
    const [a, b] = [store.openSession('a'), store.openSession('b')]
    const door = new Door()
    world.handler = async (data) => {
      if (data === 'slow') await door.opened
      return undefined
    }
    const slow = runner.push(a, 1, received('slow'), 1)
    await runner.push(b, 1, received('quick'), 1)
    expect(ran).toEqual(['slow', 'quick'])
    door.open()
    await slow
  })

  test('volatile messages have their turn between the others, and no number', async () => {
    const world = setup()
    const { runner, store, ran } = world
    const id = store.openSession('key')
    const door = new Door()
    world.handler = async (data) => {
      if (data === 1) await door.opened
      return undefined
    }
    const work = [
      runner.push(id, 1, received(1), 1),
      runner.pass(id, received('v'), 1),
      runner.push(id, 2, received(2), 1),
    ]
    door.open()
    await Promise.all(work)
    expect(ran).toEqual([1, 'v', 2])
    expect(store.read(id, 0, 0)).toMatchObject({ acceptedUpTo: 2 })
  })

  test('a batch behind a gap is refused, and does not count as received', async () => {
    const world = setup()
    const { runner, store, ran } = world
    const id = store.openSession('key')
    expect(() => runner.push(id, 2, received('b'), 1)).toThrow(Refusal)
    const door = new Door()
    world.handler = () => door.opened.then(() => undefined)
    const first = runner.push(id, 1, received('a'), 1)
    const third = runner.push(id, 3, received('c'), 1)
    expect(runner.received(id)).toBe(1)
    door.open()
    await first
    await expect(third).rejects.toMatchObject({ end: { type: 'gap' } })
    // The lane goes on after it.
    await runner.push(id, 2, received('b'), 1)
    expect(ran).toEqual(['a', 'b'])
  })

  test('what comes for a session that is gone is nothing', async () => {
    const { runner, ran } = setup()
    await runner.push('gone', 1, received('a'), 1)
    await runner.pass('gone', received('v'), 1)
    expect(ran).toEqual([])
  })
})

describe('state', () => {
  test('what a handler changed is kept, and the next one sees it', async () => {
    const world = setup()
    const { runner, store } = world
    const id = store.openSession('key')
    const seen: string[] = []
    world.handler = (data, session) => {
      seen.push(session.data)
      return `{"last":${JSON.stringify(data)}}`
    }
    await runner.push(id, 1, received('a', 'b'), 2)
    await runner.pass(id, received('v'), 1)
    expect(seen).toEqual(['{}', '{"last":"a"}', '{"last":"b"}'])
    expect(store.find(id)!.data).toBe('{"last":"v"}')
  })
})

describe('failure', () => {
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
    const { runner, store, ran, failed } = world
    const [a, b] = [store.openSession('a'), store.openSession('b')]
    world.handler = (data) => (data === 'bad' ? fail() : undefined)
    await runner.push(a, 1, received('bad', 'after'), 2)
    await runner.push(a, 3, received('later'), 1)
    await runner.push(b, 1, received('good'), 1)
    expect(ran).toEqual(['bad', 'good'])
    expect(failed).toEqual([new Error('broken')])
    expect(store.find(a)).toBeUndefined()
    expect(store.read(b, 0, 0)).toMatchObject({ acceptedUpTo: 1 })
  })

  test('a volatile message can fail, too', async () => {
    const world = setup()
    const { runner, store, failed } = world
    const id = store.openSession('key')
    world.handler = () => {
      throw new Error('broken')
    }
    await runner.pass(id, received('v', 'w'), 2)
    expect(failed).toHaveLength(1)
    expect(store.find(id)).toBeUndefined()
  })

  test('a store that fails ends no session: who pushed hears of it, and may push again', async () => {
    const { runner, store, ran, failed } = setup()
    const id = store.openSession('key')
    const take = vi.spyOn(store, 'claim').mockRejectedValueOnce(new Error('no store') as never)
    await expect(runner.push(id, 1, received('a'), 1)).rejects.toThrow('no store')
    take.mockRestore()
    await runner.push(id, 1, received('a'), 1)
    expect([ran, failed]).toEqual([['a'], []])
    await runner.idle()
  })
})

describe('claims', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('what another node runs is waited for, and not run again', async () => {
    const store = new TestStore()
    const [one, two] = [setup({ store, name: 'one' }), setup({ store, name: 'two' })]
    const id = store.openSession('key')
    const door = new Door()
    one.handler = () => door.opened.then(() => undefined)
    const first = one.runner.push(id, 1, received('a'), 1)
    const second = two.runner.push(id, 1, received('a', 'b'), 2)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(two.ran).toEqual([])
    door.open()
    await first
    await vi.advanceTimersByTimeAsync(250)
    await second
    expect([one.ran, two.ran]).toEqual([['a'], ['b']])
  })

  test('a claim is renewed for as long as its handler runs', async () => {
    const store = new TestStore()
    const [one, two] = [setup({ store, name: 'one' }), setup({ store, name: 'two' })]
    const id = store.openSession('key')
    const door = new Door()
    one.handler = () => door.opened.then(() => undefined)
    const first = one.runner.push(id, 1, received('a'), 1)
    for (let i = 0; i < 5; i++) {
      store.clock.pass(4_000)
      await one.runner.renew()
    }
    const second = two.runner.push(id, 1, received('a'), 1)
    await vi.advanceTimersByTimeAsync(500)
    expect(two.ran).toEqual([])
    door.open()
    await first
    await vi.advanceTimersByTimeAsync(250)
    await second
    expect(two.ran).toEqual([])
    // Nothing is left to be renewed.
    const renew = vi.spyOn(store, 'renewClaim')
    await one.runner.renew()
    expect(renew).not.toHaveBeenCalled()
  })

  test('when a node died, another one goes on; what the dead one still says changes nothing', async () => {
    const store = new TestStore()
    const [dead, other] = [setup({ store, name: 'dead' }), setup({ store, name: 'other' })]
    const id = store.openSession('key')
    const door = new Door()
    dead.handler = async () => {
      store.append([{ session: id }], message('echo a'), currentCause())
      await door.opened
      store.append([{ session: id }], message('late'), currentCause())
      return '{"stale":true}'
    }
    other.handler = () => {
      store.append([{ session: id }], message('echo a'), currentCause())
      store.append([{ session: id }], message('late'), currentCause())
      return undefined
    }
    const first = dead.runner.push(id, 1, received('a', 'b'), 2)
    store.clock.pass(5_000)
    await other.runner.push(id, 1, received('a'), 1)
    door.open()
    await first
    expect([dead.ran, other.ran]).toEqual([['a'], ['a']])
    expect(store.log(id)).toEqual(['echo a', 'late'])
    expect(store.find(id)!.data).toBe('{}')
  })
})

describe('causes', () => {
  test('a handler’s messages are counted, also after it has waited', async () => {
    const world = setup()
    const { runner, store } = world
    const id = store.openSession('key')
    const causes: unknown[] = []
    world.handler = async () => {
      causes.push(currentCause(), currentCause())
      await Promise.resolve()
      causes.push(currentCause())
      return undefined
    }
    await runner.push(id, 1, received('a', 'b'), 2)
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

  test('what a handler left behind has none when it is over, whatever became of it', async () => {
    const world = setup()
    const { runner, store } = world
    const id = store.openSession('key')
    const door = new Door()
    const later: Promise<unknown>[] = []
    world.handler = (data) => {
      later.push(door.opened.then(currentCause))
      if (data === 'bad') throw new Error('broken')
      return undefined
    }
    await runner.push(id, 1, received('a', 'bad'), 2)
    door.open()
    expect(await Promise.all(later)).toEqual([undefined, undefined])
  })

  test('there is none outside of handlers, for volatile messages, or where it is asked for', async () => {
    const world = setup()
    const { runner, store } = world
    const id = store.openSession('key')
    const causes: unknown[] = [currentCause()]
    world.handler = (data) => {
      causes.push(data === 'v' ? currentCause() : withoutCause(currentCause))
      return undefined
    }
    await runner.push(id, 1, received('a'), 1)
    await runner.pass(id, received('v'), 1)
    expect(causes).toEqual([undefined, undefined, undefined])
  })

  test('nor where no handler can run again', async () => {
    const world = setup({ causes: false })
    const { runner, store } = world
    const causes: unknown[] = []
    world.handler = () => {
      causes.push(currentCause())
      return undefined
    }
    await runner.push(store.openSession('key'), 1, received('a'), 1)
    expect(causes).toEqual([undefined])
  })
})

test('a runner is idle when nothing waits in it', async () => {
  const world = setup()
  const { runner, store } = world
  await runner.idle()
  const doors = [new Door(), new Door()]
  world.handler = (data) => doors[Number(data)]!.opened.then(() => undefined)
  const first = runner.push(store.openSession('a'), 1, received(0), 1)
  void runner.push(store.openSession('b'), 1, received(1), 1)
  let idle = false
  const waiting = runner.idle().then(() => (idle = true))
  doors[0]!.open()
  await first
  expect(idle).toBe(false)
  doors[1]!.open()
  await waiting
})
