/** Two hubs over one store. Each request of a session is served by another hub than the request before it. */
import { describe, expect, test, vi } from 'vitest'
import type { Session } from '../src/session.ts'
import { batch, type Client, type Feed } from './client.ts'
import { Door, List } from './list.ts'
import { startSite, type Site, type SiteOptions } from './site.ts'

interface World extends Site {
  /** Which hub did what, in order. */
  readonly happened: List<string>
}

interface WorldOptions extends SiteOptions {
  /** Waited for before a session is open. */
  readonly onOpen?: () => unknown
  /** Handles a message, instead of sending it back. */
  readonly onMessage?: (data: unknown, session: Session, hub: number) => unknown
}

/** Two hubs that say what they do, and send messages back. */
async function setup({
  onOpen = () => {},
  onMessage = (data, session) => session.send(data),
  ...options
}: WorldOptions = {}): Promise<World> {
  const site = await startSite({ hubs: 2, authenticate: (_, token) => token ?? '', ...options })
  const happened = new List<string>()
  for (const [index, hub] of site.hubs.entries()) {
    hub.onOpen(() => {
      happened.push(`${index} opens`)
      return onOpen()
    })
    hub.onMessage((data, session) => {
      happened.push(`${index} handles ${JSON.stringify(data)}`)
      return onMessage(data, session, index)
    })
    hub.onClose((_, { reason }) => happened.push(`${index} closes: ${reason}`))
  }
  return { ...site, happened }
}

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index + 1)

describe('a session of two hubs', () => {
  test('is opened once, handled by either, and closed once', async () => {
    const { client, happened } = await setup()
    const alice = client()
    await alice.exchange()
    for (const number of numbers(4)) await alice.send(number, number)
    const { packet } = await alice.exchange({ answer: 'now' })
    expect(packet).toMatchObject({ ack: [4, 4, 4], batch: [1, [[1], [2], [3], [4]]] })
    await alice.exchange({ bye: [0, 1_000, 'done'] })
    expect(happened.items).toEqual([
      '0 opens',
      '1 handles 1',
      '0 handles 2',
      '1 handles 3',
      '0 handles 4',
      '0 closes: done',
    ])
  })

  test('is opened by one hub, and its first message waits for that at the other', async () => {
    const door = new Door()
    const { client, happened } = await setup({ onOpen: () => door.opened })
    const alice = client()
    await alice.exchange()
    const socket = await alice.socket({ batch: batch(1, 'a') })
    await socket.packets.find(({ ack }) => ack?.[0] === 1)
    expect(happened.items).toEqual(['0 opens'])
    door.open()
    await socket.accepted(1)
    expect(happened.items).toEqual(['0 opens', '1 handles "a"'])
  })

  test('keeps its data for the next message of the same batch', async () => {
    const { client } = await setup({
      onMessage(data, session) {
        session.data[String(data)] = true
        return session.send(Object.keys(session.data).join(''))
      },
    })
    const socket = await client().socket({ batch: batch(1, 'a', 'b', 'c') })
    expect(await socket.messages(3)).toEqual(['a', 'ab', 'abc'])
  })

  test('keeps its data for the hub that handles the next message', async () => {
    const { client, stores } = await setup({
      onMessage(data, session) {
        session.data[String(data)] = Object.keys(session.data).length
        return session.send(session.data)
      },
    })
    const alice = client()
    const { id } = (await alice.send(1, 'a')).packet.hello!
    await alice.exchange({ volatile: [['b']] })
    // Nobody waits for the handler of a volatile message.
    await vi.waitFor(async () => expect((await stores[0]!.find(id))!.data).toContain('"b"'))
    await alice.send(2, 'c')
    expect((await alice.exchange({ answer: 'now' })).packet.batch![1].at(-1)).toEqual([
      { a: 0, b: 1, c: 2 },
    ])
  })

  test('handles a repeated request once, although the other hub gets it while the handler runs', async () => {
    const door = new Door()
    const seen: string[] = []
    const { client } = await setup({
      async onMessage(data, _, hub) {
        seen.push(`${hub} ${data}`)
        await door.opened
      },
    })
    const alice = client()
    await alice.exchange()
    const first = await alice.send(1, 'a')
    const again = await alice.send(1, 'a')
    for (const { packet } of [first, again]) expect(packet.ack).toEqual([1, 0, 0])
    const socket = await alice.socket()
    door.open()
    await socket.accepted(1)
    await alice.send(1, 'a', 'b')
    await socket.accepted(2)
    expect(seen).toHaveLength(2)
    expect(seen[0]).toBe('1 a')
  })
})

describe('a carrier at one of two hubs', () => {
  const CARRIERS = ['websocket', 'sse', 'forever-iframe'] as const
  const open = (client: Client, carrier: (typeof CARRIERS)[number]): Promise<Feed> =>
    carrier === 'websocket' ? client.socket() : client.stream(carrier)

  test.each(CARRIERS)(
    'brings news of what the other hub accepts and its handlers send: %s',
    async (carrier) => {
      const { client, happened } = await setup()
      const alice = client()
      const feed = await open(alice, carrier)
      for (const number of numbers(4)) {
        await alice.send(number, number)
        await feed.accepted(number)
      }
      expect(await feed.messages(4)).toEqual(numbers(4))
      expect(new Set(happened.items.map((text) => text[0]))).toEqual(new Set(['0', '1']))
    },
  )

  test('brings what the other hub sends: a poll', async () => {
    const { hubs, client } = await setup()
    const alice = client()
    const { hello } = (await alice.exchange()).packet
    let tag = ''
    for (const [index, hub] of [...hubs, ...hubs].entries()) {
      const poll = alice.exchange({ answer: 'wait', ack: [index, tag] })
      await hub.to({ session: hello!.id }).send(index)
      const { packet } = await poll
      expect(packet.batch).toEqual([index + 1, [[index]]])
      tag = packet.tag ?? ''
    }
  })

  test('is superseded when its client gives it up at the other hub', async () => {
    const { client } = await setup()
    const alice = client()
    const [first, second] = [await alice.socket(), await alice.socket()]
    await alice.exchange({}, { want: 2 })
    expect(await first.closed).toEqual([4_409, 'superseded'])
    await alice.exchange({}, { want: 4 })
    expect(await second.closed).toEqual([4_409, 'superseded'])
  })

  test('ends when the other hub ends the session, with its reason', async () => {
    const { client, happened } = await setup({
      onMessage: (_, session) => session.close(4_000, 'enough'),
    })
    const alice = client()
    const sockets = [await alice.socket(), await alice.socket()]
    await alice.send(1, 'go')
    for (const socket of sockets)
      expect(await socket.end()).toEqual(['closed', 'enough', 'final', 4_000])
    expect(happened.items.filter((text) => text.includes('closes'))).toHaveLength(1)
    for (let i = 0; i < 2; i++) expect((await alice.exchange()).packet.end![0]).toBe('closed')
  })

  test('ends when the other hub disconnects its user', async () => {
    const { hubs, client } = await setup()
    const sockets = []
    for (const token of ['alice', 'alice', 'bob']) {
      sockets.push(await Object.assign(client(), { token }).socket())
    }
    await hubs[1]!.disconnect({ user: 'alice' }, 'banned')
    for (const socket of sockets.slice(0, 2)) {
      expect(await socket.end()).toEqual(['closed', 'banned', 'final', 1_000])
    }
    await hubs[0]!.broadcast('still here')
    expect(await sockets[2]!.messages(1)).toEqual(['still here'])
  })

  test('is told to move when its hub closes, and the session goes on at the other one', async () => {
    const { hubs, client } = await setup()
    const alice = client()
    const first = await alice.socket()
    const closed = hubs[0]!.close()
    expect((await first.end())![0]).toBe('draining')
    await closed
    const second = await alice.socket()
    await hubs[1]!.broadcast('moved')
    expect(await second.messages(1)).toEqual(['moved'])
    expect(second.packets.items[0]!.hello!.id).toBe(first.packets.items[0]!.hello!.id)
  })

  test('gets volatile messages from the other hub if it is the newest', async () => {
    const { hubs, client } = await setup()
    const alice = client()
    const [older, newer] = [await alice.socket(), await alice.socket()]
    const { id } = older.packets.items[0]!.hello!
    for (const hub of hubs) await hub.to({ session: id }).send('v', { volatile: true })
    await newer.packets.until((all) => all.flatMap(({ volatile = [] }) => volatile).length === 2)
    for (const hub of hubs) await hub.broadcast('kept')
    await older.messages(2)
    expect(older.packets.items.filter(({ volatile }) => volatile)).toEqual([])
  })
})

describe('messages to targets of two hubs', () => {
  test('reach users and rooms of both hubs, from both, once', async () => {
    const { hubs, client } = await setup({
      onMessage: (data, session) => session.join(String(data)),
    })
    const sockets = []
    for (const token of ['alice', 'alice', 'bob']) {
      const socket = await Object.assign(client(), { token }).socket()
      socket.send({ batch: batch(1, 'lobby') })
      await socket.accepted(1)
      sockets.push(socket)
    }
    for (const [index, hub] of hubs.entries()) {
      await hub.to({ room: 'lobby' }, { user: 'alice' }).send(`room and user from ${index}`)
      await hub.to({ user: 'bob' }).send(`user from ${index}`)
    }
    for (const hub of hubs) await hub.broadcast('last')
    const both = (kind: string): string[] => [0, 1].map((index) => `${kind} from ${index}`)
    for (const socket of sockets.slice(0, 2)) {
      expect(await socket.messages(4)).toEqual([...both('room and user'), 'last', 'last'])
    }
    expect(await sockets[2]!.messages(6)).toEqual([
      'room and user from 0',
      'user from 0',
      'room and user from 1',
      'user from 1',
      'last',
      'last',
    ])
  })

  test('reach users of the other hub when clients send them', async () => {
    const { client } = await setup({ relay: () => true })
    const alice = Object.assign(client(), { token: 'alice' })
    const bob = await Object.assign(client(), { token: 'bob' }).socket()
    const { hello } = (await alice.exchange()).packet
    for (const number of numbers(2)) await alice.exchange({ batch: [number, [[number, ['bob']]]] })
    await bob.messages(2)
    expect(bob.entries).toEqual([
      [1, 1, hello!.id],
      [2, 2, hello!.id],
    ])
  })
})
