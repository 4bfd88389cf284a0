/** The API of the server. */
import type { Options } from './options.ts'
import { RungsError } from './errors.ts'
import { assemble, type HubParts } from './assemble.ts'
import type { NodeServer } from './http/intercept.ts'
import type { Unsubscribe } from './listeners.ts'
import type { Metrics } from './metrics.ts'
import { checkServer } from './settings.ts'
import { checkTargets, type Recipients } from './sender.ts'
import { DEFAULT_CLOSE_CODE, checkClose, type SendOptions, type Session } from './session.ts'
import type { End, SessionStore, Target } from './store/store.ts'

/** Why a session ended: the type and the reason of PROTOCOL.md 8, and the code that it was closed with. */
export type CloseReason = End

/** The sessions of an HTTP server, as the application sees them. Made by {@link attach} and {@link createHub}. */
export class Hub {
  readonly #parts: HubParts
  /**
   * Resolves when the hub is connected to its store: at once, with its own. Rejects if the store fails then; the hub serves as soon as
   * the store does. For whoever wants to listen, or to be called ready by a balancer, only then.
   */
  readonly ready: Promise<void>

  constructor(server: NodeServer | undefined, options: Options) {
    this.#parts = assemble(server, options)
    this.ready = this.#parts.connected
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
    return this.#parts.application.onOpen.add(listener)
  }

  /**
   * Adds a listener that is called for each message of a client to the application: one message of a session at a time, in
   * order. If the listener returns a promise, the next message of the session waits for it, and the client learns that the message
   * is accepted when it has settled, and the store has all that it sent. If the listener throws or rejects, that session ends (`gone`,
   * `handler-failed`), and the client gets the message back as one in doubt; unless the store failed while the listener used it: then
   * the listener is called again when the client sends the message again.
   *
   * Several listeners are called like those of {@link onOpen}; the message is accepted when all have settled. A message
   * that comes while there is no listener is accepted, and dropped: add listeners before the server listens.
   *
   * @returns A function that removes the listener.
   * @throws RungsError `invalid-listener`.
   */
  onMessage(listener: (data: unknown, session: Session) => unknown): Unsubscribe {
    return this.#parts.application.onMessage.add(listener)
  }

  /**
   * Adds a listener that is called once for each session that ends, on the node that ends it. An error that it throws is logged.
   * Only {@link close} waits for its promise. Several listeners are called like those of {@link onOpen}.
   *
   * @returns A function that removes the listener.
   * @throws RungsError `invalid-listener`.
   */
  onClose(listener: (session: Session, reason: CloseReason) => unknown): Unsubscribe {
    return this.#parts.application.onClose.add(listener)
  }

  /**
   * The sessions of users, in rooms, or with ids, to send to.
   *
   * @throws RungsError `invalid-target`.
   */
  to(...targets: readonly Target[]): Recipients {
    return this.#parts.sender.to(targets)
  }

  /**
   * Sends to every session that is alive, like {@link Recipients.send}: no session is waited for, and one whose log is full ends.
   *
   * @throws RungsError `invalid-message`, `message-too-large` or `invalid-option`, at once. After {@link close} the promise rejects with `closed`.
   */
  broadcast(data: unknown, options?: SendOptions): Promise<void> {
    return this.#parts.sender.send('all', data, options)
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
    return this.#parts.application.endTargets([target], reason)
  }

  /**
   * The sessions of users, in rooms, or with ids, as they are now, on whatever node: who is there. `transport` is `null` for one
   * that has no carrier at this moment. What is changed in their `data` is not saved; a handler does that.
   *
   * @throws RungsError `invalid-target`, at once. The promise rejects if the store fails.
   */
  sessions(...targets: readonly Target[]): Promise<readonly Session[]> {
    checkTargets(targets)
    return this.#parts.application.list(targets)
  }

  /** Counters and gauges of this hub, for the application's monitoring. Cheap enough for every few seconds. */
  metrics(): Metrics {
    return this.#parts.metrics()
  }

  /**
   * Closes the hub: admits nobody any more, waits for handlers that run, tells clients to move, ends their connections, and
   * gives the HTTP server back as it was. All of that takes at most `drainTimeout`, and a store's time to let go of this node.
   * With a store of its own all sessions end; with a shared one they go on at other nodes.
   */
  close(): Promise<void> {
    return this.#parts.lifecycle.close()
  }
}

/**
 * Serves Rungs on an HTTP server, beside whatever else it serves.
 *
 * @param server The server itself, as `http.createServer()` and the `listen()` of Express and Koa return it; `app.server` of Fastify.
 * @throws RungsError `invalid-option`.
 */
export function attach(server: NodeServer, options: Options = {}): Hub {
  checkServer(server)
  return new Hub(server, options)
}

/**
 * Makes a hub that serves no clients: for a worker or a scheduled job which sends to those of other nodes, asks who is there, or
 * ends sessions. Its options must be those of the other nodes. Close it when the work is done.
 *
 * @param options `store`: the store that the nodes share.
 * @throws RungsError `invalid-option`.
 */
export function createHub(options: Options & { readonly store: SessionStore }): Hub {
  // A program in JavaScript may leave it out.
  if (!(options as Options | undefined)?.store) {
    throw new RungsError(
      'invalid-option',
      'createHub() got no store, so nobody could get what it sends; pass the store that your nodes share, or use attach()',
    )
  }
  return new Hub(undefined, options)
}
