/** Two nodes over one store, and a client that goes from one to the other: whatever the order, nothing is lost. */
import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { FakeNode } from '../../test/node.ts'
import { StoreOfTest, from, text } from '../../test/store.ts'
import type { Backlog } from './store.ts'

const STEPS = [
  'send',
  'push',
  'attach',
  'leave',
  'read',
  'acknowledge',
  'take',
  'handle',
  'done',
  'crash',
  'wait',
] as const

const step = record({
  name: constantFrom(...STEPS),
  /** Which of the carriers or runners, and which node. */
  which: integer({ min: 0, max: 7 }),
  node: boolean(),
  /** Bytes of a read. */
  bytes: integer({ min: 0, max: 60 }),
})

/** Runs what it claimed, number by number: the handler first, then the word that it is done. */
interface Job {
  readonly token: string
  next: number
  readonly last: number
  handled: boolean
}

class World {
  readonly store = new StoreOfTest({ maxBufferedMessages: 1e6, maxBufferedBytes: 1e9 })
  readonly nodes = [this.store.node, new FakeNode()] as const
  readonly id = this.store.session('key')
  readonly epoch = this.store.find(this.id)!.epoch
  /** What was sent down, and what came of it. */
  sent = 0
  readonly got: unknown[] = []
  /** What the client pushed, what became of it, and how often each handler ran. */
  pushed = 0
  readonly done: number[] = []
  readonly runs = new Map<number, number>()
  jobs: Job[] = []
  carriers: { readonly node: FakeNode; readonly t: number; cursor: number }[] = []
  t = 1
  tokens = 0

  send(): void {
    this.store.append([{ session: this.id }], text(`sent ${++this.sent}`))
  }

  push(): void {
    this.pushed++
  }

  attach({ node }: { node: boolean }): void {
    const position = [this.got.length, ''] as const
    const contact = from('key', {
      epoch: this.epoch,
      t: ++this.t,
      want: Math.max(1, this.t - 2),
      position,
      reader: 'sse',
    })
    const taken = this.nodes[Number(node)]!
    this.store.enter(contact, taken)
    this.carriers.push({ node: taken, t: this.t, cursor: position[0] })
  }

  leave({ which }: { which: number }): void {
    const [carrier] = this.carriers.splice(which % (this.carriers.length || 1), 1)
    if (carrier) this.store.detach(carrier.node, this.id, carrier.t)
  }

  read({ which, bytes }: { which: number; bytes: number }): void {
    const carrier = this.carriers[which % (this.carriers.length || 1)]
    if (!carrier) return
    const { first, messages } = this.store.read(this.id, carrier.cursor, bytes) as Backlog
    // A gap would be a loss: the client drops what it knows, and takes what follows.
    expect(first).toBeLessThanOrEqual(this.got.length + 1)
    const fresh = messages.slice(this.got.length + 1 - first)
    this.got.push(...fresh.map(({ body }) => JSON.parse(String(body)) as unknown))
    carrier.cursor = first - 1 + messages.length
  }

  acknowledge(): void {
    expect(this.store.acknowledge(this.id, [this.got.length, ''])).toBeUndefined()
  }

  take({ which }: { which: number }): void {
    if (this.pushed === 0) return
    // A client begins with what is not accepted, and may say again what is.
    const first = Math.max(1, Math.min(this.pushed, this.done.length + 1 - (which % 3)))
    const token = `runner ${++this.tokens}`
    const taken = this.store.take(this.id, first, this.pushed, token)
    expect(taken).not.toBe('gap')
    if (typeof taken === 'object')
      this.jobs.push({ token, next: taken.from, last: this.pushed, handled: false })
  }

  handle({ which }: { which: number }): void {
    const job = this.jobs[which % (this.jobs.length || 1)]
    if (!job || job.handled) return
    job.handled = true
    this.runs.set(job.next, (this.runs.get(job.next) ?? 0) + 1)
    const cause = { id: this.id, number: job.next, counter: 1 }
    this.store.append([{ session: this.id }], text(`echo ${job.next}`), cause)
  }

  finish({ which }: { which: number }): void {
    const job = this.jobs[which % (this.jobs.length || 1)]
    if (!job?.handled) return
    const mine = this.store.done(this.id, job.next, job.token)
    if (mine) this.done.push(job.next)
    if (!mine || job.next === job.last) this.jobs = this.jobs.filter((other) => other !== job)
    else Object.assign(job, { next: job.next + 1, handled: false })
  }

  crash({ which }: { which: number }): void {
    this.jobs.splice(which % (this.jobs.length || 1), 1)
  }

  wait({ bytes }: { bytes: number }): void {
    this.store.clock.pass(bytes * 200)
  }

  /** All that was begun comes to its end. */
  settle(): void {
    const all = { which: 0, node: true, bytes: Infinity }
    this.jobs = []
    this.store.clock.pass(5_000)
    this.take(all)
    while (this.jobs.length > 0) {
      this.handle(all)
      this.finish(all)
    }
    this.attach(all)
    this.carriers = this.carriers.slice(-1)
    this.read(all)
  }
}

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index + 1)

test('nothing is lost, repeated or reordered, in either direction', () => {
  assert(
    property(array(step, { maxLength: 120 }), (steps) => {
      const world = new World()
      for (const each of steps) {
        if (each.name === 'done') world.finish(each)
        else world[each.name](each)
      }
      world.settle()

      // Up: each number is done once, in order, and no handler runs again after that.
      expect(world.done).toEqual(numbers(world.pushed))
      for (const number of world.done) expect(world.runs.get(number)).toBeGreaterThanOrEqual(1)
      // Down: what was sent arrives once, in order; so does what handlers sent, however often they ran.
      const of = (kind: string): unknown[] =>
        world.got.filter((data) => String(data).startsWith(kind))
      expect(of('sent')).toEqual(numbers(world.sent).map((number) => `sent ${number}`))
      expect(of('echo')).toEqual(numbers(world.pushed).map((number) => `echo ${number}`))
    }),
    { numRuns: 500 },
  )
})
