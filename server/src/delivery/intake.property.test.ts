/** A client that cuts its messages anywhere and anew, and two nodes that get the pieces, late, twice, and die with them. */
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  record,
  string,
  uint8Array,
} from 'fast-check'
import {
  MIN_PART_LENGTH,
  createMessage,
  encodeEntry,
  type EncodedEntry,
  type Message,
} from 'rungs/protocol'
import { expect, test } from 'vitest'
import { setupIntake } from '../../test/handler-queue.ts'
import { slowStore } from '../../test/slow-store.ts'
import { TestStore } from '../../test/store.ts'
import { parsePacket } from '../http/parse.ts'
import type { SessionStore } from '../store/store.ts'
import { Intake, type IncomingBatch } from './intake.ts'

const MAX_MESSAGE = 100_000
const LIMIT = { maxMessage: MAX_MESSAGE, maxBatch: 60_000 }

const step = record({
  name: constantFrom('send', 'send', 'send', 'attach', 'repeat', 'late', 'die'),
  node: integer({ min: 0, max: 1 }),
  /** Bytes of a batch. */
  room: integer({ min: 1_000, max: 4_000 }),
})

const data = oneof(
  string({ maxLength: 20 }),
  integer({ min: 1, max: 8_000 }).map((length) => '"😀é\\'.repeat(length).slice(0, length)),
  constantFrom('\u0001'.repeat(900), { list: Array.from({ length: 999 }, (_, i) => i) }),
  uint8Array({ maxLength: 20 }),
  integer({ min: 1, max: 8_000 }).map((length) => Uint8Array.from({ length }, (_, i) => i)),
)

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** A client with all messages, which goes on where the store says. Its batches are parsed like those of any other. */
class Run {
  readonly handled: unknown[] = []
  readonly #store = new TestStore()
  readonly #seen: SessionStore
  readonly #id = this.#store.openSession('key')
  readonly #messages: readonly Message[]
  #nodes: readonly Intake[]
  /** Where the client goes on: the next message, and how much of it was sent. */
  #next = 1
  #offset = 0
  #last: IncomingBatch | undefined
  readonly #earlier: IncomingBatch[] = []
  #names = 0

  constructor(all: readonly unknown[], isSlow: boolean) {
    this.#messages = all.map((each) => createMessage(each)!)
    this.#seen = isSlow ? slowStore(this.#store) : this.#store
    this.#nodes = [this.#node(), this.#node()]
  }

  async do({ name, node, room }: { name: string; node: number; room: number }): Promise<void> {
    const intake = this.#nodes[node]!
    if (name === 'send') await this.#send(intake, room)
    if (name === 'attach') this.#attach()
    if (name === 'repeat' && this.#last) await this.#take(intake, this.#last)
    const late = this.#earlier[room % (this.#earlier.length || 1)]
    if (name === 'late' && late) await this.#take(intake, late)
    if (name === 'die')
      this.#nodes = this.#nodes.map((each, i) => (i === node ? this.#node() : each))
  }

  async finish(): Promise<void> {
    while (this.#accepted < this.#messages.length) {
      this.#attach()
      while (this.#next <= this.#messages.length) await this.#send(this.#nodes[0]!, 4_000)
    }
  }

  get #accepted(): number {
    return this.#progress.accepted
  }

  get #progress(): { readonly accepted: number; readonly partial: number } {
    const backlog = this.#store.read(this.#id, 0, 0)
    if ('type' in backlog) throw new Error(backlog.reason)
    const { acceptedUpTo: accepted, partProgress: part } = backlog
    return { accepted, partial: part?.number === accepted + 1 ? part.length : 0 }
  }

  /** A new carrier: the client goes on where the server says that it is. */
  #attach(): void {
    const { accepted, partial } = this.#progress
    this.#next = accepted + 1
    this.#offset = partial
  }

  async #send(intake: Intake, room: number): Promise<void> {
    const first = this.#next
    const texts: string[] = []
    let left = room
    for (let message; (message = this.#messages[this.#next - 1]);) {
      const entry: EncodedEntry | undefined = encodeEntry(
        message,
        this.#offset,
        left,
        texts.length === 0,
        toBase64,
      )
      if (!entry) break
      texts.push(entry.text)
      left -= entry.bytes + 1
      const isUnfinished = entry.end < message.body.length
      this.#offset = isUnfinished ? entry.end : 0
      if (isUnfinished) break
      this.#next++
    }
    if (texts.length === 0) return
    const { batch } = parsePacket(`{"batch":[${first},[${texts.join()}]]}`, LIMIT)
    this.#last = batch!
    this.#earlier.push(batch!)
    if ((await this.#take(intake, batch!)) === 'gap') this.#attach()
  }

  async #take(intake: Intake, batch: IncomingBatch): Promise<unknown> {
    const { handled } = await intake.take(this.#id, batch, 1)
    return handled
  }

  #node(): Intake {
    const nodeName = `node ${++this.#names}`
    const world = setupIntake({ store: this.#store, nodeName, maxMessage: MAX_MESSAGE })
    world.handler = (each) => void this.handled.push(each)
    return new Intake(this.#seen, world.queue, MAX_MESSAGE)
  }
}

test.each([false, true])(
  'messages in parts are handled once and in order, whatever becomes of their parts (slow store: %s)',
  async (isSlow) => {
    await assert(
      asyncProperty(
        array(data, { minLength: 1, maxLength: 6 }),
        array(step, { maxLength: 40 }),
        async (all, steps) => {
          const run = new Run(all, isSlow)
          for (const each of steps) await run.do(each)
          await run.finish()
          expect(run.handled).toEqual(all)
        },
      ),
      { numRuns: isSlow ? 40 : 150 },
    )
  },
)

test('a part that a sender cuts is never shorter than a receiver takes', () => {
  const message = createMessage('\u0001'.repeat(5_000))!
  const { end } = encodeEntry(message, 0, 1, true)!
  expect(end).toBeGreaterThanOrEqual(MIN_PART_LENGTH)
})
