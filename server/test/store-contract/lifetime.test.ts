import { describe, expect, test } from 'vitest'
import { request } from '../store.ts'
import { start } from './start.ts'

describe('the lifetime of a session', () => {
  test('a session without a second contact expires after 10 s', async () => {
    const world = await start()
    const id = await world.openSession('key')
    world.clock.pass(9_999)
    expect(await world.store.expire()).toEqual([])
    world.clock.pass(1)
    expect(await world.store.expire()).toMatchObject([
      { session: { id }, end: { type: 'gone', reason: 'expired' } },
    ])
    expect(await world.store.expire()).toEqual([])
  })

  test('a message of the first contact is no second contact, an acknowledgement is', async () => {
    const world = await start()
    const [a, b] = [
      await world.openSession('a', { readerTransport: 'websocket' }),
      await world.openSession('b', { readerTransport: 'websocket' }),
    ]
    await world.store.claim(a, 1, 1, 'me')
    await world.store.complete(a, 1, 'me')
    await world.store.acknowledge(b, [0, ''])
    for (const id of [a, b]) await world.store.detach(world.listener, id, 1)
    world.clock.pass(10_000)
    expect((await world.store.expire()).map(({ session }) => session.id)).toEqual([a])
    world.clock.pass(50_000)
    expect((await world.store.expire()).map(({ session }) => session.id)).toEqual([b])
  })

  test('of very many that are over, some are ended at a time', async () => {
    const world = await start({ maxSessions: 300, maxSessionsPerAddress: 300 })
    for (let i = 0; i < 250; i++) await world.openSession(`key${i}`)
    world.clock.pass(10_000)
    const counts: number[] = []
    for (let step = 0; step < 4; step++) counts.push((await world.store.expire()).length)
    expect(counts).toEqual([100, 100, 50, 0])
  })

  test('a session with a second contact lives for sessionTtl', async () => {
    const world = await start()
    await world.openSession('key')
    await world.admitted(request('key', { sequence: 2 }))
    world.clock.pass(59_999)
    expect(await world.store.expire()).toEqual([])
    world.clock.pass(1)
    expect(await world.store.expire()).toHaveLength(1)
  })

  test('a sessionTtl below 10 s counts for sessions without a second contact, too', async () => {
    const world = await start({ sessionTtl: 500 })
    await world.openSession('key')
    world.clock.pass(500)
    expect(await world.store.expire()).toHaveLength(1)
  })

  test('the lifetime runs from when the last reader has gone', async () => {
    const world = await start()
    const other = await world.addNode()
    const id = await world.openSession('key', { readerTransport: 'sse' })
    await world.admitted(request('key', { sequence: 2, readerTransport: 'sse' }), other)
    world.clock.pass(1_000_000)
    await world.store.touch([id])
    await world.store.detach(world.listener, id, 1)
    world.clock.pass(1_000_000)
    await world.store.touch([id])
    expect(await world.store.expire()).toEqual([])
    await world.store.disconnect(other)
    world.clock.pass(59_999)
    expect(await world.store.expire()).toEqual([])
    world.clock.pass(1)
    expect(await world.store.expire()).toHaveLength(1)
  })

  test('a node that disconnects loses its readers, and the lifetimes of other sessions do not change', async () => {
    const world = await start()
    const read = await world.openSession('a', { readerTransport: 'sse' })
    const idle = await world.openSession('b')
    world.clock.pass(9_000)
    await world.store.disconnect(world.listener)
    expect((await world.store.find(read))!.transport).toBeNull()
    world.clock.pass(1_000)
    expect((await world.store.expire()).map(({ session }) => session.id)).toEqual([idle])
  })

  test('a session that a node works on lives as long as that says so, with one contact, too', async () => {
    const world = await start()
    const [touched, other] = [await world.openSession('a'), await world.openSession('b')]
    for (let i = 0; i < 5; i++) {
      world.clock.pass(5_000)
      await world.store.touch([touched, 'gone'])
    }
    expect((await world.store.expire()).map(({ session }) => session.id)).toEqual([other])
    world.clock.pass(10_000)
    expect((await world.store.expire()).map(({ session }) => session.id)).toEqual([touched])
  })

  test('the silence of a client ends with each of its requests and acknowledgements', async () => {
    const world = await start()
    const id = await world.openSession('key', { readerTransport: 'websocket' })
    world.clock.pass(3_000)
    expect(await world.store.silence(id)).toBe(3_000)
    await world.store.acknowledge(id, [1, ''])
    expect(await world.store.silence(id)).toBe(3_000)
    await world.store.acknowledge(id, [0, ''])
    expect(await world.store.silence(id)).toBe(0)
    world.clock.pass(2_000)
    await world.admitted(request('key', { sequence: 2 }), await world.addNode())
    expect(await world.store.silence(id)).toBe(0)
  })
})
