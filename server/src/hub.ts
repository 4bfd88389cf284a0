/** The API of the server, and how its parts are put together. */
import { randomBytes } from 'node:crypto'
import { Application } from './application.ts'
import { createRunInBackground } from './background.ts'
import { HandlerQueue } from './delivery/handler-queue.ts'
import { Intake } from './delivery/intake.ts'
import { Readers } from './delivery/readers.ts'
import { Turns } from './delivery/turns.ts'
import type { ServerContext } from './http/context.ts'
import { ExchangesInFlight } from './http/exchanges-in-flight.ts'
import { intercept, type NodeServer } from './http/intercept.ts'
import { RareWarnings } from './http/rare-warnings.ts'
import { StrippedHandshakes } from './http/stripped-handshakes.ts'
import { Pipelining } from './http/pipelining.ts'
import { handleRequest, pathBelow } from './http/routes.ts'
import { UnprovenSockets } from './http/unproven-sockets.ts'
import { WebSocketEndpoint } from './http/websocket.ts'
import { Lifecycle } from './lifecycle.ts'
import type { Unsubscribe } from './listeners.ts'
import { MemoryBudget } from './memory-budget.ts'
import type { Options } from './options.ts'
import { checkServer, resolveOptions } from './settings.ts'
import { Sender, checkTargets, type Recipients } from './sender.ts'
import { DEFAULT_CLOSE_CODE, checkClose, type SendOptions, type Session } from './session.ts'
import { monotonicNow } from './store/clock.ts'
import { MemoryStore } from './store/memory-store.ts'
import type { End, Target } from './store/store.ts'

/** Why a session ended: the type and the reason of PROTOCOL.md 8, and the code that it was closed with. */
export type CloseReason = End

/** The sessions of an HTTP server, as the application sees them. Made by {@link attach}. */
export class Hub {
  readonly #application: Application
  readonly #sender: Sender
  readonly #lifecycle: Lifecycle

  constructor(server: NodeServer, options: Options) {
    checkServer(server)
    const settings = resolveOptions(options)
    const ownStore = options.store ? undefined : new MemoryStore()
    const store = options.store ?? ownStore!
    const runInBackground = createRunInBackground(settings.log)
    const sender = new Sender({
      settings,
      store,
      runInBackground,
      onEnded: (ended) => application.notifyEnded(ended),
    })
    const application = new Application(store, sender, settings.log, runInBackground)
    const turns = new Turns(monotonicNow)
    const handlerQueue = new HandlerQueue(store, application, {
      nodeName: randomBytes(6).toString('base64url'),
      // Handlers run again only where a store outlives the node.
      tracksCauses: ownStore === undefined,
      turns,
    })
    const readers = new Readers({
      store,
      maxBatch: settings.maxBatch,
      now: monotonicNow,
      receivedUpTo: (id) => handlerQueue.receivedUpTo(id),
      onFailed: (error) => settings.log({ level: 'error', event: 'carrier-failed', error }),
    })
    const exchangesInFlight = new ExchangesInFlight(settings.maxPending, settings.maxBatch)
    const context: ServerContext = {
      settings,
      store,
      readers,
      handlerQueue,
      intake: new Intake(store, handlerQueue, settings.maxMessage),
      turns,
      exchangesInFlight,
      rareWarnings: new RareWarnings(monotonicNow),
      strippedHandshakes: new StrippedHandshakes(monotonicNow),
      unprovenSockets: new UnprovenSockets(store),
      pipelining: new Pipelining(),
      memory: new MemoryBudget(settings.maxMemory, [
        () => store.heldBytes ?? 0,
        () => handlerQueue.totalBytes,
        () => exchangesInFlight.unreadBytes,
        () => webSockets.heldBytes,
      ]),
      now: monotonicNow,
      isDraining: () => this.#lifecycle.isDraining,
      endSession: (id, end) => application.endSession(id, end),
      runInBackground,
    }
    const webSockets = new WebSocketEndpoint(context)
    void runInBackground('store-failed', () => store.connect(readers, settings))
    const restoreServer = intercept(server, {
      onRequest(request, response) {
        const subpath = pathBelow(settings.path, request)
        if (subpath === undefined) return false
        void handleRequest(context, subpath, request, response)
        return true
      },
      onUpgrade(request, socket, head) {
        if (pathBelow(settings.path, request) !== '') return false
        webSockets.handleUpgrade(request, socket, head)
        return true
      },
    })
    this.#application = application
    this.#sender = sender
    this.#lifecycle = new Lifecycle({
      settings,
      store,
      ownStore,
      application,
      sender,
      handlerQueue,
      readers,
      exchangesInFlight,
      webSockets,
      runInBackground,
      restoreServer,
    })
  }

  /**
   * Adds a listener that is called once for each session, before any of its messages, on the node that made it. If the listener
   * returns a promise, the messages wait for it. If it throws or rejects, that session ends (`gone`, `handler-failed`).
   *
   * Several listeners are called in the order in which they were added, each when the promise of the one before has settled. One
   * that fails does not keep the others from their turn. One that is added while they are called is called from the next
   * session on; one that is removed is not called any more.
   *
   * @returns A function that removes the listener.
   * @throws RungsError `invalid-listener`.
   */
  onOpen(listener: (session: Session) => unknown): Unsubscribe {
    return this.#application.onOpen.add(listener)
  }

  /**
   * Adds a listener that is called for each message of a client to the application: one message of a session at a time, in
   * order. If the listener returns a promise, the next message of the session waits for it, and the client learns that the message
   * is accepted when it has settled. If the listener throws or rejects, that session ends (`gone`, `handler-failed`), and the client
   * gets the message back as one in doubt.
   *
   * Several listeners are called like those of {@link onOpen}; the message is accepted when all have settled. A message
   * that comes while there is no listener is accepted, and dropped: add listeners before the server listens.
   *
   * @returns A function that removes the listener.
   * @throws RungsError `invalid-listener`.
   */
  onMessage(listener: (data: unknown, session: Session) => unknown): Unsubscribe {
    return this.#application.onMessage.add(listener)
  }

  /**
   * Adds a listener that is called once for each session that ends, on the node that ends it. An error that it throws is logged.
   * Only {@link close} waits for its promise. Several listeners are called like those of {@link onOpen}.
   *
   * @returns A function that removes the listener.
   * @throws RungsError `invalid-listener`.
   */
  onClose(listener: (session: Session, reason: CloseReason) => unknown): Unsubscribe {
    return this.#application.onClose.add(listener)
  }

  /**
   * The sessions of users, in rooms, or with ids, to send to.
   *
   * @throws RungsError `invalid-target`.
   */
  to(...targets: readonly Target[]): Recipients {
    return this.#sender.to(targets)
  }

  /**
   * Sends to every session that is alive, like {@link Recipients.send}: no session is waited for, and one whose log is full ends.
   *
   * @throws RungsError `invalid-message` or `message-too-large`, at once. After {@link close} the promise rejects with `closed`.
   */
  broadcast(data: unknown, options?: SendOptions): Promise<void> {
    return this.#sender.send('all', data, options)
  }

  /**
   * Ends the sessions of a user, in a room, or with an id, on whatever node and carrier, at once and for good: their clients do not
   * come back by themselves (`closed`, code 1000). A user who may not come back at all is also to be refused by `authenticate`.
   * The promise resolves when the sessions have ended, and need not be awaited.
   *
   * @param reason A text for the client's application, of up to 256 characters. Default `disconnected`.
   * @throws RungsError `invalid-target` or `invalid-close`, at once.
   */
  disconnect(target: Target, reason = 'disconnected'): Promise<void> {
    checkTargets([target])
    checkClose(DEFAULT_CLOSE_CODE, reason)
    return this.#application.endTargets([target], reason)
  }

  /**
   * Closes the hub: admits nobody any more, waits for handlers that run, tells clients to move, ends their connections, and
   * gives the HTTP server back as it was. All of that takes at most `drainTimeout`, and a store's time to let go of this node.
   * With a store of its own all sessions end; with a shared one they go on at other nodes.
   */
  close(): Promise<void> {
    return this.#lifecycle.close()
  }
}

/**
 * Serves Rungs on an HTTP server, beside whatever else it serves.
 *
 * @param server The server itself, as `http.createServer()` and the `listen()` of Express and Koa return it; `app.server` of Fastify.
 * @throws RungsError `invalid-option`.
 */
export function attach(server: NodeServer, options: Options = {}): Hub {
  return new Hub(server, options)
}
