/** The store that tests of several nodes run with: that in memory, or one in Redis where the configuration of the tests has a server. */
import { randomUUID } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { MemoryStore } from '../src/store/memory-store.ts'
import type { SessionStore } from '../src/store/store.ts'
import type { RecordingListener } from './listener.ts'
import type { ConnectedStore, RedisAccess } from './redis/connect.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent: the store in memory. */
    redis?: RedisAccess
  }
}

/** A store that is empty. */
export interface SharedStore {
  readonly store: SessionStore
  /** Settles once a node was told of all that has happened. */
  waitForNotifications(listener: RecordingListener): Promise<void> | void
}

const redis = inject('redis')

/** How often a property is tried: for a store behind a network less often. */
export const runs = (memory: number, network: number): number => (redis ? network : memory)

/** @param now A clock in milliseconds. Absent: that of the process, or of Redis. */
export async function makeSharedStore(now?: () => number): Promise<SharedStore> {
  if (!redis) return { store: new MemoryStore(now), waitForNotifications() {} }
  const { nodes, store } = await connect(redis, randomPrefix(), now)
  return { store, waitForNotifications: (listener) => nodes.of(listener).waitForNotifications() }
}

/** A store for each of several nodes, which have their sessions in common. */
export async function makeStores(count: number): Promise<readonly SessionStore[]> {
  const memory = new MemoryStore()
  if (!redis) return Array.from({ length: count }, () => memory)
  const prefix = randomPrefix()
  const connected = await Promise.all(Array.from({ length: count }, () => connect(redis, prefix)))
  return connected.map(({ store }) => store)
}

/** Connects for one test. Tests of the store in memory need no client of Redis, so it is loaded here. */
async function connect(
  access: RedisAccess,
  prefix: string,
  now?: () => number,
): Promise<ConnectedStore> {
  const { connectRedis } = await import('./redis/connect.ts')
  const connected = await connectRedis(access, prefix, now)
  onTestFinished(connected.close)
  return connected
}

const randomPrefix = (): string => `${randomUUID()}:`
