/** Two nodes over one store, and a client that goes from one to the other: nothing is lost, whatever the order of steps. */
import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { RecordingListener } from '../../test/listener.ts'
import { TestStore, request, message } from '../../test/store.ts'
import type { Backlog } from './store.ts'

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
  readonly store = new TestStore({ maxBufferedMessages: 1e6, maxBufferedBytes: 1e9 })
  readonly listeners = [this.store.listener, new RecordingListener()] as const
  readonly id = this.store.openSession('key')
  readonly epoch = this.store.find(this.id)!.epoch
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

  send(): void {
    this.store.append([{ session: this.id }], message(`sent ${++this.sent}`))
  }

  push(): void {
    this.pushed++
  }

  attach({ node }: { node: boolean }): void {
    const cursor = this.arrived.length
    const sequence = ++this.sequence
    const listener = this.listeners[Number(node)]!
    const asked = request('key', {
      epoch: this.epoch,
      sequence,
      lowestWanted: Math.max(1, sequence - 2),
      position: [cursor, ''],
      readerTransport: 'sse',
    })
    this.store.admitted(asked, listener)
    this.carriers.push({ listener, sequence, cursor })
  }

  detach({ which }: { which: number }): void {
    const [carrier] = this.carriers.splice(which % (this.carriers.length || 1), 1)
    if (carrier) this.store.detach(carrier.listener, this.id, carrier.sequence)
  }

  read({ which, bytes }: { which: number; bytes: number }): void {
    const carrier = this.carriers[which % (this.carriers.length || 1)]
    if (!carrier) return
    const { first, messages } = this.store.read(this.id, carrier.cursor, bytes) as Backlog
    // A gap would be a loss: the client drops what it knows, and takes what follows.
    expect(first).toBeLessThanOrEqual(this.arrived.length + 1)
    const fresh = messages.slice(this.arrived.length + 1 - first)
    this.arrived.push(...fresh.map(({ body }) => JSON.parse(String(body)) as unknown))
    carrier.cursor = first - 1 + messages.length
  }

  acknowledge(): void {
    expect(this.store.acknowledge(this.id, [this.arrived.length, ''])).toBeUndefined()
  }

  claim({ which }: { which: number }): void {
    if (this.pushed === 0) return
    // A client begins with the first message that is not accepted, and may repeat accepted ones.
    const first = Math.max(1, Math.min(this.pushed, this.completed.length + 1 - (which % 3)))
    const token = `claim ${++this.tokens}`
    const result = this.store.claim(this.id, first, this.pushed, token)
    expect(result).not.toBe('gap')
    if (typeof result === 'object')
      this.claims.push({ token, next: result.first, last: this.pushed, handled: false })
  }

  handle({ which }: { which: number }): void {
    const claim = this.claims[which % (this.claims.length || 1)]
    if (!claim || claim.handled) return
    claim.handled = true
    this.runs.set(claim.next, (this.runs.get(claim.next) ?? 0) + 1)
    const cause = { sessionId: this.id, number: claim.next, counter: 1 }
    this.store.append([{ session: this.id }], message(`echo ${claim.next}`), cause)
  }

  complete({ which }: { which: number }): void {
    const claim = this.claims[which % (this.claims.length || 1)]
    if (!claim?.handled) return
    const ours = this.store.complete(this.id, claim.next, claim.token)
    if (ours) this.completed.push(claim.next)
    if (!ours || claim.next === claim.last)
      this.claims = this.claims.filter((other) => other !== claim)
    else Object.assign(claim, { next: claim.next + 1, handled: false })
  }

  crash({ which }: { which: number }): void {
    this.claims.splice(which % (this.claims.length || 1), 1)
  }

  wait({ bytes }: { bytes: number }): void {
    this.store.clock.pass(bytes * 200)
  }

  /** Handles and delivers all that is still under way. */
  finish(): void {
    const all = { which: 0, node: true, bytes: Infinity }
    this.claims = []
    this.store.clock.pass(5_000)
    this.claim(all)
    while (this.claims.length > 0) {
      this.handle(all)
      this.complete(all)
    }
    this.attach(all)
    this.carriers = this.carriers.slice(-1)
    this.read(all)
  }
}

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index + 1)

test('a memory store with two nodes loses, repeats and reorders nothing, in either direction', () => {
  assert(
    property(array(step, { maxLength: 120 }), (steps) => {
      const world = new World()
      for (const each of steps) world[each.name](each)
      world.finish()

      // Up: each number is completed once, in order, and was handled before.
      expect(world.completed).toEqual(numbers(world.pushed))
      for (const number of world.completed) expect(world.runs.get(number)).toBeGreaterThanOrEqual(1)
      // Down: each message arrives once, in order, also those of handlers that ran several times.
      const arrived = (kind: string): unknown[] =>
        world.arrived.filter((data) => String(data).startsWith(kind))
      expect(arrived('sent')).toEqual(numbers(world.sent).map((number) => `sent ${number}`))
      expect(arrived('echo')).toEqual(numbers(world.pushed).map((number) => `echo ${number}`))
    }),
    { numRuns: 500 },
  )
})
