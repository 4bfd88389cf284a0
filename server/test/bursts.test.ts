/** A burst falls on the client that causes it, and on nobody else. */
import { describe, expect, test } from 'vitest'
import type { Session } from '../src/session.ts'
import { batch, type Client, type Socket } from './client.ts'
import { startSite, type Site } from './site.ts'

const COUNT = 2_000
const NUMBERS = Array.from({ length: COUNT }, (_, i) => i)

/** A WebSocket that acknowledges each packet, as a client that reads does. */
async function reader(client: Client): Promise<Socket> {
  const socket = await client.socket()
  let acknowledged = 0
  void socket.packets.until((packets) => {
    const { batch: down } = packets.at(-1) ?? {}
    const last = down ? down[0] + down[1].length - 1 : 0
    if (last > acknowledged) {
      acknowledged = last
      socket.send({ ack: [last, ''] })
    }
    return false
  })
  return socket
}

const LIMITS = {
  maxBufferedMessages: 200,
  authenticate: (_: unknown, token?: string) => token ?? '',
}

type Handler = (site: Site) => (data: unknown, session: Session) => unknown

const HANDLERS: { readonly [name: string]: Handler } = {
  'a synchronous handler':
    ({ hub }) =>
    (data) =>
      hub.to({ user: 'bob' }).send(data),
  'a handler that sends after an await':
    ({ hub }) =>
    async (data) => {
      await Promise.resolve()
      void hub.to({ user: 'bob' }).send(data)
    },
  'a handler that broadcasts':
    ({ hub }) =>
    (data) =>
      void hub.broadcast(data),
}

describe('a burst of one client', () => {
  test.each(Object.entries(HANDLERS))('by %s ends no recipient that reads', async (_, handler) => {
    const site = await startSite(LIMITS)
    site.hub.onMessage(handler(site))
    const bobs = await Promise.all(
      Array.from({ length: 3 }, () => reader(Object.assign(site.client(), { token: 'bob' }))),
    )
    const mallory = await reader(site.client())
    mallory.send({ batch: batch(1, ...NUMBERS) })
    for (const bob of bobs) expect(await bob.messages(COUNT)).toEqual(NUMBERS)
    expect(bobs.flatMap(({ packets }) => packets.items.filter(({ end }) => end))).toEqual([])
  })

  test('of messages that are relayed, by exchanges, ends no recipient that reads', async () => {
    const site = await startSite({ ...LIMITS, relay: () => true })
    const bob = await reader(Object.assign(site.client(), { token: 'bob' }))
    const mallory = site.client()
    await mallory.exchange()
    await mallory.exchange({ batch: [1, NUMBERS.map((i) => [i, ['bob']])] })
    expect(await bob.messages(COUNT)).toEqual(NUMBERS)
  })

  test('of volatile messages ends no recipient that reads', async () => {
    const site = await startSite(LIMITS)
    site.hub.onMessage((data) => site.hub.to({ user: 'bob' }).send(data))
    const bob = await reader(Object.assign(site.client(), { token: 'bob' }))
    const mallory = await site.client().socket()
    mallory.send({ volatile: NUMBERS.map((i) => [i]) })
    expect(await bob.messages(COUNT)).toEqual(NUMBERS)
  })

  test('ends a recipient that does not read, alone', async () => {
    const site = await startSite(LIMITS)
    site.hub.onMessage((data) => site.hub.to({ user: 'bob' }).send(data))
    const bob = await reader(Object.assign(site.client(), { token: 'bob' }))
    const deaf = await Object.assign(site.client(), { token: 'bob' }).socket()
    const mallory = await site.client().socket()
    mallory.send({ batch: batch(1, ...NUMBERS) })
    expect((await deaf.end()).slice(0, 2)).toEqual(['gone', 'overflow'])
    expect(await bob.messages(COUNT)).toEqual(NUMBERS)
  })

  test.each([
    ['in one packet', (socket: Socket) => socket.send({ batch: batch(1, ...NUMBERS) })],
    [
      'in a packet each',
      (socket: Socket) => {
        for (const i of NUMBERS) socket.send({ batch: batch(i + 1, i) })
      },
    ],
  ])('%s gives way to a neighbour', async (_, flood) => {
    const { hub, client } = await startSite()
    const order: unknown[] = []
    hub.onMessage((data) => {
      order.push(data)
      // A busy handler: 0.2 ms of work.
      for (const end = performance.now() + 0.2; performance.now() < end;);
    })
    const neighbour = await client().socket()
    const mallory = await client().socket()
    flood(mallory)
    await mallory.packets.find(({ ack }) => (ack?.[0] ?? 0) > 0)
    neighbour.send({ batch: batch(1, 'neighbour') })
    await neighbour.accepted(1)
    expect(order.indexOf('neighbour')).toBeLessThan(COUNT - 1)
    await mallory.accepted(COUNT)
    expect(order.filter((data) => data !== 'neighbour')).toEqual(NUMBERS)
  })
})
