/** A store that fails in the middle of a handler: the application is not to blame, and the session goes on. */
import { expect, test } from 'vitest'
import type { Hub } from '../src/hub.ts'
import type { Session } from '../src/session.ts'
import { MemoryStore } from '../src/store/memory-store.ts'
import type { SessionStore } from '../src/store/store.ts'
import { batch } from './client.ts'
import { Door, twoTurns } from './list.ts'
import { startSite } from './site.ts'
import { slowStore } from './slow-store.ts'

const ACTS: readonly [
  name: string,
  method: keyof SessionStore,
  act: (s: Session, h: Hub) => unknown,
][] = [
  ['session.send', 'append', (session) => session.send('a')],
  ['hub.to().send', 'append', ({ user }, hub) => hub.to({ user }).send('a')],
  ['hub.broadcast', 'append', (_, hub) => hub.broadcast('a')],
  ['session.join', 'join', (session) => session.join('lobby')],
  ['session.leave', 'leave', (session) => session.leave('lobby')],
  ['session.close', 'end', (session) => session.close()],
  ['hub.disconnect', 'endTargets', ({ id: session }, hub) => hub.disconnect({ session })],
]

test.each(ACTS)(
  'a message whose handler calls %s is not accepted while the store fails',
  async (_, method, act) => {
    let fails = true
    const store = new Proxy(slowStore(new MemoryStore()), {
      get: (target, name) =>
        name === method && fails
          ? () => Promise.reject(new Error('no answer'))
          : Reflect.get(target, name),
    })
    const { hub, client, logged } = await startSite({ store, authenticate: () => 'alice' })
    const handled: string[] = []
    let failures = 0
    hub.onMessage(async (how, session) => {
      handled.push(String(how))
      if (how === 'await') await act(session, hub)
      else void Promise.resolve(act(session, hub)).catch(() => {})
    })
    for (const how of ['await', 'do not await']) {
      const socket = await client().socket({ batch: batch(1, how) })
      failures++
      await logged.until(
        (all) => all.filter(({ event }) => event === 'request-failed').length === failures,
      )
      expect(socket.packets.items.some(({ ack }) => ack && ack[1] > 0)).toBe(false)
    }
    expect(handled).toEqual(['await', 'do not await'])
    expect(logged.items.map(({ event }) => event)).not.toContain('handler-failed')
    fails = false
  },
)

test('a message whose handler sends after its hub was closed is not accepted, and ends no session', async () => {
  const door = new Door()
  const store = slowStore(new MemoryStore())
  const { hub, client, logged } = await startSite({ store, drainTimeout: 50 })
  const started = new Door()
  hub.onMessage(async () => {
    started.open()
    await door.opened
    await hub.broadcast('late')
  })
  await client().socket({ batch: batch(1, 'a') })
  await started.opened
  await hub.close()
  door.open()
  await logged.find(({ event }) => event === 'send-failed')
  await twoTurns()
  expect(logged.items.map(({ event }) => event)).not.toContain('handler-failed')
})
