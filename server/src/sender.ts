/** Sends messages of the application to sessions, users, rooms or all, and messages of clients to users. */
import { inspect } from 'node:util'
import { REFUSED, createMessage } from 'rungs/protocol'
import type { RunInBackground } from './background.ts'
import {
  nextCause,
  noteSent,
  noteStoreCall,
  noteStoreFailure,
  runningNow,
  type HandlerRun,
} from './delivery/cause.ts'
import type { ReceivedMessage } from './delivery/run-handlers.ts'
import { RungsError } from './errors.ts'
import type { Counters } from './metrics.ts'
import type { Settings } from './settings.ts'
import type { SendOptions, Session } from './session.ts'
import { OutgoingMessage } from './store/outgoing-message.ts'
import type { Awaitable, EndedSession, SessionStore, Target } from './store/store.ts'

/** Sessions to send to. */
export interface Recipients {
  /**
   * Sends to every session that a target names and that is alive, with a carrier at this moment or without. A session that
   * several targets name gets the message once. The promise resolves when the store has the message; it need not be awaited,
   * because failures are logged. Nobody's speed is waited for: a session whose log has no more room ends (`gone`, `overflow`), and
   * the others get the message. `session.send` waits.
   *
   * @param data A string, a JSON value, an `ArrayBuffer` or a view of one, which is copied.
   * @throws RungsError `invalid-message`, `message-too-large` or `invalid-option`, at once. After `hub.close()` the promise rejects with
   * `closed`.
   */
  send(data: unknown, options?: SendOptions): Promise<void>
}

export interface SenderOptions {
  readonly settings: Settings
  readonly store: SessionStore
  readonly counters: Counters
  readonly runInBackground: RunInBackground
  /** Called with sessions that had no room for a message and have ended. */
  readonly onEnded: (ended: readonly EndedSession[]) => void
}

/** Characters of the id that an application gives a message. */
const MAX_ID = 256

/** The promise of every message that a store in memory has taken. One for each would cost more than the rest of sending. */
const DONE = Promise.resolve()

export class Sender {
  readonly #options: SenderOptions
  #isStopped = false

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Throws a {@link RungsError} `invalid-target`. */
  to(targets: readonly Target[]): Recipients {
    checkTargets(targets)
    return { send: (data, options) => this.send(targets, data, options) }
  }

  /** Throws a {@link RungsError} `invalid-message` or `message-too-large`; rejects with `closed`. */
  send(
    targets: readonly Target[] | 'all',
    data: unknown,
    { volatile = false, id }: SendOptions = {},
  ): Promise<void> {
    checkId(id, volatile)
    const message = toMessage(data)
    const { settings, runInBackground } = this.#options
    const { maxMessage, maxBatch, maxBufferedBytes } = settings
    // No log has room for it, and a session without room ends.
    if (message.size > maxBufferedBytes && maxBufferedBytes < maxMessage) {
      throw new RungsError(
        'message-too-large',
        `The message has ${message.size} bytes, more than maxBufferedBytes (${maxBufferedBytes}); split it`,
      )
    }
    if (message.size > maxMessage) {
      throw new RungsError(
        'message-too-large',
        `The message has ${message.size} bytes, more than maxMessage (${maxMessage}); split it`,
      )
    }
    // Volatile messages have no parts (PROTOCOL.md 4.6).
    if (volatile && message.entryBytes > maxBatch) {
      throw new RungsError(
        'message-too-large',
        `The volatile message has ${message.entryBytes} bytes as JSON, more than maxBatch (${maxBatch}); send it without { volatile: true }`,
      )
    }
    if (this.#isStopped) return this.#reject()
    const sent = volatile ? this.#publish(targets, message) : this.#append(targets, message, { id })
    // An application that does not await the promise must not get an unhandled rejection.
    if (sent !== DONE) void runInBackground('store-failed', () => sent)
    return sent
  }

  /**
   * Sends to one session. Settles when the store has the message, and the log of the session is not too full for the next one.
   * Throws as {@link send} does.
   */
  sendTo(id: string, data: unknown, options: SendOptions = {}): Promise<void> {
    const sent = this.send([{ session: id }], data, options)
    const { settings, store, runInBackground } = this.#options
    if (options.volatile) return sent
    // Without a turn of the event loop where the store has answered already, and has room.
    const waitForRoom = (): Promise<void> | undefined => store.waitForRoom(id, settings.maxMessage)
    const room = sent === DONE ? waitForRoom() : sent.then(waitForRoom)
    if (!room) return sent
    noteStoreFailure(runningNow(), room)
    void runInBackground('store-failed', () => room)
    return room
  }

  /** Sends a message that a client addressed to users on to them, if the application allows it; else back to the client. */
  async relay(
    session: Session,
    to: readonly string[],
    { data }: ReceivedMessage,
    isVolatile: boolean,
  ): Promise<void> {
    const run = runningNow()
    if (await this.#options.settings.relay(session, to, data)) {
      const targets = to.map((user) => ({ user }))
      const message = toMessage(data, session.id)
      await (isVolatile ? this.#publish(targets, message) : this.#append(targets, message, { run }))
    } else {
      await this.#append([{ session: session.id }], toMessage(data, to, REFUSED), { run })
    }
  }

  /** Refuses to send from now on. */
  stop(): void {
    this.#isStopped = true
  }

  /** A timer that an application forgot must not end the process, so nothing is thrown, and nobody has to catch the promise. */
  #reject(): Promise<never> {
    const error = new RungsError('closed', 'The hub is closed; send before hub.close() settles')
    this.#options.settings.log({ level: 'warn', event: 'send-failed', error })
    const rejected = Promise.reject(error)
    void Promise.allSettled([rejected])
    // With a shared store, another node handles the message again.
    noteStoreCall(runningNow(), rejected)
    return rejected
  }

  async #publish(targets: readonly Target[] | 'all', message: OutgoingMessage): Promise<void> {
    this.#options.counters.sent++
    await this.#options.store.publish(targets, message)
  }

  #append(
    targets: readonly Target[] | 'all',
    message: OutgoingMessage,
    { run = runningNow(), id }: { run?: HandlerRun | undefined; id?: string | undefined },
  ): Promise<void> {
    noteSent(run, targets)
    this.#options.counters.sent++
    const ended = this.#options.store.append(targets, message, nextCause(), id)
    if (ended instanceof Promise) noteStoreCall(run, ended)
    return ended instanceof Promise || ended.length > 0 ? this.#notifyEnded(ended) : DONE
  }

  async #notifyEnded(ended: Awaitable<readonly EndedSession[]>): Promise<void> {
    this.#options.onEnded(await ended)
  }
}

function toMessage(
  data: unknown,
  peer?: string | readonly string[],
  kind?: number,
): OutgoingMessage {
  const message = createMessage(data, peer, kind)
  if (!message) {
    throw new RungsError(
      'invalid-message',
      `A message of the type ${typeof data} cannot be sent as JSON; use a string, a JSON value, an ArrayBuffer or a view of one`,
    )
  }
  return new OutgoingMessage(message)
}

/** Throws a {@link RungsError} `invalid-option` unless a message may have this id. */
function checkId(id: unknown, isVolatile: boolean): void {
  if (id === undefined) return
  if (typeof id !== 'string' || id.length === 0 || id.length > MAX_ID) {
    throw new RungsError(
      'invalid-option',
      `The id of the message is ${inspect(id)}; use a text of 1 to ${MAX_ID} characters`,
    )
  }
  if (isVolatile) {
    throw new RungsError('invalid-option', 'A volatile message has no id; send it without one')
  }
}

/** Throws a {@link RungsError} `invalid-target`. */
export function checkTargets(targets: readonly Target[]): void {
  if (targets.length === 0) {
    throw new RungsError(
      'invalid-target',
      'There is no target; use { user }, { room } or { session }, or hub.broadcast() for everybody',
    )
  }
  for (const target of targets) {
    if (!target || (target.session ?? target.user ?? target.room) === undefined) {
      throw new RungsError(
        'invalid-target',
        `The target ${inspect(target)} names nobody; use { user }, { room } or { session }`,
      )
    }
  }
}
