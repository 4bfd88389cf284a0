import { expect, test } from 'vitest'
import { TestStore, message, page, request } from '../../test/store.ts'
import type { PartUp } from './store.ts'

const MB = 1_000_000
const SESSION = 1_024
/** A log may hold 8 MB, and while memory is short 500 KB. */
const LIMITS = { maxMemory: 2 * MB, maxBufferedBytes: 8 * MB, maxBufferedMessages: 1_000 }
const text = (bytes: number) => message('x'.repeat(bytes))

const part = (offset: number, length: number): PartUp => ({
  number: 1,
  first: 1,
  receivedUpTo: 0,
  peer: 0,
  kind: 0,
  size: MB,
  offset,
  data: 'x'.repeat(length),
})

test('a message counts once, however many sessions get it, until all have acknowledged it', () => {
  const store = new TestStore(LIMITS)
  const ids = ['alice', 'bob'].map((user) => store.openSession(`${user}s key`, { user }))
  store.append('all', text(1_000))
  expect(store.heldBytes).toBe(2 * SESSION + 1_000 + 2 * 64)
  store.acknowledge(ids[0]!, [1, ''])
  expect(store.heldBytes).toBe(2 * SESSION + 1_000 + 64)
  store.end(ids[1]!, { type: 'closed', reason: 'closed' })
  expect(store.heldBytes).toBe(SESSION)
})

test('volatile messages count while they are kept, and parts of messages until those are complete', () => {
  const store = new TestStore(LIMITS)
  const id = store.openSession('key')
  for (let i = 0; i < 9; i++) store.publish('all', text(100))
  expect(store.heldBytes).toBe(SESSION + 8 * 164)
  store.read(id, 0, 1_000)
  expect(store.heldBytes).toBe(SESSION)
  store.addPart(id, part(0, 1_000))
  store.addPart(id, part(1_000, 500))
  expect(store.heldBytes).toBe(SESSION + 1_500 + 2 * 64)
  store.claim(id, 1, 1, 'token')
  store.complete(id, 1, 'token')
  expect(store.heldBytes).toBe(SESSION)
  store.addPart(id, { ...part(0, 1_000), number: 2, first: 2 })
  store.end(id, { type: 'closed', reason: 'closed' })
  expect(store.heldBytes).toBe(0)
})

test('while memory is short, no session is created, and those that are there go on', () => {
  const store = new TestStore(LIMITS)
  const id = store.openSession('full', { user: 'a' })
  store.append([{ user: 'a' }], text(3 * MB))
  expect(store.refused(request('newcomer', { user: 'b' })).type).toBe('too-many-sessions')
  const { session } = store.admitted(request('full', { user: 'a', sequence: 2 }))
  expect(session.id).toBe(id)
  store.acknowledge(id, [1, ''])
  store.admitted(request('newcomer', { user: 'b' }))
})

test('while memory is short, those who hold most and do not read end, and only as many as needed', () => {
  const store = new TestStore(LIMITS)
  const opened = (user: string, bytes: number): string => {
    const id = store.openSession(user, { user, page: page(0, '') })
    store.append([{ user }], text(bytes))
    return id
  }
  const healthy = opened('healthy', 1_000)
  const much = opened('much', 0.9 * MB)
  const most = opened('most', 1.5 * MB)
  expect(store.expire()).toEqual([])
  store.clock.pass(5_000)
  const [ended, ...others] = store.expire()
  expect(ended).toMatchObject({ session: { id: most }, end: { type: 'gone', reason: 'overflow' } })
  expect(others).toEqual([])
  expect([store.find(healthy)?.id, store.find(much)?.id]).toEqual([healthy, much])
})

test('while memory is short, a message in parts that does not go on is dropped, and its client begins anew', () => {
  const store = new TestStore({ ...LIMITS, maxMemory: MB })
  const stalled = store.openSession('stalled')
  store.addPart(stalled, part(0, 0.6 * MB))
  store.clock.pass(5_000)
  const going = store.openSession('going')
  store.addPart(going, part(0, 0.6 * MB))
  for (const id of [stalled, going]) store.acknowledge(id, [0, ''])
  store.touch([stalled])
  store.clock.pass(5_001)
  store.expire()
  expect(store.readParts(stalled, 1)).toBeUndefined()
  expect(store.addPart(stalled, part(0.6 * MB, 1_000))).toBe('gap')
  expect(store.readParts(going, 1)).toMatchObject({ length: 0.6 * MB })
})
