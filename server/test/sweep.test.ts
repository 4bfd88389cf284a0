/** The sweep, which a hub does every second. */
import { createServer } from 'node:http'
import { expect, onTestFinished, test, vi } from 'vitest'
import { attach } from '../src/hub.ts'
import { List } from './list.ts'
import { TestStore } from './store.ts'

test('one sweep ends all sessions whose lifetime is over, however many, and others have their turn between them', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const limits = { maxSessions: 1_000, maxSessionsPerAddress: 1_000 }
  const store = new TestStore(limits)
  const hub = attach(createServer(), { store, ...limits, log: () => {} })
  onTestFinished(() => hub.close())
  for (let i = 0; i < 250; i++) store.openSession(`key${i}`)
  const closed = new List<string>()
  hub.onClose(({ id }) => closed.push(id))
  store.clock.pass(150_000)
  const steps: number[] = []
  const expire = vi.spyOn(store, 'expire').mockImplementation(() => {
    const ended = TestStore.prototype.expire.call(store)
    setImmediate(() => steps.push(closed.items.length))
    return ended
  })
  vi.advanceTimersByTime(1_000)
  await closed.until(() => closed.items.length === 250)
  expect(expire).toHaveBeenCalledTimes(3)
  expect(steps.slice(0, 2)).toEqual([100, 200])
})
