/** The application's side: who is told of sessions and their messages, and how it speaks to them. */
import { randomBytes } from 'node:crypto'
import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { REFUSED, createMessage } from 'rungs/protocol'
import { nextCause, withoutCause } from './delivery/cause.ts'
import { HandlerQueue, type ReceivedMessage } from './delivery/handler-queue.ts'
import { Readers } from './delivery/readers.ts'
import { RungsError } from './errors.ts'
import { DRAINING, type Gate } from './http/admission.ts'
import { below } from './http/bodies.ts'
import { intercept } from './http/intercept.ts'
import { answer } from './http/routes.ts'
import { WebSockets } from './http/websocket.ts'
import { settle, type Options, type Settings } from './options.ts'
import { Session, type SendOptions, type SessionActions } from './session.ts'
import { monotonicNow } from './store/clock.ts'
import { MemoryStore } from './store/memory-store.ts'
import { OutgoingMessage } from './store/outgoing-message.ts'
import type {
  Awaitable,
  End,
  EndedSession,
  SessionRecord,
  SessionStore,
  Target,
} from './store/store.ts'

/** Milliseconds between two looks at heartbeats, ghosts, claims and lifetimes: one timer for all of them. */
const SWEEP = 1_000

const DONE = Promise.resolve()

type Handler<A extends unknown[]> = (...args: A) => unknown

/** Sessions to send to. A session that several targets name gets the message once. */
export interface Recipients {
  /** @throws RungsError `invalid-message`, `message-too-large` or `closed`. */
  send(data: unknown, options?: SendOptions): Promise<void>
}

/** Where a session comes to an end. */
export interface CloseReason {
  /** `closed`, `gone` … (PROTOCOL.md 8). */
  readonly type: string
  readonly reason: string
  /** What the end that closed it said (RFC 6455, 7.4). */
  readonly code?: number
}

export class Hub {
  readonly #settings: Settings
  readonly #store: SessionStore
  /** The store that ends with this hub. */
  readonly #ownStore: MemoryStore | undefined
  readonly #gate: Gate
  readonly #runner: HandlerQueue
  readonly #readers: Readers
  readonly #webSockets: WebSockets
  readonly #actions: SessionActions
  readonly #timer: NodeJS.Timeout
  readonly #restore: () => void
  #open: Handler<[Session]> = () => {}
  #message: Handler<[data: unknown, session: Session]> = () => {}
  #close: Handler<[Session, CloseReason]> = () => {}
  /** Handlers of {@link onClose} that have not settled. */
  readonly #telling = new Set<Promise<void>>()
  #closing: Promise<void> | undefined
  #closed = false

  /** Made by {@link attach}. */
  constructor(server: HttpServer | HttpsServer, options: Options) {
    const settings = settle(options)
    const { path, log } = settings
    this.#settings = settings
    this.#ownStore = options.store ? undefined : new MemoryStore()
    const store = (this.#store = options.store ?? this.#ownStore!)
    const guard: Gate['guard'] = async (event, work) => {
      try {
        await work()
      } catch (error) {
        log({ level: 'error', event, error })
      }
    }
    this.#runner = new HandlerQueue(
      store,
      {
        handleOpening: (record) => this.#run(record, undefined, false),
        handleMessage: (...args) => this.#run(...args),
        onFailed: (id, error) => this.#failed(id, error),
      },
      {
        nodeName: randomBytes(6).toString('base64url'),
        tracksCauses: this.#ownStore === undefined,
      },
    )
    this.#readers = new Readers({
      store,
      receivedUpTo: (id) => this.#runner.receivedUpTo(id),
      onFailed: (error) => log({ level: 'error', event: 'carrier-failed', error }),
      now: monotonicNow,
    })
    this.#actions = {
      send: (id, data, sending) => this.#send([{ session: id }], data, sending),
      join: async (id, room) => store.join(id, room),
      leave: async (id, room) => store.leave(id, room),
      close: (id, code, reason) => this.#end(id, { type: 'closed', reason, code }),
    }
    this.#gate = {
      settings,
      store,
      readers: this.#readers,
      runner: this.#runner,
      now: monotonicNow,
      draining: () => this.#closing !== undefined,
      end: (id, end) => this.#end(id, end),
      log,
      guard,
    }
    this.#webSockets = new WebSockets(this.#gate)
    void guard('store-failed', () => store.connect(this.#readers, settings))
    // A short heartbeat needs more looks: it is never late by more than a quarter.
    this.#timer = setInterval(() => this.#sweep(), Math.min(SWEEP, settings.heartbeat / 4)).unref()
    this.#restore = intercept(server, {
      request: (request, response) => {
        const rest = below(path, request)
        if (rest === undefined) return false
        void answer(this.#gate, rest, request, response)
        return true
      },
      upgrade: (request, socket, head) => {
        if (below(path, request) !== '') return false
        this.#webSockets.handle(request, socket, head)
        return true
      },
    })
  }

  /** Called once for each session, before any of its messages, on the node that made it. */
  onOpen(handler: (session: Session) => unknown): void {
    this.#open = handler
  }

  /**
   * Called for each message, in order for a session; if it returns a promise, the next message waits for it, and the
   * client learns that the message is accepted when it has settled. If it throws, that session ends.
   */
  onMessage(handler: (data: unknown, session: Session) => unknown): void {
    this.#message = handler
  }

  /** Called once for each session, on the node that ends it. */
  onClose(handler: (session: Session, reason: CloseReason) => unknown): void {
    this.#close = handler
  }

  /** Sessions of a user, in a room, or with an id; with a carrier at this moment or without. */
  to(...targets: readonly Target[]): Recipients {
    for (const target of targets) {
      if (!target || (target.session ?? target.user ?? target.room) === undefined) {
        throw new RungsError('invalid-target', 'Address { user }, { room } or { session }')
      }
    }
    return { send: (data, options) => this.#send(targets, data, options) }
  }

  /** To every session that is alive. */
  broadcast(data: unknown, options?: SendOptions): Promise<void> {
    return this.#send('all', data, options)
  }

  /**
   * Lets nobody in any more, waits for the handlers that run, tells clients to move, and ends their connections.
   * With the store of this process all sessions end by it; with a shared one they go on elsewhere.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#drain())
  }

  async #drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#settings.drainTimeout)
    })
    this.#webSockets.drain()
    await Promise.race([this.#finish(), late])
    clearInterval(this.#timer)
    this.#readers.destroyAll()
    this.#restore()
    for (const ended of this.#ownStore?.endAll({ type: 'gone', reason: 'server-closed' }) ?? [])
      this.#tell(ended)
    await Promise.race([Promise.all(this.#telling), late])
    clearTimeout(timer)
    this.#closed = true
    await this.#store.disconnect(this.#readers)
  }

  /** What was begun: handlers, and what they said. */
  async #finish(): Promise<void> {
    await this.#runner.waitUntilIdle()
    // From a shared store, other nodes send it.
    if (this.#ownStore) await this.#readers.waitUntilWritten()
    await this.#readers.closeAll(DRAINING)
  }

  /** Runs one message, or the opening of a session. Answers the session's data if it changed. */
  #run(
    record: SessionRecord,
    message: ReceivedMessage | undefined,
    volatile: boolean,
  ): Awaitable<string | undefined> {
    const session = new Session(record, this.#actions)
    const result = !message
      ? this.#opened(session)
      : message.recipients
        ? this.#relay(session, message.recipients, message.data, volatile)
        : this.#message(message.data, session)
    if (!isPromiseLike(result)) return Session.changes(session)
    return Promise.resolve(result).then(() => Session.changes(session))
  }

  #opened(session: Session): unknown {
    this.#settings.log({ level: 'info', event: 'session-opened', session: session.id })
    return this.#open(session)
  }

  async #relay(
    session: Session,
    to: readonly string[],
    data: unknown,
    volatile: boolean,
  ): Promise<void> {
    if (await this.#settings.relay(session, to, data)) {
      const targets = to.map((user) => ({ user }))
      const made = toMessage(data, session.id)
      await (volatile ? this.#publish(targets, made) : this.#append(targets, made))
    } else {
      // Nothing is dropped in silence: it goes back to its sender.
      await this.#append([{ session: session.id }], toMessage(data, to, REFUSED))
    }
  }

  async #failed(id: string, error: unknown): Promise<void> {
    this.#settings.log({ level: 'error', event: 'handler-failed', session: id, error })
    await this.#end(id, { type: 'gone', reason: 'handler-failed' })
  }

  #send(
    targets: readonly Target[] | 'all',
    data: unknown,
    { volatile }: SendOptions = {},
  ): Promise<void> {
    if (this.#closed)
      throw new RungsError('closed', 'The hub is closed; send before hub.close() has settled')
    const made = toMessage(data)
    const { maxMessage } = this.#settings
    if (made.size > maxMessage) {
      throw new RungsError(
        'message-too-large',
        `${made.size} bytes are more than maxMessage, ${maxMessage}; split it`,
      )
    }
    const sent = volatile ? this.#publish(targets, made) : this.#append(targets, made)
    // Whoever does not wait for it must not bring the process down with it.
    if (sent !== DONE) void this.#gate.guard('store-failed', () => sent)
    return sent
  }

  async #publish(targets: readonly Target[] | 'all', made: OutgoingMessage): Promise<void> {
    await this.#store.publish(targets, made)
  }

  #append(targets: readonly Target[] | 'all', made: OutgoingMessage): Promise<void> {
    const ended = this.#store.append(targets, made, nextCause())
    return ended instanceof Promise || ended.length > 0 ? this.#tellEach(ended) : DONE
  }

  async #tellEach(ended: Awaitable<readonly EndedSession[]>): Promise<void> {
    for (const each of await ended) this.#tell(each)
  }

  async #end(id: string, end: End): Promise<void> {
    const ended = await this.#store.end(id, end)
    if (ended) this.#tell(ended)
  }

  /** Tells the application that a session ended. Nobody waits for what it does then, but for `close`. */
  #tell({ session: record, end }: EndedSession): void {
    const session = new Session(record, this.#actions)
    this.#settings.log({
      level: 'info',
      event: 'session-ended',
      session: session.id,
      reason: `${end.type}: ${end.reason}`,
    })
    const telling = this.#closeOf(session, end).finally(() => this.#telling.delete(telling))
    this.#telling.add(telling)
  }

  async #closeOf(session: Session, end: End): Promise<void> {
    try {
      await withoutCause(() => this.#close(session, end))
    } catch (error) {
      const { id } = session
      this.#settings.log({ level: 'error', event: 'handler-failed', session: id, error })
    }
  }

  #sweep(): void {
    this.#webSockets.sweep()
    this.#readers.sweep(this.#settings.heartbeat)
    const { guard } = this.#gate
    void guard('sweep-failed', () => this.#store.touch(this.#readers.sessionIds))
    void guard('sweep-failed', () => this.#runner.renewClaims())
    void guard('sweep-failed', () => this.#tellEach(this.#store.expire()))
  }
}

/**
 * Serves Rungs on an HTTP server, beside whatever else it serves.
 * @throws RungsError `invalid-option`.
 */
export function attach(server: HttpServer | HttpsServer, options: Options = {}): Hub {
  return new Hub(server, options)
}

function toMessage(
  data: unknown,
  peer?: string | readonly string[],
  kind?: number,
): OutgoingMessage {
  const made = createMessage(data, peer, kind)
  if (!made)
    throw new RungsError(
      'invalid-message',
      'Send a string, a JSON value, an ArrayBuffer or a view of one',
    )
  return new OutgoingMessage(made)
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
