/** The application: its listeners are called here, and here sessions are ended for it. */
import type { RunInBackground } from './background.ts'
import { noteStoreCall, noteStoreFailure, runningNow, withoutCause } from './delivery/cause.ts'
import type { MessageHandlers, ReceivedMessage } from './delivery/run-handlers.ts'
import { Listeners } from './listeners.ts'
import type { Counters } from './metrics.ts'
import type { Settings } from './settings.ts'
import type { Sender } from './sender.ts'
import { DEFAULT_CLOSE_CODE, Session, type SessionActions } from './session.ts'
import type {
  Awaitable,
  End,
  EndedSession,
  SessionRecord,
  SessionStore,
  Target,
} from './store/store.ts'

export interface ApplicationParts {
  readonly store: SessionStore
  readonly sender: Sender
  readonly log: Settings['log']
  readonly counters: Counters
  readonly runInBackground: RunInBackground
}

export class Application implements MessageHandlers {
  readonly onOpen: Listeners<[session: Session]> = new Listeners()
  readonly onMessage: Listeners<[data: unknown, session: Session]> = new Listeners()
  readonly onClose: Listeners<[session: Session, end: End]> = new Listeners()
  readonly #store: SessionStore
  readonly #sender: Sender
  readonly #log: Settings['log']
  readonly #counters: Counters
  readonly #runInBackground: RunInBackground
  readonly #actions: SessionActions
  /** Calls of `onClose` listeners that have not settled. */
  readonly #onCloseCalls = new Set<Promise<void>>()

  constructor({ store, sender, log, counters, runInBackground }: ApplicationParts) {
    this.#store = store
    this.#sender = sender
    this.#log = log
    this.#counters = counters
    const logFailure = (done: Promise<void>): Promise<void> => this.#logFailure(done)
    this.#runInBackground = runInBackground
    this.#actions = {
      send: (id, data, options) => sender.sendTo(id, data, options),
      drained(id) {
        const acknowledged = (async () => store.waitUntilAcknowledged(id))()
        noteStoreFailure(runningNow(), acknowledged)
        return acknowledged
      },
      join: (id, room) => logFailure((async () => store.join(id, room))()),
      leave: (id, room) => logFailure((async () => store.leave(id, room))()),
      close: (id, code, reason) =>
        logFailure(this.endSession(id, { type: 'closed', reason, code })),
    }
  }

  handleOpening(record: SessionRecord): Awaitable<string | undefined> {
    this.#counters.opened++
    this.#log({ level: 'info', event: 'session-opened', session: record.id })
    const session = new Session(record, this.#actions)
    return changedData(session, this.onOpen.call(session))
  }

  handleMessage(
    record: SessionRecord,
    message: ReceivedMessage,
    isVolatile: boolean,
  ): Awaitable<string | undefined> {
    this.#counters.received++
    const session = new Session(record, this.#actions)
    const { data, recipients } = message
    const handled = recipients
      ? this.#sender.relay(session, recipients, message, isVolatile)
      : this.onMessage.call(data, session)
    return changedData(session, handled)
  }

  async onFailed(id: string, error: unknown): Promise<void> {
    this.#log({ level: 'error', event: 'handler-failed', session: id, error })
    await this.endSession(id, { type: 'gone', reason: 'handler-failed' })
  }

  async endSession(id: string, end: End): Promise<void> {
    const ended = await this.#store.end(id, end)
    if (ended) this.notifyEnded([ended])
  }

  /** The sessions that targets name, as they are now. */
  async list(targets: readonly Target[]): Promise<readonly Session[]> {
    const records = await this.#store.list(targets)
    return records.map((record) => new Session(record, this.#actions))
  }

  /** Ends all sessions of targets. The promise need not be awaited: failures are logged. */
  endTargets(targets: readonly Target[], reason: string): Promise<void> {
    const end = { type: 'closed', reason, code: DEFAULT_CLOSE_CODE } as const
    return this.#logFailure(
      (async () => this.notifyEnded(await this.#store.endTargets(targets, end)))(),
    )
  }

  /** Tells the application of sessions that have ended. Only {@link waitUntilNotified} waits for its listeners. */
  notifyEnded(ended: readonly EndedSession[]): void {
    for (const { session, end } of ended) {
      const call = this.#callOnClose(session, end).finally(() => this.#onCloseCalls.delete(call))
      this.#onCloseCalls.add(call)
    }
  }

  /** Settles when the `onClose` listeners of all sessions that have ended until now have settled. */
  async waitUntilNotified(): Promise<void> {
    await Promise.all(this.#onCloseCalls)
  }

  /** The application need not await: a store that fails must not leave a rejection that nobody handles. */
  #logFailure(done: Promise<void>): Promise<void> {
    void this.#runInBackground('store-failed', () => done)
    noteStoreCall(runningNow(), done)
    return done
  }

  async #callOnClose(record: SessionRecord, end: End): Promise<void> {
    const { id } = record
    const reason = `${end.type}: ${end.reason}`
    this.#counters.noteEnded(end)
    this.#log({ level: 'info', event: 'session-ended', session: id, reason })
    const session = new Session(record, this.#actions)
    try {
      // The handler that ended the session may run again, but this is not called again then.
      await withoutCause(() => this.onClose.call(session, end))
    } catch (error) {
      this.#log({ level: 'error', event: 'handler-failed', session: id, error })
    }
  }
}

/** Waits for handlers. Answers the data of their session as JSON text if it changed. */
function changedData(session: Session, handled: Awaitable<unknown>): Awaitable<string | undefined> {
  return handled instanceof Promise
    ? handled.then(() => Session.changedData(session))
    : Session.changedData(session)
}
