/** Handlers whose promises never settle hold up their own session, and nobody else. */
import { expect, test } from 'vitest'
import { batch } from './client.ts'
import { List } from './list.ts'
import { startSite } from './site.ts'

const never = (): Promise<void> => new Promise(() => {})

test('an onClose promise that never settles holds up no other session, no sender, and not the closing of the hub', async () => {
  const { hub, client } = await startSite({ maxBufferedMessages: 1, drainTimeout: 100 })
  const closed = new List<string>()
  hub.onClose((session) => {
    closed.push(session.id)
    return never()
  })
  for (let i = 0; i < 3; i++) await client().exchange()
  await hub.broadcast('fits')
  await hub.broadcast('does not')
  expect(new Set(closed.items).size).toBe(3)
  await client().exchange()
  await hub.close()
  expect(closed.items).toHaveLength(4)
})

test('an onMessage promise that never settles holds up no other session, no exchange, and no goodbye', async () => {
  const { hub, client } = await startSite({ heartbeat: 100, drainTimeout: 100 })
  hub.onMessage((data) => (data === 'stuck' ? never() : undefined))
  const [alice, bob, eve] = [client(), client(), client()]
  expect((await alice.send(1, 'stuck')).packet.ack!.slice(0, 2)).toEqual([1, 0])
  expect((await alice.exchange({ answer: 'now' })).packet.ack!.slice(0, 2)).toEqual([1, 0])
  expect((await alice.exchange({ answer: 'wait' })).packet.ack!.slice(0, 2)).toEqual([1, 0])
  expect((await bob.send(1, 'hi')).packet.ack!.slice(0, 2)).toEqual([1, 1])
  expect((await eve.exchange({ batch: batch(1, 'stuck'), bye: [0] })).text).toBe('{}')
})

test('an onOpen promise that never settles holds up no carrier, and no other session', async () => {
  const { hub, client } = await startSite({ heartbeat: 100, drainTimeout: 100 })
  hub.onOpen(never)
  const alice = client()
  expect((await alice.send(1, 'hi')).packet.ack!.slice(0, 2)).toEqual([1, 0])
  const socket = await alice.socket()
  expect(socket.packets.items[0]!.ack!.slice(0, 2)).toEqual([1, 0])
  expect((await client().exchange()).status).toBe(200)
})
