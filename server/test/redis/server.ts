/** A server of Redis or Valkey for one run of tests, on a free port of its own, with a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface RedisServer {
  readonly port: number
  /** The process that runs now. */
  readonly process: ChildProcess
  /**
   * Ends the server by a signal, and starts it again at the same port, with what it has on the disk. `SIGTERM` lets it finish
   * what it does, `SIGKILL` does not.
   */
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Ends the server, and deletes its folder. */
  stop(): Promise<void>
}

/**
 * Starts a server, which writes nothing to the disk unless arguments say so.
 *
 * @param program `redis-server` or `valkey-server`.
 */
export async function startRedis(program: string, ...args: string[]): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rungs-redis-'))
  const port = await freePort()
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const launch = async (): Promise<ChildProcess> => {
    const child = spawn(program, [...own, ...args], { stdio: 'ignore' })
    await waitUntilListening(port, child)
    return child
  }
  let child = await launch()
  // Nobody is left behind, however the tests end.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  return {
    port,
    get process() {
      return child
    },
    async restart(signal) {
      await end(signal)
      child = await launch()
    },
    async stop() {
      process.off('exit', kill)
      await end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function waitUntilListening(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`)
    const socket = createConnection(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      // The server is not there yet.
      await delay(20)
    } finally {
      socket.destroy()
    }
  }
}
