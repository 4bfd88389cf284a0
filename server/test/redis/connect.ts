/** Stores of tests in Redis, over the client of either library. */
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { RedisClient, RedisSubscriber } from '../../src/redis/clients.ts'
import { Nodes } from '../../src/redis/nodes.ts'
import { RedisStore } from '../../src/redis/redis-store.ts'

/** Where a server is, and the library to reach it with. */
export interface RedisAccess {
  readonly port: number
  readonly library: 'node-redis' | 'ioredis'
}

interface Connections {
  readonly client: RedisClient
  readonly subscriber: RedisSubscriber
  /** Closes them at once. */
  close(): void
}

export interface ConnectedStore {
  readonly store: RedisStore
  readonly nodes: Nodes
  /** Makes a command beside the store. */
  command(...args: string[]): Promise<unknown>
  close(): void
}

/** @param now A clock in milliseconds. Absent: that of Redis. */
export async function connectRedis(
  { library, port }: RedisAccess,
  prefix: string,
  now?: () => number,
  timeout = 5_000,
): Promise<ConnectedStore> {
  const connections = await CONNECT[library](port)
  const nodes = new Nodes({ ...connections, prefix, timeout, ...(now && { now }) })
  const { client, close } = connections
  const command = (name: string, ...args: string[]): Promise<unknown> =>
    'call' in client ? client.call(name, ...args) : client.sendCommand([name, ...args])
  return { store: new RedisStore(nodes), nodes, command, close }
}

const CONNECT = { 'node-redis': connectNodeRedis, ioredis: connectIoredis }

async function connectNodeRedis(port: number): Promise<Connections> {
  const client = createClient({ socket: { host: '127.0.0.1', port } })
  const subscriber = client.duplicate()
  // Tests cut connections.
  for (const each of [client, subscriber]) each.on('error', () => {})
  await Promise.all([client.connect(), subscriber.connect()])
  return {
    client,
    subscriber,
    close() {
      client.destroy()
      subscriber.destroy()
    },
  }
}

async function connectIoredis(port: number): Promise<Connections> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true })
  const subscriber = client.duplicate()
  for (const each of [client, subscriber]) each.on('error', () => {})
  await Promise.all([client.connect(), subscriber.connect()])
  return {
    client,
    subscriber,
    close() {
      client.disconnect()
      subscriber.disconnect()
    },
  }
}
