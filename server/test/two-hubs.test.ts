/** Two hubs over one store, each request of a session served by the other one than the request before it. */
import { array, assert, asyncProperty, constantFrom, record, integer } from 'fast-check'
import type { Down } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import type { Hub } from '../src/hub.ts'
import type { Session } from '../src/session.ts'
import { Socket, batch, type Client, type Feed, type Fields, type Stream } from './client.ts'
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

describe('a session', () => {
  test('is opened once, its messages are handled by either, and closed once', async () => {
    const { client, happened } = await setup()
    const alice = client()
    await alice.exchange()
    for (const number of numbers(4)) await alice.send(number, number)
    const { packet } = await alice.exchange({ answer: 'now' })
    expect(packet).toMatchObject({ ack: [alice.epoch, 4, 4, 4], batch: [1, [[1], [2], [3], [4]]] })
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

  test('has one opening, even if its first message is served by the other', async () => {
    const door = new Door()
    const { client, happened } = await setup({ onOpen: () => door.opened })
    const alice = client()
    await alice.exchange()
    const socket = await alice.socket({ batch: batch(1, 'a') })
    await socket.packets.find(({ ack }) => ack?.[1] === 1)
    expect(happened.items).toEqual(['0 opens'])
    door.open()
    await socket.accepted(1)
    expect(happened.items).toEqual(['0 opens', '1 handles "a"'])
  })

  test('keeps its data for whoever handles the next message', async () => {
    const { client } = await setup({
      onMessage(data, session) {
        session.data[String(data)] = Object.keys(session.data).length
        return session.send(session.data)
      },
    })
    const alice = client()
    await alice.send(1, 'a')
    await alice.exchange({ volatile: [['b']] })
    await alice.send(2, 'c')
    expect((await alice.exchange({ answer: 'now' })).packet.batch![1].at(-1)).toEqual([
      { a: 0, b: 1, c: 2 },
    ])
  })

  test('a repeated request is busy at the other one while its handler runs, and is not handled again', async () => {
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
    for (const { packet } of [first, again]) expect(packet.ack!.slice(1)).toEqual([1, 0, 0])
    const socket = await alice.socket()
    door.open()
    await socket.accepted(1)
    await alice.send(1, 'a', 'b')
    await socket.accepted(2)
    expect(seen).toHaveLength(2)
    expect(seen[0]).toBe('1 a')
  })
})

describe('a carrier of one', () => {
  const CARRIERS = ['websocket', 'sse', 'forever-iframe'] as const
  const open = (client: Client, carrier: (typeof CARRIERS)[number]): Promise<Feed> =>
    carrier === 'websocket' ? client.socket() : client.stream(carrier)

  test.each(CARRIERS)(
    '%s hears what the other accepts, and what its handlers send',
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

  test('poll is answered with what the other sends', async () => {
    const { hubs, client } = await setup()
    const alice = client()
    const { hello } = (await alice.exchange()).packet
    for (const [index, hub] of [...hubs, ...hubs].entries()) {
      const poll = alice.exchange({ answer: 'wait', ack: [index, ''] })
      await hub.to({ session: hello!.id }).send(index)
      expect((await poll).packet.batch).toEqual([index + 1, [[index]]])
    }
  })

  test('is given up where the client says so to the other', async () => {
    const { client } = await setup()
    const alice = client()
    const [first, second] = [await alice.socket(), await alice.socket()]
    await alice.exchange({}, { want: 2 })
    expect(await first.closed).toEqual([4_409, 'superseded'])
    await alice.exchange({}, { want: 4 })
    expect(await second.closed).toEqual([4_409, 'superseded'])
  })

  test('ends where the other ends the session, with its reason', async () => {
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

  test('gets volatile messages from the other, if it is the newest', async () => {
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

describe('addressing', () => {
  test('reaches users and rooms of both, from both, once', async () => {
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

  test('of clients goes from one to the other', async () => {
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

/** What a client may do next, each with the hub whose turn it is. */
const ACTIONS = [
  'push',
  'exchange',
  'twice',
  'websocket',
  'sse',
  'frame',
  'cut',
  'publish',
] as const

test('whatever a client does, both directions are exactly once and in order', async () => {
  const step = record({ action: constantFrom(...ACTIONS), which: integer({ min: 0, max: 9 }) })
  await assert(
    asyncProperty(array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const { hubs, client } = await startSite({ hubs: 2 })
      const handled: unknown[] = []
      for (const hub of hubs) {
        hub.onMessage(async (data, session) => {
          handled.push(data)
          await Promise.resolve()
          await session.send(`echo ${data}`)
        })
      }
      const run = new Run(client(), hubs)
      await run.start()
      for (const { action, which } of steps) await run[action](which)
      await run.settle()
      expect(handled).toEqual(numbers(run.pushed))
      const down = (kind: string): unknown[] =>
        run.received.filter((data) => String(data).startsWith(kind))
      expect(down('echo')).toEqual(numbers(run.pushed).map((number) => `echo ${number}`))
      expect(down('published')).toEqual(
        numbers(run.published).map((number) => `published ${number}`),
      )
    }),
    { numRuns: 12 },
  )
}, 60_000)

/** A client that sends what is not accepted, takes what is new, and forgets its carriers as it likes. */
class Run {
  pushed = 0
  published = 0
  readonly received: unknown[] = []
  readonly #client: Client
  readonly #hubs: readonly Hub[]
  #id = ''
  #accepted = 0
  /** Carriers, and how many of their packets were taken. */
  #feeds: { readonly feed: Socket | Stream; taken: number }[] = []

  constructor(client: Client, hubs: readonly Hub[]) {
    this.#client = client
    this.#hubs = hubs
  }

  async start(): Promise<void> {
    this.#id = (await this.#client.exchange()).packet.hello!.id
  }

  push(count: number): void {
    this.pushed += count
  }

  async publish(which: number): Promise<void> {
    await this.#hubs[which % 2]!.to({ session: this.#id }).send(`published ${++this.published}`)
  }

  async exchange(): Promise<void> {
    this.#take((await this.#client.exchange({ ...this.#fields(), answer: 'now' })).packet)
  }

  /** A browser repeats a request in silence: both hubs get it. */
  async twice(): Promise<void> {
    const { t } = this.#client
    const fields = { ...this.#fields(), answer: 'now' }
    const again = { t: t + 1 }
    const answers = await Promise.all([
      this.#client.exchange(fields, again),
      this.#client.exchange(fields, again),
    ])
    for (const { packet } of answers) this.#take(packet)
  }

  async websocket(): Promise<void> {
    this.#feeds.push({ feed: await this.#client.socket(this.#fields()), taken: 0 })
    this.#read()
  }

  async sse(): Promise<void> {
    this.#feeds.push({ feed: await this.#client.stream('sse', this.#fields()), taken: 0 })
    this.#read()
  }

  frame(which: number): void {
    const { feed } = this.#feeds[which % (this.#feeds.length || 1)] ?? {}
    this.#read()
    if (feed instanceof Socket) feed.send(this.#fields())
  }

  cut(which: number): void {
    const [gone] = this.#feeds.splice(which % (this.#feeds.length || 1), 1)
    gone?.feed.cut()
  }

  async settle(): Promise<void> {
    while (this.#accepted < this.pushed || this.received.length < this.pushed + this.published)
      await this.exchange()
  }

  #fields(): Fields {
    const waiting = numbers(this.pushed).slice(this.#accepted)
    return {
      ack: [this.received.length, ''],
      batch: waiting.length > 0 ? batch(this.#accepted + 1, ...waiting) : undefined,
    }
  }

  #read(): void {
    for (const each of this.#feeds) {
      for (const packet of each.feed.packets.items.slice(each.taken)) this.#take(packet)
      each.taken = each.feed.packets.items.length
    }
  }

  #take({ ack, batch: down, end }: Down): void {
    // Carriers that are too many end; nothing else may.
    if (end) expect(end[0]).toBe('superseded')
    this.#accepted = Math.max(this.#accepted, ack?.[2] ?? 0)
    if (!down) return
    const [first, entries] = down
    expect(first).toBeLessThanOrEqual(this.received.length + 1)
    this.received.push(...entries.slice(this.received.length + 1 - first).map(([data]) => data))
  }
}
