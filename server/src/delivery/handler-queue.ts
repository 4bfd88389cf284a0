/** Gives the messages of clients to the application's handlers: strictly in order for a session, each number once. */
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicNow } from '../store/clock.ts'
import type { Awaitable, ClaimResult, SessionRecord, SessionStore } from '../store/store.ts'
import { newRun, type HandlerRun } from './cause.ts'
import { maybe, runSync, type MaybeAsync } from './maybe-async.ts'
import { waitForRoom } from './room.ts'
import {
  runHandlers,
  type Handled,
  type MessageHandlers,
  type ReceivedMessage,
} from './run-handlers.ts'
import { Turns } from './turns.ts'

/** Milliseconds between two tries to claim what another node has claimed: at first, and at most. */
const FIRST_RETRY = 5
const MAX_RETRY = 250

/** Bytes of a session that wait for handlers, from which on all that its handlers send is tracked: 64 for each message. */
const MIN_TRACKED = 1_024

/** Messages with successive numbers. */
export interface ReceivedBatch {
  /** Number of the first message. */
  readonly first: number
  readonly messages: readonly ReceivedMessage[]
}

/** `gap`: messages before the batch are missing, and so it was not taken. */
export type PushResult = 'gap' | undefined

export interface HandlerQueueOptions {
  /** Tells the claims of this node from those of others. */
  readonly nodeName: string
  /**
   * Whether to give messages that handlers send a cause. Needed where the store outlives this process, so that handlers may run
   * again on another node. Costs every promise of the process a little.
   */
  readonly tracksCauses: boolean
  /** Shared by all that clients cause on this node. Default: turns of its own. */
  readonly turns?: Turns
}

/** The messages of one session that wait. A session has a queue only while some do. */
interface SessionQueue {
  /** Settles when all that was pushed until now is handled. Never rejects. */
  tail: Promise<unknown>
  /** Batches that wait or are handled now. */
  batches: number
  /** Bytes of these batches. */
  bytes: number
  /** Number of the last message here without a gap before it; `undefined` while only volatile messages are here. */
  receivedUpTo: number | undefined
}

/** The numbers of a batch. */
interface Numbers {
  readonly first: number
  readonly last: number
}

export class HandlerQueue {
  readonly #store: SessionStore
  readonly #handlers: MessageHandlers
  readonly #options: HandlerQueueOptions
  readonly #turns: Turns
  readonly #queues = new Map<string, SessionQueue>()
  /** Session ids by the tokens of claims whose handlers run now. */
  readonly #claims = new Map<string, string>()
  #lastToken = 0
  /** Bytes of all sessions that wait for their handlers. */
  totalBytes = 0

  constructor(store: SessionStore, handlers: MessageHandlers, options: HandlerQueueOptions) {
    this.#store = store
    this.#handlers = handlers
    this.#options = options
    this.#turns = options.turns ?? new Turns(monotonicNow)
  }

  /** Number of the last message of a session that was received and waits here; 0 if none waits. */
  receivedUpTo(id: string): number {
    return this.#queues.get(id)?.receivedUpTo ?? 0
  }

  /** Bytes of a session that wait for their handlers. */
  waitingBytes(id: string): number {
    return this.#queues.get(id)?.bytes ?? 0
  }

  /** Opens a session, as number 0 of its log up, so that its messages wait for that like for any message before them. */
  pushOpening(id: string): Awaitable<PushResult> {
    const handle = (): Awaitable<PushResult> => runSync(this.#handleNumbers(id, 0, 0, []))
    return this.#enqueue(id, 0, handle, { first: 0, last: 0 })
  }

  /**
   * Adds a batch behind all that its session has here. Settles when it is handled, or turns out to be behind a gap.
   *
   * @param bytes What the batch counts in {@link waitingBytes}.
   */
  push(id: string, batch: ReceivedBatch, bytes: number): Awaitable<PushResult> {
    const queue = this.#queues.get(id)
    // Behind messages without numbers, nothing here says how far its session is: the store is asked.
    const receivedUpTo = queue?.receivedUpTo ?? 0
    if (!queue || batch.first <= receivedUpTo + 1) return this.#pushBatch(id, batch, bytes)
    return runSync(this.#pushUnlessGap(id, batch, bytes, receivedUpTo))
  }

  /** Adds messages without numbers, likewise. */
  pushVolatile(
    id: string,
    messages: readonly ReceivedMessage[],
    bytes: number,
  ): Awaitable<PushResult> {
    return this.#enqueue(id, bytes, () => runSync(this.#handleVolatile(id, messages)))
  }

  /** Settles when all that a session has here now is handled. */
  async waitUntilHandled(id: string): Promise<undefined> {
    await this.#queues.get(id)?.tail
  }

  /** Settles when nothing waits here. */
  async waitUntilIdle(): Promise<void> {
    while (this.#queues.size > 0) {
      await Promise.all(Array.from(this.#queues.values(), ({ tail }) => tail))
    }
  }

  /** Keeps the claims whose handlers still run. */
  async renewClaims(): Promise<void> {
    await Promise.all(Array.from(this.#claims, ([token, id]) => this.#store.renewClaim(id, token)))
  }

  #pushBatch(id: string, { first, messages }: ReceivedBatch, bytes: number): Awaitable<PushResult> {
    const last = first + messages.length - 1
    const handle = (): Awaitable<PushResult> =>
      runSync(this.#handleNumbers(id, first, last, messages))
    return this.#enqueue(id, bytes, handle, { first, last })
  }

  /** Adds a batch behind which there is a gap here, unless other nodes have handled what is missing. */
  *#pushUnlessGap(
    id: string,
    batch: ReceivedBatch,
    bytes: number,
    receivedUpTo: number,
  ): MaybeAsync<PushResult> {
    const backlog = yield* maybe(this.#store.read(id, 0, 0))
    if ('type' in backlog) return undefined
    if (batch.first > Math.max(receivedUpTo, backlog.acceptedUpTo) + 1) return 'gap'
    return yield* maybe(this.#pushBatch(id, batch, bytes))
  }

  /** @param numbers Absent: the messages have none. */
  #enqueue(
    id: string,
    bytes: number,
    handle: () => Awaitable<PushResult>,
    numbers?: Numbers,
  ): Awaitable<PushResult> {
    const waiting = this.#queues.get(id)
    const handled = waiting ? waiting.tail.then(handle) : handle()
    if (!(handled instanceof Promise)) return handled
    const queue = waiting ?? { tail: handled, batches: 0, bytes: 0, receivedUpTo: undefined }
    if (!waiting) this.#queues.set(id, queue)
    queue.batches++
    queue.bytes += bytes
    this.totalBytes += bytes
    if (numbers) queue.receivedUpTo = receivedWith(queue.receivedUpTo, numbers)
    const remove = (): void => {
      queue.bytes -= bytes
      this.totalBytes -= bytes
      queue.batches--
      if (queue.batches === 0) this.#queues.delete(id)
    }
    // A batch that fails, which its sender is told, does not keep the next one from its turn.
    queue.tail = handled.then(remove, remove)
    return handled
  }

  /** Claims and handles messages. Number 0 is the opening, which has no message. */
  *#handleNumbers(
    id: string,
    first: number,
    last: number,
    messages: readonly ReceivedMessage[],
  ): MaybeAsync<PushResult> {
    const token = `${this.#options.nodeName}:${++this.#lastToken}`
    const claim = yield* this.#claim(id, first, last, token)
    if (claim === 'gap') return 'gap'
    if (typeof claim === 'string') return undefined
    this.#claims.set(token, id)
    try {
      // A claim may begin in the middle of a batch, if its first messages were handled already, or at an opening that is due.
      let { session } = claim
      for (let number = claim.first; number <= last; number++) {
        const run = newRun(id, number)
        const handled = yield* this.#handle(session, messages[number - first], run)
        if (!handled) return undefined
        const { data } = handled
        const isOurs = yield* maybe(this.#store.complete(id, number, token, data))
        if (!isOurs) return undefined
        // The record of a store that is not in this process is as old as the claim.
        if (data !== undefined && data !== session.data) session = { ...session, data }
        yield* this.#giveWay(run)
      }
      return undefined
    } finally {
      this.#claims.delete(token)
    }
  }

  /** Claims numbers, as soon as no other node holds them. */
  *#claim(
    id: string,
    first: number,
    last: number,
    token: string,
  ): MaybeAsync<Exclude<ClaimResult, 'busy'>> {
    for (let pause = FIRST_RETRY; ; pause = Math.min(MAX_RETRY, pause * 2)) {
      const result = yield* maybe(this.#store.claim(id, first, last, token))
      if (result !== 'busy') return result
      yield* maybe(delay(pause, undefined, { ref: false }))
    }
  }

  *#handleVolatile(id: string, messages: readonly ReceivedMessage[]): MaybeAsync<undefined> {
    for (const message of messages) {
      const session = yield* maybe(this.#store.find(id))
      const run = newRun(id)
      const handled = session && (yield* this.#handle(session, message, run))
      if (!handled) return undefined
      if (handled.data !== undefined) yield* maybe(this.#store.saveData(id, handled.data))
      yield* this.#giveWay(run)
    }
    return undefined
  }

  /** After a message: its session is slowed if recipients cannot keep up, and waits for its turn if it has taken long enough. */
  *#giveWay(run: HandlerRun): MaybeAsync<void> {
    yield* waitForRoom(this.#store, run)
    if (this.#turns.isOver) yield* maybe(this.#turns.next())
  }

  /** Whether what handlers send after an `await` is known as theirs: always with a shared store, else where messages pile up. */
  #isTracked({ sessionId }: HandlerRun): boolean {
    return this.#options.tracksCauses || this.waitingBytes(sessionId) > MIN_TRACKED
  }

  #handle(
    session: SessionRecord,
    message: ReceivedMessage | undefined,
    run: HandlerRun,
  ): MaybeAsync<Handled | undefined> {
    return runHandlers(this.#handlers, session, message, run, this.#isTracked(run))
  }
}

/** How far is received once a batch is here as well. A batch behind a gap does not count. */
function receivedWith(before: number | undefined, { first, last }: Numbers): number {
  if (before === undefined) return last
  return first <= before + 1 ? Math.max(before, last) : before
}
