import { describe, expect, test } from 'vitest'
import { page, request } from '../store.ts'
import { start } from './start.ts'
import type { StoreWorld } from './world.ts'
import type { AttachRequest } from '../../src/store/store.ts'

const USER = { key: 'key', user: 'alice' }

/** A later request of the client by its key alone. */
const known = async (
  world: StoreWorld,
  id: string,
  other: Partial<AttachRequest> = {},
  hasToken = false,
): Promise<AttachRequest> => ({
  ...request('key', { sequence: 2 }),
  identity: { key: 'key', hasToken },
  epoch: (await world.store.find(id))!.epoch,
  ...other,
})

/** A session whose token is good for a minute. */
async function setup() {
  const world = await start({ sessionTtl: 1e6 })
  const id = await world.openSession('key', { identity: { ...USER, tokenTtl: 60_000 } })
  return { world, id }
}

describe('a client that is known by its key', () => {
  test('has the session of its key and its epoch, whatever its user', async () => {
    const { world, id } = await setup()
    expect((await world.admitted(await known(world, id))).session).toMatchObject({
      id,
      user: 'alice',
    })
    expect((await world.refused(await known(world, id, { epoch: 'other' }))).type).toBe('gone')
    const identity = { key: 'unknown', hasToken: false }
    expect((await world.refused(await known(world, id, { identity }))).type).toBe('gone')
  })

  test('has its token looked at by nobody while the one before is good', async () => {
    const { world, id } = await setup()
    world.clock.pass(59_999)
    expect((await world.admitted(await known(world, id, {}, true))).tokenTtl).toBe(1)
  })

  test('whose token has expired is admitted for 10 s from its next request on, and then refused', async () => {
    const { world, id } = await setup()
    world.clock.pass(200_000)
    expect((await world.admitted(await known(world, id))).tokenTtl).toBeLessThanOrEqual(0)
    world.clock.pass(9_999)
    expect((await world.admitted(await known(world, id))).tokenTtl).toBeLessThanOrEqual(0)
    world.clock.pass(1)
    expect((await world.refused(await known(world, id))).type).toBe('unauthorized')
    const ticket = await known(world, id, { identity: { id } })
    expect((await world.refused(ticket)).type).toBe('unauthorized')
    expect(await world.store.find(id)).toBeDefined()
  })

  test('is refused at once if it brings a new token, and changes nothing', async () => {
    const { world, id } = await setup()
    world.clock.pass(60_000)
    const asked = await known(world, id, { sequence: 9, lowestWanted: 9 }, true)
    expect((await world.refused(asked)).type).toBe('unauthorized')
    await world.admitted(await known(world, id, { sequence: 2, lowestWanted: 1 }))
  })

  test('is refused before its page is looked at', async () => {
    const { world, id } = await setup()
    world.clock.pass(60_000)
    const asked = await known(world, id, { page: page(0, 'other') }, true)
    expect((await world.refused(asked)).type).toBe('unauthorized')
  })
})

describe('a client that is authenticated again', () => {
  const again = (world: StoreWorld, id: string, tokenTtl?: number): Promise<AttachRequest> =>
    known(world, id, { identity: { ...USER, ...(tokenTtl && { tokenTtl }) } })

  test('has as much time as its new token, and all of its nodes are told', async () => {
    const { world, id } = await setup()
    await world.admitted(await known(world, id, { readerTransport: 'sse', sequence: 3 }))
    world.clock.pass(100_000)
    await world.admitted(await known(world, id))
    expect((await world.admitted(await again(world, id, 60_000))).tokenTtl).toBe(60_000)
    expect(await world.calls()).toEqual([['token', id, 60_000]])
    world.clock.pass(59_999)
    expect((await world.admitted(await known(world, id))).tokenTtl).toBe(1)
  })

  test('has all the time if its token does not expire any more', async () => {
    const { world, id } = await setup()
    expect((await world.admitted(await again(world, id))).tokenTtl).toBe(Infinity)
    world.clock.pass(1e9)
    expect((await world.admitted(await known(world, id))).tokenTtl).toBe(Infinity)
  })

  test('may be so by a WebSocket, without a request', async () => {
    const { world, id } = await setup()
    world.clock.pass(100_000)
    await world.admitted(await known(world, id))
    await world.store.renewToken(id, 5_000)
    world.clock.pass(4_999)
    expect((await world.admitted(await known(world, id))).tokenTtl).toBe(1)
  })

  test('is of the same user', async () => {
    const { world, id } = await setup()
    const eve = await known(world, id, { identity: { key: 'key', user: 'eve', tokenTtl: 1e6 } })
    expect((await world.refused(eve)).type).toBe('forbidden')
    world.clock.pass(60_000)
    expect((await world.admitted(await known(world, id))).tokenTtl).toBe(0)
  })
})

test('nobody is told of tokens where they do not expire', async () => {
  const world = await start()
  await world.openSession('key', { readerTransport: 'sse' })
  await world.admitted(request('key', { sequence: 2 }))
  expect((await world.calls()).filter(([name]) => name === 'token')).toEqual([])
})
