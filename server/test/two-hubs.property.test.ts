/** Two hubs over one store, and a client that does anything in any order, each request at the other hub. */
import { array, assert, asyncProperty, constantFrom, record, integer } from 'fast-check'
import type { Down } from 'rungs/protocol'
import { expect, test } from 'vitest'
import type { Hub } from '../src/hub.ts'
import { Socket, batch, type Client, type Fields, type Stream } from './client.ts'
import { runs } from './shared-store.ts'
import { startSite } from './site.ts'

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index + 1)

/** Steps of a client, each at the hub whose turn it is. */
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

test('two hubs deliver exactly once and in order both ways, whatever a client does', async () => {
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
    { numRuns: runs(12, 4) },
  )
}, 60_000)

/** A client that sends what is not accepted, takes what is new, and forgets its carriers as it likes. */
class Run {
  pushed = 0
  published = 0
  readonly received: unknown[] = []
  /** Number and tag of the last message that was received. */
  #position: Fields['ack'] = [0, '']
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
      ack: this.#position,
      batch: waiting.length > 0 ? batch(this.#accepted + 1, ...waiting) : undefined,
    }
  }

  #read(): void {
    for (const each of this.#feeds) {
      for (const packet of each.feed.packets.items.slice(each.taken)) this.#take(packet)
      each.taken = each.feed.packets.items.length
    }
  }

  #take({ ack, batch: down, tag = '', end }: Down): void {
    // Carriers that are too many end; nothing else may.
    if (end) expect(end[0]).toBe('superseded')
    this.#accepted = Math.max(this.#accepted, ack?.[1] ?? 0)
    if (!down) return
    const [first, entries] = down
    expect(first).toBeLessThanOrEqual(this.received.length + 1)
    const fresh = entries.slice(this.received.length + 1 - first)
    if (fresh.length > 0) this.#position = [first - 1 + entries.length, tag]
    this.received.push(...fresh.map(([data]) => data))
  }
}
