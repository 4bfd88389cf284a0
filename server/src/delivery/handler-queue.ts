/**
 * Runs what clients send through the application's handlers: strictly in order for a session, each number once. A
 * session's turn is its lane; lanes do not wait for each other.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '../errors.ts'
import type { Awaitable, Cause, SessionRecord, SessionStore } from '../store/store.ts'
import { drive, wait, type Steps } from './maybe-async.ts'

/** Milliseconds between two looks at a claim that another node holds: at first, and at most. */
const BUSY_FIRST = 5
const BUSY_MOST = 250

/** A message of a client, decoded and checked. */
export interface ReceivedMessage {
  readonly data: unknown
  /** The ids of the users whom the client addressed it to; `undefined`: it is for the application. */
  readonly to: readonly string[] | undefined
}

export interface Handlers {
  /**
   * Runs a session's opening (number 0, no message) or a message, numbered or volatile. Answers the session's data if
   * it changed.
   */
  run(
    record: SessionRecord,
    message: ReceivedMessage | undefined,
    volatile: boolean,
  ): Awaitable<string | undefined>
  /** A handler threw. */
  failed(id: string, error: unknown): Awaitable<void>
}

export interface RunnerOptions {
  /** Tells this runner's claims from those of other nodes. */
  readonly name: string
  /**
   * Whether the store outlives this process, so that a handler may run again elsewhere, and what it sent must be known.
   * It costs every promise of the process a little.
   */
  readonly causes: boolean
}

/** What a session has here that was not handled yet. It exists as long as there is something. */
interface Lane {
  tail: Promise<void>
  jobs: number
  /** Bytes that wait for their handlers. */
  bytes: number
  received: number
}

/** A handler's run, for what it sends. What it left behind (a timer, say) still sees it when it is `over`. */
interface Run {
  readonly id: string
  readonly number: number
  counter: number
  over: boolean
}

const running = new AsyncLocalStorage<Run | undefined>()

/** The cause of what is sent now; `undefined` outside of handlers. */
export function currentCause(): Cause | undefined {
  const run = running.getStore()
  return run && !run.over
    ? { sessionId: run.id, number: run.number, counter: ++run.counter }
    : undefined
}

/** Calls what is not repeated when the handler that runs now runs again. */
export function withoutCause<T>(work: () => T): T {
  return running.run(undefined, work)
}

export class Runner {
  readonly #store: SessionStore
  readonly #handlers: Handlers
  readonly #name: string
  readonly #causes: boolean
  readonly #lanes = new Map<string, Lane>()
  readonly #claims = new Map<string, string>()
  #tokens = 0

  constructor(store: SessionStore, handlers: Handlers, { name, causes }: RunnerOptions) {
    this.#store = store
    this.#handlers = handlers
    this.#name = name
    this.#causes = causes
  }

  /** Number of the last message of a session that waits here for its handler; 0 if none does. */
  received(id: string): number {
    return this.#lanes.get(id)?.received ?? 0
  }

  /** Bytes of a session that wait for their handlers. */
  backlog(id: string): number {
    return this.#lanes.get(id)?.bytes ?? 0
  }

  /**
   * Runs a batch, behind what its session already has here; settles when it was handled.
   * Fails with a {@link Refusal} `gap` if messages before it are missing.
   */
  push(
    id: string,
    first: number,
    messages: readonly (ReceivedMessage | undefined)[],
    bytes: number,
  ): Awaitable<void> {
    const last = first + messages.length - 1
    return this.#queue(id, first, last, bytes, () => drive(this.#batch(id, first, last, messages)))
  }

  /** Runs volatile messages: in turn, but without a number. */
  pass(id: string, messages: readonly ReceivedMessage[], bytes: number): Awaitable<void> {
    return this.#queue(id, 0, 0, bytes, () => drive(this.#volatile(id, messages)))
  }

  /** Settles when what a session has here now was handled. */
  async settled(id: string): Promise<void> {
    await this.#lanes.get(id)?.tail
  }

  /** Settles when nothing waits here. */
  async idle(): Promise<void> {
    while (this.#lanes.size > 0)
      await Promise.all(Array.from(this.#lanes.values(), (lane) => lane.tail))
  }

  /** Tells the store which claims are still worked on. */
  async renew(): Promise<void> {
    await Promise.all(Array.from(this.#claims, ([token, id]) => this.#store.renewClaim(id, token)))
  }

  #queue(
    id: string,
    first: number,
    last: number,
    bytes: number,
    work: () => Awaitable<void>,
  ): Awaitable<void> {
    const lane = this.#lanes.get(id)
    const job = lane ? lane.tail.then(work) : work()
    if (!(job instanceof Promise)) return
    const own = lane ?? { tail: job, jobs: 0, bytes: 0, received: 0 }
    if (!lane) this.#lanes.set(id, own)
    own.jobs++
    own.bytes += bytes
    // What is behind a gap is not received.
    if (!lane || first <= own.received + 1) own.received = Math.max(own.received, last)
    const over = (): void => {
      own.bytes -= bytes
      if (--own.jobs === 0) this.#lanes.delete(id)
    }
    // The next has its turn whatever becomes of this one; whoever pushed this one hears of it.
    own.tail = job.then(over, over)
    return job
  }

  *#batch(
    id: string,
    first: number,
    last: number,
    messages: readonly (ReceivedMessage | undefined)[],
  ): Steps<void> {
    const token = `${this.#name}:${++this.#tokens}`
    let taken = yield* wait(this.#store.claim(id, first, last, token))
    for (let pause = BUSY_FIRST; taken === 'busy'; pause = Math.min(BUSY_MOST, pause * 2)) {
      yield* wait(delay(pause, undefined, { ref: false }))
      taken = yield* wait(this.#store.claim(id, first, last, token))
    }
    if (taken === 'gap') throw new Refusal('gap', `messages before ${first} are missing`)
    if (typeof taken === 'string') return
    this.#claims.set(token, id)
    try {
      for (let number = taken.first; number <= last; number++) {
        const run: Run = { id, number, counter: 0, over: false }
        const handled = yield* this.#handle(taken.session, messages[number - first], run)
        if (!handled || !(yield* wait(this.#store.complete(id, number, token, handled.data))))
          return
      }
    } finally {
      this.#claims.delete(token)
    }
  }

  *#volatile(id: string, messages: readonly ReceivedMessage[]): Steps<void> {
    for (const message of messages) {
      const session = yield* wait(this.#store.find(id))
      const handled = session && (yield* this.#handle(session, message))
      if (!handled) return
      if (handled.data !== undefined) yield* wait(this.#store.saveData(id, handled.data))
    }
  }

  /** Runs one handler. `undefined`: it failed. */
  *#handle(
    session: SessionRecord,
    message: ReceivedMessage | undefined,
    run?: Run,
  ): Steps<{ readonly data: string | undefined } | undefined> {
    try {
      const work = (): Awaitable<string | undefined> =>
        this.#handlers.run(session, message, run === undefined)
      return { data: yield* wait(this.#causes && run ? running.run(run, work) : work()) }
    } catch (error) {
      yield* wait(this.#handlers.failed(session.id, error))
      return undefined
    } finally {
      if (run) run.over = true
    }
  }
}
