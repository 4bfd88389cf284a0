/** A cluster on this machine: Redis, three nodes, and a balancer that knows nothing of sessions. */
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { startRedis, type RedisServer } from '../../server/test/redis/server.ts'
import { run } from '../proxies/program.ts'
import type { Plan, Running, Scene } from '../proxies/types.ts'
import { freePort, start, type Child } from '../support/process.ts'
import type { Blow, BlowName } from './chaos.ts'

const PROGRAM = fileURLToPath(new URL('node.mjs', import.meta.url))
/** Milliseconds that a node which was told to end may take: `drainTimeout`, and the store's time to let go. */
const DRAIN = 20_000

/** One node, which is replaced by another process at the same port. */
class ClusterNode {
  readonly port: number
  readonly #args: readonly string[]
  readonly #onError: (event: string) => void
  #child: Child | undefined
  /** Settles when the process that was started last listens. */
  ready: Promise<void> = Promise.resolve()

  constructor(port: number, redisPort: number, library: string, onError: (event: string) => void) {
    this.port = port
    this.#args = [PROGRAM, String(port), String(redisPort), library]
    this.#onError = onError
  }

  /** Starts the process anew. Rejects if it ends by itself. */
  launch(): Promise<void> {
    this.ready = this.#launch()
    // The next caller that needs the node is told.
    this.ready.catch(() => {})
    return this.ready
  }

  async #launch(): Promise<void> {
    const child = start(process.execPath, this.#args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    const lines = createInterface(child.process.stdout!)
    const listening = new Promise<void>((resolve) => {
      lines.on('line', (line) => (line === 'listening' ? resolve() : this.#onError(line)))
    })
    await Promise.race([listening, once(child.process, 'exit')])
    const end = child.ended()
    if (end) throw new Error(end)
  }

  /** Why the process ended, though nobody ended it. */
  get fault(): string | undefined {
    return this.#child?.ended()
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.ready
    const { process: child } = this.#child!
    if (this.fault) throw new Error(this.fault)
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(DRAIN) })
    child.kill(signal)
    await exited
  }
}

export class Cluster {
  readonly #redis: RedisServer
  readonly #nodes: readonly ClusterNode[]
  readonly #balancer: Running
  readonly #folder: string
  readonly url: string
  /** How often each blow was struck; a rolling deployment counts once. */
  readonly blows: Record<BlowName, number> = { kill: 0, pubsub: 0, redis: 0, deploy: 0 }
  /** How often nodes logged each error. */
  readonly errors: Map<string, number>

  private constructor(
    redis: RedisServer,
    nodes: readonly ClusterNode[],
    balancer: Running,
    scene: Scene,
    errors: Map<string, number>,
  ) {
    this.#redis = redis
    this.#nodes = nodes
    this.#balancer = balancer
    this.#folder = scene.folder
    this.url = `http://127.0.0.1:${scene.port}`
    this.errors = errors
  }

  static async start(plan: (scene: Scene) => Plan): Promise<Cluster> {
    const redis = await startRedis('redis-server', '--appendonly', 'yes', '--appendfsync', 'always')
    const errors = new Map<string, number>()
    const note = (event: string): void => void errors.set(event, (errors.get(event) ?? 0) + 1)
    // Each library of an application has its nodes.
    const libraries = ['node-redis', 'ioredis', 'node-redis']
    const nodes: ClusterNode[] = []
    for (const library of libraries)
      nodes.push(new ClusterNode(await freePort(), redis.port, library, note))
    await Promise.all(nodes.map((node) => node.launch()))
    const folder = mkdtempSync(join(tmpdir(), 'rungs-cluster-'))
    // Proxies that were started by root work as another user.
    chmodSync(folder, 0o755)
    const servers = nodes.map(({ port }) => `127.0.0.1:${port}`)
    const certificate = { cert: '', key: '', both: '' }
    const scene = { folder, port: await freePort(), servers, certificate }
    const balancer = await run(plan(scene), scene, '127.0.0.1')
    return new Cluster(redis, nodes, balancer, scene, errors)
  }

  /** Strikes. A node that is killed starts again at once, and may be missing while the next blow comes. */
  async strike({ name, luck }: Blow): Promise<void> {
    const half = luck * 2 < 1
    const node = this.#nodes[Math.floor(luck * this.#nodes.length)]!
    if (name === 'kill') {
      await node.end('SIGKILL')
      void node.launch()
    } else if (name === 'pubsub') await this.#command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    else if (name === 'redis') await this.#redis.restart(half ? 'SIGTERM' : 'SIGKILL')
    else {
      for (const each of this.#nodes) {
        await each.end('SIGTERM')
        await each.launch()
      }
    }
    this.blows[name]++
  }

  /** Settles when all nodes listen. */
  async whole(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.ready))
    for (const { fault } of this.#nodes) if (fault) throw new Error(fault)
  }

  async stop(): Promise<void> {
    await this.#balancer.stop()
    await Promise.allSettled(this.#nodes.map((node) => node.end('SIGKILL')))
    await this.#redis.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #command(...args: string[]): Promise<void> {
    const client = createClient({ socket: { host: '127.0.0.1', port: this.#redis.port } })
    client.on('error', () => {})
    await client.connect()
    await client.sendCommand(args)
    client.destroy()
  }
}
