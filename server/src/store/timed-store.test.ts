import { expect, test } from 'vitest'
import type { SessionStore } from './store.ts'
import { timeStore } from './timed-store.ts'

/** A store whose clock goes on while it answers. */
function slowStore() {
  let now = 0
  const store: Partial<SessionStore> = {
    heldBytes: 7,
    find(id) {
      now += Number(id)
      return undefined
    },
    async join(id) {
      await Promise.resolve()
      now += Number(id)
      if (id === '0') throw new Error('the store is away')
    },
    waitForRoom: () => Promise.resolve(),
  }
  return timeStore(store as SessionStore, () => now)
}

test('answers are counted and timed, those that come at once and those that come later', async () => {
  const { store, metrics } = slowStore()
  expect(store.find('1000')).toBe(undefined)
  await store.join('3000', 'room')
  await expect(store.join('0', 'room')).rejects.toThrow('away')
  expect(metrics()).toEqual({ calls: 3, failures: 1, seconds: 4, slowest: 3 })
})

test('the slowest answer is that since the last look', async () => {
  const { store, metrics } = slowStore()
  await store.find('2000')
  metrics()
  await store.find('500')
  expect(metrics()).toEqual({ calls: 2, failures: 0, seconds: 2.5, slowest: 0.5 })
})

test('a wait for a client is no call, and all else is the store', async () => {
  const { store, metrics } = slowStore()
  await store.waitForRoom('1', 1)
  expect(store.heldBytes).toBe(7)
  expect(metrics().calls).toBe(0)
})
