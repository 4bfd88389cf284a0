import { describe, expect, test } from 'vitest'
import { TestStore, page, request } from '../../test/store.ts'
import type { AttachRequest } from './store.ts'

const USER = { key: 'key', user: 'alice' }

/** A later request of the client by its key alone. */
const known = (
  store: TestStore,
  id: string,
  other: Partial<AttachRequest> = {},
  hasToken = false,
): AttachRequest => ({
  ...request('key', { sequence: 2 }),
  identity: { key: 'key', hasToken },
  epoch: store.find(id)!.epoch,
  ...other,
})

/** A session whose token is good for a minute. */
function setup() {
  const store = new TestStore({ sessionTtl: 1e6 })
  const id = store.openSession('key', { identity: { ...USER, tokenTtl: 60_000 } })
  return { store, id }
}

describe('a client that is known by its key', () => {
  test('has the session of its key and its epoch, whatever its user', () => {
    const { store, id } = setup()
    expect(store.admitted(known(store, id)).session).toMatchObject({ id, user: 'alice' })
    expect(store.refused(known(store, id, { epoch: 'other' })).type).toBe('gone')
    const identity = { key: 'unknown', hasToken: false }
    expect(store.refused(known(store, id, { identity })).type).toBe('gone')
  })

  test('has its token looked at by nobody while the one before is good', () => {
    const { store, id } = setup()
    store.clock.pass(59_999)
    expect(store.admitted(known(store, id, {}, true)).tokenTtl).toBe(1)
  })

  test('whose token has expired is admitted for 10 s from its next request on, and then refused', () => {
    const { store, id } = setup()
    store.clock.pass(200_000)
    expect(store.admitted(known(store, id)).tokenTtl).toBeLessThanOrEqual(0)
    store.clock.pass(9_999)
    expect(store.admitted(known(store, id)).tokenTtl).toBeLessThanOrEqual(0)
    store.clock.pass(1)
    expect(store.refused(known(store, id)).type).toBe('unauthorized')
    const ticket = known(store, id, { identity: { id } })
    expect(store.refused(ticket).type).toBe('unauthorized')
    expect(store.find(id)).toBeDefined()
  })

  test('is refused at once if it brings a new token, and changes nothing', () => {
    const { store, id } = setup()
    store.clock.pass(60_000)
    const asked = known(store, id, { sequence: 9, lowestWanted: 9 }, true)
    expect(store.refused(asked).type).toBe('unauthorized')
    store.admitted(known(store, id, { sequence: 2, lowestWanted: 1 }))
  })

  test('is refused before its page is looked at', () => {
    const { store, id } = setup()
    store.clock.pass(60_000)
    const asked = known(store, id, { page: page(0, 'other') }, true)
    expect(store.refused(asked).type).toBe('unauthorized')
  })
})

describe('a client that is authenticated again', () => {
  const again = (store: TestStore, id: string, tokenTtl?: number): AttachRequest =>
    known(store, id, { identity: { ...USER, ...(tokenTtl && { tokenTtl }) } })

  test('has as much time as its new token, and all of its nodes are told', () => {
    const { store, id } = setup()
    store.admitted(known(store, id, { readerTransport: 'sse', sequence: 3 }))
    store.clock.pass(100_000)
    store.admitted(known(store, id))
    expect(store.admitted(again(store, id, 60_000)).tokenTtl).toBe(60_000)
    expect(store.listener.calls).toEqual([['token', id, 60_000]])
    store.clock.pass(59_999)
    expect(store.admitted(known(store, id)).tokenTtl).toBe(1)
  })

  test('has all the time if its token does not expire any more', () => {
    const { store, id } = setup()
    expect(store.admitted(again(store, id)).tokenTtl).toBe(Infinity)
    store.clock.pass(1e9)
    expect(store.admitted(known(store, id)).tokenTtl).toBe(Infinity)
  })

  test('may be so by a WebSocket, without a request', () => {
    const { store, id } = setup()
    store.clock.pass(100_000)
    store.admitted(known(store, id))
    store.renewToken(id, 5_000)
    store.clock.pass(4_999)
    expect(store.admitted(known(store, id)).tokenTtl).toBe(1)
  })

  test('is of the same user', () => {
    const { store, id } = setup()
    const eve = known(store, id, { identity: { key: 'key', user: 'eve', tokenTtl: 1e6 } })
    expect(store.refused(eve).type).toBe('forbidden')
    store.clock.pass(60_000)
    expect(store.admitted(known(store, id)).tokenTtl).toBe(0)
  })
})

test('nobody is told of tokens where they do not expire', () => {
  const store = new TestStore()
  store.openSession('key', { readerTransport: 'sse' })
  store.admitted(request('key', { sequence: 2 }))
  expect(store.listener.calls.filter(([name]) => name === 'token')).toEqual([])
})
