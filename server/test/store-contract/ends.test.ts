import { describe, expect, test } from 'vitest'
import { message, page, request } from '../store.ts'
import { start } from './start.ts'

describe('ends', () => {
  const END = { type: 'closed', reason: 'test', code: 4_000 } as const

  test('every node with a reader is told of an end, once', async () => {
    const world = await start()
    const other = await world.addNode()
    const id = await world.openSession('key', { readerTransport: 'sse' })
    await world.admitted(request('key', { sequence: 2, readerTransport: 'sse' }), other)
    expect(await world.store.end(id, END)).toMatchObject({ session: { id }, end: END })
    expect(await world.store.end(id, END)).toBeUndefined()
    expect((await world.calls()).at(-1)).toEqual(['ended', id, 'closed', 'test'])
    expect(await world.calls(other)).toEqual([['ended', id, 'closed', 'test']])
  })

  test('a session whose opening was not claimed ends without a word to the application', async () => {
    const world = await start()
    const { id: untouched } = (await world.admitted(request('a'))).session
    const { id: opening } = (await world.admitted(request('b'))).session
    await world.store.claim(opening, 0, 0, 'me')
    expect(await world.store.end(untouched, END)).toBeUndefined()
    expect(await world.store.end(opening, END)).toMatchObject({ session: { id: opening } })
  })

  test('an end is remembered for a lifetime, by key and by id', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.append([{ session: id }], message('kept'))
    await world.store.end(id, END)
    expect(await world.store.find(id)).toBeUndefined()
    expect(await world.refused(request('key'))).toEqual(END)
    expect(await world.refused(request('key', { epoch: 'any' }))).toEqual(END)
    expect(await world.refused({ ...request('key'), identity: { id } })).toEqual(END)
    expect(await world.store.read(id, 0, Infinity)).toEqual(END)
    world.clock.pass(59_999)
    await world.store.expire()
    expect(await world.refused(request('key'))).toEqual(END)
    world.clock.pass(1)
    await world.store.expire()
    expect(await world.store.read(id, 0, Infinity)).toEqual({ type: 'gone', reason: 'unknown' })
    expect((await world.admitted(request('key'))).created).toBe(true)
  })

  test('methods that name a session which is gone do nothing', async () => {
    const world = await start()
    await world.store.detach(world.listener, 'gone', 1)
    await world.store.endAfter('gone', page(0, ''), 1, END)
    await world.store.renewToken('gone', 1)
    await world.store.touch(['gone'])
    expect(await world.store.silence('gone')).toBe(Infinity)
    expect(await world.store.acknowledge('gone', [1, ''])).toBeUndefined()
    expect(await world.store.end('gone', END)).toBeUndefined()
    expect(await world.store.append([{ session: 'gone' }], message('hi'))).toEqual([])
    await world.store.publish([{ session: 'gone' }], message('hi'))
    expect(await world.calls()).toEqual([])
  })
})
