/** The nodes of this process at a store in Redis, and what they share: scripts with the limits, and the two connections. */
import { monotonicNow } from '../store/clock.ts'
import type { StoreLimits, StoreListener } from '../store/store.ts'
import {
  Subscriptions,
  commandOf,
  type Command,
  type RedisClient,
  type RedisSubscriber,
} from './clients.ts'
import { RedisNode } from './redis-node.ts'
import { Scripts } from './scripts.ts'

export interface NodesOptions {
  readonly client: RedisClient
  readonly subscriber: RedisSubscriber
  readonly prefix: string
  readonly timeout: number
  /** A clock in milliseconds, for tests. Absent: that of Redis, which all nodes share. */
  readonly now?: () => number
}

interface Connected {
  readonly scripts: Scripts
  readonly limits: StoreLimits
}

export class Nodes {
  readonly #options: NodesOptions
  readonly #command: Command
  readonly #subscriptions: Subscriptions
  readonly #byListener = new Map<StoreListener, RedisNode>()
  readonly #roomListeners: ((id: string) => void)[] = []
  #connected: Connected | undefined

  constructor(options: NodesOptions) {
    this.#options = options
    this.#command = commandOf(options.client)
    this.#subscriptions = new Subscriptions(options.subscriber)
  }

  get scripts(): Scripts {
    return this.#current.scripts
  }

  get limits(): StoreLimits {
    return this.#current.limits
  }

  /** Milliseconds between two times that a session with a reader has its lifetime begun anew. */
  get touchInterval(): number {
    return this.limits.sessionTtl / 5
  }

  /** Any node of this process. */
  get any(): RedisNode {
    const [node] = this.#byListener.values()
    if (!node) throw new Error('the store has no node; call connect first')
    return node
  }

  /** Milliseconds of a clock that only goes forward. */
  now(): number {
    return (this.#options.now ?? monotonicNow)()
  }

  of(listener: StoreListener): RedisNode {
    const node = this.#byListener.get(listener)
    if (!node) throw new Error('the store does not know this node; call connect first')
    return node
  }

  async add(listener: StoreListener, limits: StoreLimits): Promise<void> {
    const { prefix, timeout, now } = this.#options
    const scripts = new Scripts({ command: this.#command, prefix, limits, timeout, now })
    this.#connected = { scripts, limits }
    const node = new RedisNode({
      listener,
      prefix,
      scripts,
      subscriptions: this.#subscriptions,
      publish: (channel, message) => this.#command('PUBLISH', channel, message),
      onRoom: (id) => {
        for (const notify of this.#roomListeners) notify(id)
      },
    })
    this.#byListener.set(listener, node)
    await node.subscribe()
  }

  async remove(listener: StoreListener): Promise<void> {
    const node = this.of(listener)
    const detached = node.readers.map(([id, sequence]) =>
      this.scripts.run('detach', id, node.id, sequence),
    )
    await Promise.all(detached)
    await node.unsubscribe()
    // The application may close its clients then, so nothing may be under way that nobody waits for.
    await this.scripts.waitUntilSettled()
  }

  /** Adds a listener that is called when there may be room in the log down of a session. */
  onRoom(listener: (id: string) => void): void {
    this.#roomListeners.push(listener)
  }

  get #current(): Connected {
    if (!this.#connected) throw new Error('the store has no node; call connect first')
    return this.#connected
  }
}
