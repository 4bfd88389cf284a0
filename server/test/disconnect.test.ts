/** An application puts users out. */
import { describe, expect, test } from 'vitest'
import { batch } from './client.ts'
import { List } from './list.ts'
import { startSite } from './site.ts'

const authenticate = (_: unknown, token?: string): string => token ?? ''
const END = ['closed', 'banned', 'final', 1_000]

describe.each([1, 2])('disconnect, with %i hubs', (hubs) => {
  test('ends the sessions of a user on every carrier at once, and no other', async () => {
    const { hub, hubs: all, client } = await startSite({ hubs, authenticate })
    const closed = new List<unknown>()
    for (const each of all) each.onClose(({ user }, { reason }) => closed.push([user, reason]))
    const as = (token: string) => Object.assign(client(), { token })
    const socket = await as('mallory').socket()
    const stream = await as('mallory').stream('sse')
    const poller = as('mallory')
    await poller.exchange()
    const poll = poller.exchange({ answer: 'wait' })
    const absent = as('mallory')
    await absent.exchange()
    const bob = await as('bob').socket()
    await hub.disconnect({ user: 'mallory' }, 'banned')
    expect(await socket.end()).toEqual(END)
    expect(await stream.end()).toEqual(END)
    for (const { packet } of [await poll, await absent.exchange()]) expect(packet.end).toEqual(END)
    expect(await closed.count(4)).toEqual(Array.from({ length: 4 }, () => ['mallory', 'banned']))
    bob.send({ batch: batch(1, 'still here') })
    await bob.accepted(1)
  })

  test('ends the sessions in a room, or the one with an id', async () => {
    const { hubs: all, hub, client } = await startSite({ hubs })
    for (const each of all) each.onMessage((_, session) => session.join('lobby'))
    const [first, second] = [await client().socket(), await client().socket()]
    first.send({ batch: batch(1, 'join') })
    await first.accepted(1)
    await hub.disconnect({ room: 'lobby' })
    expect(await first.end()).toEqual(['closed', 'disconnected', 'final', 1_000])
    const { hello } = second.packets.items[0]!
    await hub.disconnect({ session: hello!.id }, 'banned')
    expect(await second.end()).toEqual(END)
  })
})

test('disconnect throws for a target that names nobody, and a reason that is no text', async () => {
  const { hub } = await startSite()
  expect(() => hub.disconnect({})).toThrow(expect.objectContaining({ type: 'invalid-target' }))
  expect(() => hub.disconnect({ user: 'a' }, 7 as never)).toThrow(
    expect.objectContaining({ type: 'invalid-close' }),
  )
})
