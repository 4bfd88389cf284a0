/** A store of sessions in Redis or Valkey, so that a hub may run on several machines. */
import type { RedisClient, RedisSubscriber } from './clients.ts'
import { Nodes } from './nodes.ts'
import { RedisStore } from './redis-store.ts'
import type { SessionStore } from '../store/store.ts'

export type { RedisClient, RedisSubscriber } from './clients.ts'

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** A client of node-redis or ioredis that is connected, or connects by itself. */
  readonly client: RedisClient
  /** Another client of the same library, with a connection of its own: `client.duplicate()`. */
  readonly subscriber: RedisSubscriber
  /** Begins the name of each key and channel. Letters, digits and `:._{}-`. Default `rungs:`. */
  readonly prefix?: string
  /** Milliseconds that an answer of Redis is waited for. Default 5,000. */
  readonly timeout?: number
}

/**
 * Makes a store in Redis 7 or Valkey 8, or later, for the option `store` of `attach`. All nodes with the same Redis and prefix serve
 * the same sessions, and need the same limits. Connecting and closing the clients is up to the application.
 *
 * @throws TypeError A prefix with other characters.
 */
export function redisStore(options: RedisStoreOptions): SessionStore {
  const { client, subscriber, prefix = 'rungs:', timeout = 5_000 } = options
  if (!/^[\w:.{}-]*$/.test(prefix)) {
    throw new TypeError(`The prefix ${prefix} has other characters than letters, digits and :._{}-`)
  }
  return new RedisStore(new Nodes({ client, subscriber, prefix, timeout }))
}
