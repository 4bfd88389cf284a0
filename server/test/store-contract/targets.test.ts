import { describe, expect, test } from 'vitest'
import { message, request } from '../store.ts'
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

test('the sessions that targets name are listed, each once, as they are now', async () => {
  const world = await start()
  const a = await world.openSession('a', { user: 'alice' })
  const b = await world.openSession('b', { user: 'alice' })
  const c = await world.openSession('c')
  await world.openSession('d')
  await world.store.join(a, 'lobby')
  await world.store.join(c, 'lobby')
  await world.admitted(request('c', { sequence: 2, readerTransport: 'sse' }))
  await world.store.saveData(b, '{"x":1}')
  await world.store.end(a, { type: 'closed', reason: 'test' })
  const found = await world.store.list([{ user: 'alice' }, { room: 'lobby' }, { session: 'x' }])
  const shown = found.map(({ id, user, transport, data }) => [id, user, transport, data])
  expect(new Set(shown.map((each) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify([b, 'alice', null, '{"x":1}']), JSON.stringify([c, '', 'sse', '{}'])]),
  )
  expect((await world.store.list('all')).length).toBe(3)
})

describe('the id of a message', () => {
  test('is appended once in a lifetime of sessions, whichever node sends it, to whomever', async () => {
    const world = await start({ sessionTtl: 60_000, maxBufferedMessages: 10 })
    const [a, b] = [await world.openSession('a'), await world.openSession('b')]
    const send = (id: string, data: unknown, name?: string) =>
      world.store.append([{ session: id }], message(data), undefined, name)
    await send(a, 'once', 'order 1')
    expect(await send(a, 'again', 'order 1')).toEqual([])
    await send(b, 'to another', 'order 1')
    await send(a, 'other', 'order 2')
    await send(a, 'none')
    await send(a, 'none')
    world.clock.pass(59_999)
    await send(a, 'in time', 'order 1')
    world.clock.pass(1)
    await send(a, 'later', 'order 1')
    expect(await world.logs(a, b)).toEqual([['once', 'other', 'none', 'none', 'later'], []])
  })

  test('does not stand for a cause, nor a cause for it', async () => {
    const world = await start()
    const id = await world.openSession('a')
    const send = (data: unknown, counter: number, name?: string) =>
      world.store.append(
        [{ session: id }],
        message(data),
        { sessionId: id, number: 1, counter },
        name,
      )
    await send('first', 1, 'x')
    await send('same id', 2, 'x')
    await send('same cause', 1, 'y')
    await send('both new', 3, 'y')
    expect(await world.log(id)).toEqual(['first', 'both new'])
  })
})
