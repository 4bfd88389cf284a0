/** Puts messages up that come in parts together, and hands whole ones to the handler queue (PROTOCOL.md 4.6). */
import {
  BINARY,
  MESSAGE_OVERHEAD,
  PART,
  addPart,
  joinParts,
  maxContainers,
  type PartialMessage,
  type Peer,
} from 'rungs/protocol'
import { malformed } from '../checks.ts'
import type { Refusal } from '../errors.ts'
import type { Awaitable, PartResult, PartUp, SessionStore } from '../store/store.ts'
import type { HandlerQueue, PushResult } from './handler-queue.ts'
import type { ReceivedMessage } from './run-handlers.ts'
import { maybe, runSync, type MaybeAsync } from './maybe-async.ts'
import { checkSize, parseJson, sizeOf } from './message-value.ts'

/** A part of a message of a client, checked as far as that can be done without the other parts. */
export interface ReceivedPart {
  readonly recipients: readonly string[] | undefined
  /** A piece of the message's JSON text, or bytes. */
  readonly data: string | Uint8Array
  /** Where the part begins, and how long the whole message is. */
  readonly offset: number
  readonly size: number
}

/** Messages and parts with successive numbers. */
export interface IncomingBatch {
  /** Number of the first one. */
  readonly first: number
  readonly entries: readonly (ReceivedMessage | ReceivedPart)[]
}

/** A batch that was received. */
export interface Receipt {
  /** Settles when the messages are handled. `gap`: the batch was not taken, because something before it is missing. */
  readonly handled: Awaitable<PushResult>
}

/** A part that is not new, because its message was received already. */
type Known = 'known'
type Refused = 'gap' | 'gone'

const GAP: Receipt = { handled: 'gap' }
const GONE: Receipt = { handled: undefined }

export class Intake {
  readonly #store: SessionStore
  readonly #handlerQueue: HandlerQueue
  readonly #maxMessage: number
  /** The last batch of each session for whose parts the store is asked. Those behind it wait. Never rejects. */
  readonly #tails = new Map<string, Promise<unknown>>()

  constructor(store: SessionStore, handlerQueue: HandlerQueue, maxMessage: number) {
    this.#store = store
    this.#handlerQueue = handlerQueue
    this.#maxMessage = maxMessage
  }

  /**
   * Takes a batch behind all that was taken of its session. Settles when it is received: whole messages are with the handler
   * queue, and the store has the part. Throws or rejects with a {@link Refusal} if a part is not of its message.
   *
   * @param bytes What the batch counts in the handler queue.
   */
  take(id: string, batch: IncomingBatch, bytes: number): Awaitable<Receipt> {
    const tail = this.#tails.get(id)
    if (!tail && isWhole(batch.entries)) {
      const { first, entries } = batch
      return { handled: this.#handlerQueue.push(id, { first, messages: entries }, bytes) }
    }
    const take = (): Awaitable<Receipt> => runSync(this.#take(id, batch, bytes))
    const receipt = tail ? tail.then(take) : take()
    if (receipt instanceof Promise) this.#setTail(id, receipt)
    return receipt
  }

  #setTail(id: string, receipt: Promise<Receipt>): void {
    const remove = (): void => {
      if (this.#tails.get(id) === tail) this.#tails.delete(id)
    }
    // The sender of a batch that fails is told. The next one has its turn all the same.
    const tail = receipt.then(remove, remove)
    this.#tails.set(id, tail)
  }

  *#take(id: string, { first, entries }: IncomingBatch, bytes: number): MaybeAsync<Receipt> {
    let messages: ReceivedMessage[] = []
    let next = first
    let cost = bytes
    for (const [index, entry] of entries.entries()) {
      const number = first + index
      if (!isPart(entry)) {
        messages.push(entry)
        continue
      }
      const isLast = entry.offset + entry.data.length === entry.size
      const result = isLast
        ? yield* this.#complete(id, number, entry)
        : yield* this.#add(id, first, number, entry)
      if (result === 'gap') return GAP
      if (result === 'gone') return GONE
      if (result === 'known') {
        // So are the messages before it. Their numbers would be claimed for nothing.
        messages = []
        next = number + 1
      } else if (result) {
        messages.push(result.message)
        cost += result.bytes
      }
    }
    const handled =
      messages.length > 0
        ? this.#handlerQueue.push(id, { first: next, messages }, cost)
        : this.#handlerQueue.waitUntilHandled(id)
    return { handled }
  }

  /** Adds a part of which more is to come. */
  *#add(
    id: string,
    first: number,
    number: number,
    { recipients, data, offset, size }: ReceivedPart,
  ): MaybeAsync<Known | Refused | undefined> {
    const receivedUpTo = this.#handlerQueue.receivedUpTo(id)
    if (number <= receivedUpTo) return 'known'
    const kind = typeof data === 'string' ? 0 : BINARY
    const peer: Peer = recipients ?? 0
    const part: PartUp = { number, first, receivedUpTo, peer, kind, size, offset, data }
    let result: PartResult = yield* maybe(this.#store.addPart(id, part))
    if (
      typeof result === 'object' &&
      result.length > offset &&
      result.length < offset + data.length
    ) {
      // A store takes what begins where its part of the message ends. Of what begins below that, it gets the rest.
      const rest = { offset: result.length, data: data.slice(result.length - offset) }
      result = yield* maybe(this.#store.addPart(id, { ...part, ...rest }))
    }
    if (result === 'malformed') throw notOfThisMessage()
    if (result === 'completed') return 'known'
    return typeof result === 'object' ? undefined : result
  }

  /** Puts a message together whose last part is here. */
  *#complete(
    id: string,
    number: number,
    part: ReceivedPart,
  ): MaybeAsync<Known | Refused | { readonly message: ReceivedMessage; readonly bytes: number }> {
    if (number <= this.#handlerQueue.receivedUpTo(id)) return 'known'
    const begun = yield* maybe(this.#store.readParts(id, number))
    if (begun === 'gone') return 'gone'
    if (begun === 'completed') return 'known'
    const { recipients = 0, data, offset, size } = part
    const kind = typeof data === 'string' ? PART : PART | BINARY
    const whole = addPart(begun, [data, recipients, kind, offset, size])
    if (whole === 'malformed') throw notOfThisMessage()
    if (whole === 'gap') return 'gap'
    const { message, containers } = this.#join(whole)
    const count = (begun?.pieces.length ?? 0) + containers
    return { message, bytes: (begun?.length ?? 0) + count * MESSAGE_OVERHEAD }
  }

  #join(whole: PartialMessage): { readonly message: ReceivedMessage; readonly containers: number } {
    const { peer, kind, pieces } = whole
    const { value: data, containers } =
      kind & BINARY
        ? { value: joinParts(whole)![0], containers: 0 }
        : parseJson(pieces.join(''), maxContainers(this.#maxMessage))
    checkSize(sizeOf(data), this.#maxMessage)
    const message = { data, recipients: Array.isArray(peer) ? peer : undefined }
    return { message, containers }
  }
}

function notOfThisMessage(): Refusal {
  return malformed('the size or kind of a part is not that of the parts before it')
}

function isPart(entry: ReceivedMessage | ReceivedPart): entry is ReceivedPart {
  return 'offset' in entry
}

function isWhole(
  entries: readonly (ReceivedMessage | ReceivedPart)[],
): entries is readonly ReceivedMessage[] {
  return !entries.some(isPart)
}
