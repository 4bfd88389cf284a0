/** WebSockets whose page may be the server's own, which the browser says in other requests alone (PROTOCOL.md 3.7). */
import { DeploymentRefusal, type Refusal } from '../errors.ts'
import type { SessionRecord, SessionStore } from '../store/store.ts'

/**
 * Milliseconds for which a WebSocket waits for its session: the exchange that makes it began earlier, but its authentication
 * may take longer than the handshake of the WebSocket.
 */
const WAITING_TIME = 1_000

/** Lets these WebSockets join sessions that an exchange of their origin has made. They make none. */
export class UnprovenSockets {
  readonly #store: SessionStore
  /** Called when a session with the key was made at this node. */
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(store: SessionStore) {
    this.#store = store
  }

  /**
   * Finds the session that a WebSocket may join. Fails with a refusal: with the given one for good if the session has another
   * origin, and to be tried again if there is none yet.
   */
  async find(key: string, origin: string, refusal: Refusal): Promise<SessionRecord> {
    const session = (await this.#store.findByKey(key)) ?? (await this.#waitFor(key))
    if (!session) throw earlyRefusal(refusal)
    if (session.origin !== origin) throw refusal
    return session
  }

  notifyCreated(key: string): void {
    for (const wake of this.#waiting.get(key) ?? []) wake()
  }

  /** Waits until a session is made at this node, or, at another node of the same store, may have been made. */
  async #waitFor(key: string): Promise<SessionRecord | undefined> {
    const wakers = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, wakers)
    let timer: NodeJS.Timeout | undefined
    let wake: (() => void) | undefined
    await new Promise<void>((resolve) => {
      wake = resolve
      wakers.add(resolve)
      timer = setTimeout(resolve, WAITING_TIME).unref()
    })
    clearTimeout(timer)
    wakers.delete(wake!)
    if (wakers.size === 0) this.#waiting.delete(key)
    return this.#store.findByKey(key)
  }
}

/** The refusal of a WebSocket that may have come too early. */
function earlyRefusal({ end }: Refusal): Refusal {
  return new DeploymentRefusal(end.type, end.reason, { ...end, then: 'retry' })
}
