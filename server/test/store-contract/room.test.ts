import { expect, test } from 'vitest'
import { message } from '../store.ts'
import { start } from './start.ts'

/** A session whose log of four messages is full. */
async function setup() {
  const world = await start()
  const id = await world.openSession('key')
  for (let i = 0; i < 4; i++) await world.store.append([{ session: id }], message(i))
  const settled: string[] = []
  const note = (name: string, promise: Promise<void> | undefined): Promise<void> =>
    (promise ?? Promise.resolve()).then(() => void settled.push(name))
  return { world, id, settled, note }
}

test('a sender waits for room until a quarter of the log was acknowledged, or the session has ended', async () => {
  const { world, id, settled, note } = await setup()
  const room = note('room', world.store.waitForRoom(id, 1))
  const empty = note('empty', world.store.waitUntilAcknowledged(id))
  await world.store.acknowledge(id, await world.position(id, 1))
  await room
  expect(settled).toEqual(['room'])
  await world.store.acknowledge(id, await world.position(id, 4))
  await empty
  for (let i = 0; i < 4; i++) await world.store.append([{ session: id }], message(i))
  const late = note('late', world.store.waitForRoom(id, 1))
  await world.store.end(id, { type: 'closed', reason: 'test' })
  await late
  expect(settled).toEqual(['room', 'empty', 'late'])
})

test('a log that is more than half full slows those who write to it, for 5 s and until it has room again', async () => {
  const { world, id } = await setup()
  const other = await world.openSession('other')
  expect(await world.store.areCrowded([{ session: id }])).toBe(true)
  expect(await world.store.areCrowded([{ session: other }])).toBe(false)
  world.clock.pass(5_000)
  expect(await world.store.areCrowded([{ session: id }])).toBe(false)
  await world.store.acknowledge(id, await world.position(id, 4))
  for (let i = 0; i < 3; i++) await world.store.append([{ session: id }], message(i))
  expect(await world.store.areCrowded('all')).toBe(true)
})
