import { expect, test } from 'vitest'
import { request } from '../store.ts'
import { start } from './start.ts'

test('a ticket is good for one use, and for its lifetime', async () => {
  const world = await start()
  const asked = request('key')
  await world.store.saveTicket('a', asked, 30_000)
  await world.store.saveTicket('b', asked, 30_000)
  expect(await world.store.redeemTicket('a')).toEqual(asked)
  expect(await world.store.redeemTicket('a')).toBeUndefined()
  expect(await world.store.redeemTicket('never issued')).toBeUndefined()
  world.clock.pass(30_000)
  expect(await world.store.redeemTicket('b')).toBeUndefined()
})
