/** The sweep that looks after everything while the hub is open, and the drain that closes it. */
import { setImmediate } from 'node:timers/promises'
import type { Application } from './application.ts'
import type { RunInBackground } from './background.ts'
import type { HandlerQueue } from './delivery/handler-queue.ts'
import type { Readers } from './delivery/readers.ts'
import { drainingEnd } from './http/context.ts'
import type { ExchangesInFlight } from './http/exchanges-in-flight.ts'
import type { WebSocketEndpoint } from './http/websocket.ts'
import type { Settings } from './settings.ts'
import type { Sender } from './sender.ts'
import type { MemoryStore } from './store/memory-store.ts'
import { EXPIRED_AT_ONCE, type SessionStore } from './store/store.ts'

/** Milliseconds between two sweeps. */
const SWEEP_INTERVAL = 1_000

export interface LifecycleParts {
  readonly settings: Settings
  readonly store: SessionStore
  /** The store, if it is the hub's own and ends with it. */
  readonly ownStore: MemoryStore | undefined
  readonly application: Application
  readonly sender: Sender
  readonly handlerQueue: HandlerQueue
  readonly readers: Readers
  readonly exchangesInFlight: ExchangesInFlight
  readonly webSockets: WebSocketEndpoint
  readonly runInBackground: RunInBackground
  /** Whether there are clients to look after. */
  readonly isServing: boolean
  /** Gives the HTTP server back as it was. */
  readonly restoreServer: () => void
}

export class Lifecycle {
  readonly #parts: LifecycleParts
  readonly #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(parts: LifecycleParts) {
    this.#parts = parts
    // With a short heartbeat more often, so that no heartbeat is late by more than a quarter.
    const interval = Math.min(SWEEP_INTERVAL, parts.settings.heartbeat / 4)
    // One timer for all sessions: one for each would cost more than all else that idle sessions do.
    // A worker leaves expired sessions to nodes whose application is to be told of them.
    if (parts.isServing) this.#timer = setInterval(() => this.#sweep(), interval).unref()
  }

  get isDraining(): boolean {
    return this.#closing !== undefined
  }

  /** Drains and closes the hub, once. */
  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  #sweep(): void {
    const { store, handlerQueue, readers, webSockets } = this.#parts
    const { exchangesInFlight, runInBackground } = this.#parts
    void runInBackground('sweep-failed', () => webSockets.sweep())
    void runInBackground('sweep-failed', () => readers.sweep())
    const alive = concat(readers.sessionIds, exchangesInFlight.sessionIds)
    void runInBackground('sweep-failed', () => store.touch(alive))
    void runInBackground('sweep-failed', () => handlerQueue.renewClaims())
    void runInBackground('sweep-failed', () => this.#expire())
  }

  /** Ends all sessions whose lifetime is over, some at a time: a flood of them must not keep others from their turn. */
  async #expire(): Promise<void> {
    const { store, application } = this.#parts
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- One step after the other.
      const ended = await store.expire()
      application.notifyEnded(ended)
      if (ended.length < EXPIRED_AT_ONCE || this.isDraining) return
      // oxlint-disable-next-line no-await-in-loop -- Others have their turn.
      await setImmediate()
    }
  }

  async #drain(): Promise<void> {
    const { settings, store, ownStore, application, sender, readers } = this.#parts
    const { webSockets, restoreServer } = this.#parts
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, settings.drainTimeout)
    })
    webSockets.drain()
    await Promise.race([this.#finish(), late])
    clearInterval(this.#timer)
    readers.destroyAll()
    restoreServer()
    if (ownStore)
      application.notifyEnded(ownStore.endAll({ type: 'gone', reason: 'server-closed' }))
    await Promise.race([application.waitUntilNotified(), late])
    clearTimeout(timer)
    sender.stop()
    await store.disconnect(readers)
  }

  /** Waits for handlers that run, for what they send, and for the clients to go. */
  async #finish(): Promise<void> {
    const { settings, ownStore, handlerQueue, readers } = this.#parts
    await handlerQueue.waitUntilIdle()
    // With a shared store, other nodes write the rest.
    if (ownStore) await readers.waitUntilWritten()
    await readers.closeAll(drainingEnd(settings))
  }
}

/** All values of several iterables, one after the other. There may be very many, so they are not copied. */
function* concat<T>(...all: readonly Iterable<T>[]): Iterable<T> {
  for (const each of all) yield* each
}
