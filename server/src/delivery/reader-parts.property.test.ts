/** Carriers that are cut anywhere: what one of them brought of a message, the next one goes on from. */
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  string,
  uint8Array,
} from 'fast-check'
import {
  FRAME,
  addPart,
  createMessage,
  isPart,
  joinParts,
  type Down,
  type Entry,
  type PartialMessage,
} from 'rungs/protocol'
import { expect, test } from 'vitest'
import { setupReader } from '../../test/reader.ts'
import { FakeSink } from '../../test/sink.ts'
import { OutgoingMessage } from '../store/outgoing-message.ts'
import type { Cursor } from '../store/store.ts'

const MAX_BATCH = 1_500

/** A client that takes what is new, whatever carrier brings it. */
class Client {
  readonly messages: unknown[] = []
  #partial: PartialMessage | undefined

  get cursor(): Cursor {
    return [this.messages.length, '', this.#partial?.length ?? 0]
  }

  /** Takes packets and the frames that they announce. */
  read(written: readonly (string | Uint8Array)[]): void {
    for (const [index, text] of written.entries()) {
      if (typeof text !== 'string') continue
      const { batch } = JSON.parse(text) as Down
      for (const [i, entry] of (batch?.[1] ?? []).entries()) {
        this.#take(batch![0] + i, withBytes(entry, written[index + 1]))
      }
    }
  }

  #take(number: number, entry: Entry): void {
    const next = this.messages.length + 1
    expect(number).toBeLessThanOrEqual(next)
    if (number < next) return
    if (!isPart(entry)) {
      this.#push(entry)
      return
    }
    const partial = addPart(this.#partial, entry)
    if (typeof partial === 'string') throw new Error(partial)
    this.#partial = partial
    if (partial.length === partial.size) this.#push(joinParts(partial)!)
  }

  #push([data]: Entry): void {
    this.#partial = undefined
    this.messages.push(data)
  }
}

/** The entry, with its bytes instead of base64 or the place of a frame. */
function withBytes(entry: Entry, frame: string | Uint8Array | undefined): Entry {
  const [data, peer, kind = 0, ...rest] = entry
  if (!(kind & 1)) return entry
  const bytes = kind & FRAME ? (frame as Uint8Array) : Buffer.from(String(data), 'base64')
  return [new Uint8Array(bytes), peer, kind, ...rest] as Entry
}

const data = oneof(
  string({ maxLength: 20 }),
  integer({ min: 1, max: 5_000 }).map((length) => '"😀é'.repeat(length).slice(0, length)),
  constantFrom('\u0001'.repeat(700), '\ud800'.repeat(900), { nested: ['x'.repeat(3_000)] }),
  uint8Array({ maxLength: 20 }),
  integer({ min: 1, max: 5_000 }).map((length) => Uint8Array.from({ length }, (_, i) => i)),
)

test.each([true, false])(
  'a log with large messages arrives once and in order, however often carriers are cut (frames: %s)',
  async (takesFrames) => {
    await assert(
      asyncProperty(
        array(data, { minLength: 1, maxLength: 8 }),
        array(integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 20 }),
        async (all, cuts) => {
          const { store, id, attach } = setupReader({ maxBatch: MAX_BATCH })
          for (const each of all) {
            store.append([{ session: id }], new OutgoingMessage(createMessage(each)!))
          }
          const client = new Client()
          for (let turn = 0; client.messages.length < all.length; turn++) {
            // After all cuts, the carriers that follow bring the rest.
            const packets = cuts[turn] ?? Infinity
            const sink = new FakeSink({ takesFrames })
            const reader = attach(turn + 1, sink, client.cursor)
            sink.isCongested = () => sink.packets.length >= packets
            reader.start()
            reader.flush(0)
            client.read(sink.written)
            for (const text of sink.written) expect(text.length).toBeLessThan(MAX_BATCH + 200)
          }
          expect(client.messages).toEqual(all)
        },
      ),
      { numRuns: 60 },
    )
  },
)
