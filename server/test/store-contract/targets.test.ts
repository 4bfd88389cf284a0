import { describe, expect, test } from 'vitest'
import { message } from '../store.ts'
import { start } from './start.ts'

describe('targets', () => {
  test('a session that several targets name gets the message once', async () => {
    const world = await start()
    const a = await world.openSession('a', { user: 'alice' })
    const b = await world.openSession('b', { user: 'alice' })
    const c = await world.openSession('c')
    const d = await world.openSession('d')
    await world.store.join(a, 'lobby')
    await world.store.join(c, 'lobby')
    await world.store.append([{ user: 'alice' }, { room: 'lobby' }, { session: a }], message('hi'))
    expect(await world.logs(a, b, c, d)).toEqual([['hi'], ['hi'], ['hi'], []])
  })

  test('a target with several fields names the sessions of all of them', async () => {
    const world = await start()
    const a = await world.openSession('a', { user: 'alice' })
    const b = await world.openSession('b')
    await world.store.append([{ user: 'alice', session: b }], message('hi'))
    expect(await world.logs(a, b)).toEqual([['hi'], ['hi']])
  })

  test('the user "", an unknown session and an empty room are nobody', async () => {
    const world = await start()
    const id = await world.openSession('a')
    await world.store.append(
      [{ user: '' }, { session: 'unknown' }, { room: 'empty' }],
      message('hi'),
    )
    expect(await world.log(id)).toEqual([])
  })

  test('a session that left a room, or ended, is not in it', async () => {
    const world = await start()
    const [a, b] = [await world.openSession('a'), await world.openSession('b')]
    for (const id of [a, b, 'unknown']) await world.store.join(id, 'lobby')
    await world.store.join(a, 'lobby')
    await world.store.leave(a, 'lobby')
    await world.store.leave(a, 'other')
    await world.store.leave('unknown', 'lobby')
    await world.store.end(b, { type: 'closed', reason: 'test' })
    expect(await world.store.append([{ room: 'lobby' }], message('hi'))).toEqual([])
    expect(await world.log(a)).toEqual([])
  })
})
