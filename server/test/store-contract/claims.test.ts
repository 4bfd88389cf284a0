import { describe, expect, test } from 'vitest'
import { request } from '../store.ts'
import { start } from './start.ts'

describe('claims', () => {
  test('a claim begins at the next number: below it all is completed, above it there is a gap', async () => {
    const world = await start()
    const id = await world.openSession('key')
    expect(await world.store.claim(id, 2, 3, 'me')).toBe('gap')
    expect(await world.store.claim(id, 1, 2, 'me')).toMatchObject({ first: 1 })
    expect(await world.store.complete(id, 1, 'me')).toBe(true)
    expect(await world.store.complete(id, 2, 'me')).toBe(true)
    expect(await world.store.claim(id, 1, 2, 'me')).toBe('completed')
    expect(await world.store.claim(id, 1, 4, 'me')).toMatchObject({ first: 3 })
  })

  test('claimed numbers and those behind them are busy for any other token', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.claim(id, 1, 2, 'me')
    expect(await world.store.claim(id, 1, 2, 'other')).toBe('busy')
    expect(await world.store.claim(id, 3, 3, 'other')).toBe('busy')
    await world.store.complete(id, 1, 'me')
    expect(await world.store.claim(id, 1, 2, 'other')).toBe('busy')
    await world.store.complete(id, 2, 'me')
    expect(await world.store.claim(id, 3, 3, 'other')).toMatchObject({ first: 3 })
  })

  test('a claim that is not renewed is free after 5 s, and its token completes nothing any more', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.claim(id, 1, 1, 'dead')
    world.clock.pass(4_999)
    expect(await world.store.claim(id, 1, 1, 'other')).toBe('busy')
    world.clock.pass(1)
    expect(await world.store.claim(id, 1, 1, 'other')).toMatchObject({ first: 1 })
    await world.store.renewClaim(id, 'dead')
    expect(await world.store.complete(id, 1, 'dead', '{"stale":true}')).toBe(false)
    expect((await world.store.find(id))!.data).toBe('{}')
    expect(await world.store.complete(id, 1, 'other')).toBe(true)
  })

  test('a claim that is renewed stays busy', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.claim(id, 1, 1, 'slow')
    for (let i = 0; i < 4; i++) {
      world.clock.pass(3_000)
      await world.store.renewClaim(id, 'slow')
    }
    expect(await world.store.claim(id, 1, 1, 'other')).toBe('busy')
  })

  test('numbers are completed one after the other, each once', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.claim(id, 1, 3, 'me')
    expect(await world.store.complete(id, 2, 'me')).toBe(false)
    expect(await world.store.complete(id, 1, 'me')).toBe(true)
    expect(await world.store.complete(id, 1, 'me')).toBe(false)
  })

  test('the opening is number 0, which a claim of number 1 includes while it is due', async () => {
    const world = await start()
    const { id } = (await world.admitted(request('key'))).session
    expect(await world.store.claim(id, 1, 1, 'me')).toMatchObject({ first: 0 })
    expect(await world.store.claim(id, 0, 0, 'opener')).toBe('busy')
    await world.store.complete(id, 0, 'me')
    expect(await world.store.claim(id, 0, 0, 'opener')).toBe('completed')
  })

  test('a session that is gone has nothing to claim', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.claim(id, 1, 1, 'me')
    await world.store.end(id, { type: 'closed', reason: 'test' })
    expect(await world.store.claim(id, 1, 1, 'me')).toBe('gone')
    expect(await world.store.complete(id, 1, 'me')).toBe(false)
    await world.store.renewClaim(id, 'me')
    await world.store.saveData(id, '{"a":1}')
  })

  test('the application’s state is saved with a completed number, or without one', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.claim(id, 1, 2, 'me')
    await world.store.complete(id, 1, 'me', '{"a":1}')
    expect((await world.store.find(id))!.data).toBe('{"a":1}')
    await world.store.complete(id, 2, 'me')
    expect((await world.store.find(id))!.data).toBe('{"a":1}')
    await world.store.saveData(id, '{"a":2}')
    expect((await world.store.find(id))!.data).toBe('{"a":2}')
  })
})
