/** Two nodes over one store, and a client that goes from one to the other: nothing is lost, whatever the order of steps. */
import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordingListener } from '../listener.ts'
import { message, request } from '../store.ts'
import { runs } from '../shared-store.ts'
import { start } from './start.ts'
import type { StoreWorld } from './world.ts'
import type { Backlog, Cursor, SessionRecord } from '../../src/store/store.ts'

const STEPS = [
  'send',
  'push',
  'attach',
  'detach',
  'read',
  'acknowledge',
  'claim',
  'handle',
  'complete',
  'crash',
  'wait',
] as const

const step = record({
  name: constantFrom(...STEPS),
  /** Which of the carriers or claims. */
  which: integer({ min: 0, max: 7 }),
  node: boolean(),
  /** Bytes of a read. */
  bytes: integer({ min: 0, max: 60 }),
})

/** Messages that a node has claimed. Each is handled first, then completed. */
interface Claim {
  readonly token: string
  next: number
  readonly last: number
  handled: boolean
}

class World {
  readonly #world: StoreWorld
  readonly #listeners: readonly RecordingListener[]
  readonly #id: string
  readonly #epoch: string
  /** Position of the client: number and tag. */
  #position: Cursor = [0, '']
  /** Down: how many messages were sent, and all that arrived. */
  sent = 0
  readonly arrived: unknown[] = []
  /** Up: how many messages the client has, which were completed, and how often each was handled. */
  pushed = 0
  readonly completed: number[] = []
  readonly runs = new Map<number, number>()
  claims: Claim[] = []
  carriers: { readonly listener: RecordingListener; readonly sequence: number; cursor: number }[] =
    []
  sequence = 1
  tokens = 0

  static async start(): Promise<World> {
    const world = await start({ maxBufferedMessages: 1e6, maxBufferedBytes: 1e9 })
    const listeners = [world.listener, await world.addNode()]
    const id = await world.openSession('key')
    return new World(world, listeners, (await world.store.find(id))!)
  }

  constructor(
    world: StoreWorld,
    listeners: readonly RecordingListener[],
    { id, epoch }: SessionRecord,
  ) {
    this.#world = world
    this.#listeners = listeners
    this.#id = id
    this.#epoch = epoch
  }

  async send(): Promise<void> {
    await this.#world.store.append([{ session: this.#id }], message(`sent ${++this.sent}`))
  }

  push(): void {
    this.pushed++
  }

  async attach({ node }: { node: boolean }): Promise<void> {
    const [cursor] = this.#position
    const sequence = ++this.sequence
    const listener = this.#listeners[Number(node)]!
    const asked = request('key', {
      epoch: this.#epoch,
      sequence,
      lowestWanted: Math.max(1, sequence - 2),
      position: this.#position,
      readerTransport: 'sse',
    })
    await this.#world.admitted(asked, listener)
    this.carriers.push({ listener, sequence, cursor })
  }

  async detach({ which }: { which: number }): Promise<void> {
    const [carrier] = this.carriers.splice(which % (this.carriers.length || 1), 1)
    if (carrier) await this.#world.store.detach(carrier.listener, this.#id, carrier.sequence)
  }

  async read({ which, bytes }: { which: number; bytes: number }): Promise<void> {
    const carrier = this.carriers[which % (this.carriers.length || 1)]
    if (!carrier) return
    const read = await this.#world.store.read(this.#id, carrier.cursor, bytes)
    const { first, messages, tags } = read as Backlog
    // A gap would be a loss: the client drops what it knows, and takes what follows.
    expect(first).toBeLessThanOrEqual(this.arrived.length + 1)
    const fresh = messages.slice(this.arrived.length + 1 - first)
    this.arrived.push(...fresh.map(({ body }) => JSON.parse(String(body)) as unknown))
    carrier.cursor = first - 1 + messages.length
    if (fresh.length > 0) this.#position = [carrier.cursor, tags?.at(-1) ?? '']
  }

  async acknowledge(): Promise<void> {
    expect(await this.#world.store.acknowledge(this.#id, this.#position)).toBeUndefined()
  }

  async claim({ which }: { which: number }): Promise<void> {
    if (this.pushed === 0) return
    // A client begins with the first message that is not accepted, and may repeat accepted ones.
    const first = Math.max(1, Math.min(this.pushed, this.completed.length + 1 - (which % 3)))
    const token = `claim ${++this.tokens}`
    const result = await this.#world.store.claim(this.#id, first, this.pushed, token)
    expect(result).not.toBe('gap')
    if (typeof result === 'object')
      this.claims.push({ token, next: result.first, last: this.pushed, handled: false })
  }

  async handle({ which }: { which: number }): Promise<void> {
    const claim = this.claims[which % (this.claims.length || 1)]
    if (!claim || claim.handled) return
    claim.handled = true
    this.runs.set(claim.next, (this.runs.get(claim.next) ?? 0) + 1)
    const cause = { sessionId: this.#id, number: claim.next, counter: 1 }
    await this.#world.store.append([{ session: this.#id }], message(`echo ${claim.next}`), cause)
  }

  async complete({ which }: { which: number }): Promise<void> {
    const claim = this.claims[which % (this.claims.length || 1)]
    if (!claim?.handled) return
    const ours = await this.#world.store.complete(this.#id, claim.next, claim.token)
    if (ours) this.completed.push(claim.next)
    if (!ours || claim.next === claim.last)
      this.claims = this.claims.filter((other) => other !== claim)
    else Object.assign(claim, { next: claim.next + 1, handled: false })
  }

  crash({ which }: { which: number }): void {
    this.claims.splice(which % (this.claims.length || 1), 1)
  }

  wait({ bytes }: { bytes: number }): void {
    this.#world.clock.pass(bytes * 200)
  }

  /** Handles and delivers all that is still under way. */
  async finish(): Promise<void> {
    const all = { which: 0, node: true, bytes: Infinity }
    this.claims = []
    this.#world.clock.pass(5_000)
    await this.claim(all)
    while (this.claims.length > 0) {
      await this.handle(all)
      await this.complete(all)
    }
    await this.attach(all)
    this.carriers = this.carriers.slice(-1)
    await this.read(all)
  }
}

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index + 1)

test('a store with two nodes loses, repeats and reorders nothing, in either direction', async () => {
  await assert(
    asyncProperty(array(step, { maxLength: 120 }), async (steps) => {
      const world = await World.start()
      for (const each of steps) await world[each.name](each)
      await world.finish()

      // Up: each number is completed once, in order, and was handled before.
      expect(world.completed).toEqual(numbers(world.pushed))
      for (const number of world.completed) expect(world.runs.get(number)).toBeGreaterThanOrEqual(1)
      // Down: each message arrives once, in order, also those of handlers that ran several times.
      const arrived = (kind: string): unknown[] =>
        world.arrived.filter((data) => String(data).startsWith(kind))
      expect(arrived('sent')).toEqual(numbers(world.sent).map((number) => `sent ${number}`))
      expect(arrived('echo')).toEqual(numbers(world.pushed).map((number) => `echo ${number}`))
    }),
    { numRuns: runs(500, 20) },
  )
})
