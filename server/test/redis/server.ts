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
  readonly process: ChildProcess
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
  const process = spawn(program, [...own, ...args], { stdio: 'ignore' })
  const exited = once(process, 'exit')
  await waitUntilListening(port, process)
  return {
    port,
    process,
    async stop() {
      process.kill('SIGTERM')
      await exited
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

async function waitUntilListening(port: number, process: ChildProcess): Promise<void> {
  for (;;) {
    if (process.exitCode !== null) throw new Error(`redis-server ended with ${process.exitCode}`)
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
