import { expect, test } from 'vitest'
import { message, request } from '../store.ts'
import { start } from './start.ts'
import type { Backlog } from '../../src/store/store.ts'

const HEARTBEAT = 20_000

async function setup() {
  const world = await start()
  const id = await world.openSession('key')
  await world.admitted(request('key', { sequence: 2 }))
  const publish = async (data: unknown): Promise<void> =>
    await world.store.publish([{ session: id }], message(data))
  const read = async (maxBytes = 1): Promise<unknown[]> =>
    ((await world.store.read(id, 0, maxBytes)) as Backlog).volatile.map(({ body }) =>
      JSON.parse(String(body)),
    )
  return { world, id, publish, read }
}

test('the latest eight volatile messages are kept for a session without a reader, and read once', async () => {
  const { publish, read } = await setup()
  for (let i = 1; i <= 10; i++) await publish(i)
  expect(await read()).toEqual([3, 4, 5, 6, 7, 8, 9, 10])
  expect(await read()).toEqual([])
})

test('a volatile message is kept for a heartbeat interval', async () => {
  const { world, publish, read } = await setup()
  await publish('a')
  world.clock.pass(1)
  await publish('b')
  world.clock.pass(HEARTBEAT - 1)
  await world.store.expire()
  expect(await read()).toEqual(['b'])
  await publish('c')
  world.clock.pass(HEARTBEAT)
  expect(await read()).toEqual([])
})

test('volatile messages stay where nothing of the log is wanted', async () => {
  const { publish, read } = await setup()
  await publish('a')
  expect(await read(0)).toEqual([])
  expect(await read()).toEqual(['a'])
})

test('a volatile message is not kept where a reader gets it', async () => {
  const { world, id, publish, read } = await setup()
  await world.admitted(request('key', { sequence: 3, readerTransport: 'long-poll' }))
  await publish('a')
  expect(await world.calls()).toEqual([['volatile', id, '"a"']])
  await world.store.detach(world.listener, id, 3)
  expect(await read()).toEqual([])
  await publish('b')
  expect(await read()).toEqual(['b'])
})
