import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'

/** A child process that does not outlive this one. */
export interface Child {
  readonly process: ChildProcess
  /** Why it ended, with the end of what it wrote to stderr; `undefined` while it runs. */
  ended(): string | undefined
  stop(): Promise<void>
}

export function start(command: string, args: readonly string[], options: SpawnOptions): Child {
  const child = spawn(command, args, options)
  let complaint = ''
  let end: string | undefined
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000)
  })
  const ended = new Promise<void>((resolve) => {
    const finish = (how: string): void => {
      end = `${command} ${how}\n${complaint}`
      process.off('exit', kill)
      resolve()
    }
    child.once('error', (error) => finish(error.message))
    child.once('exit', (code, signal) => finish(`ended with ${signal ?? code}`))
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    process: child,
    ended: () => end,
    async stop() {
      child.kill()
      const timer = setTimeout(kill, 3000)
      await ended
      clearTimeout(timer)
    },
  }
}

/** A port that was free a moment ago: whoever takes it must be ready to try another. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** An X display of its own; the X server chooses a free number and tells it when it is ready. */
export async function startDisplay(): Promise<Child & { readonly display: string }> {
  const child = start(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp', '-noreset'],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    },
  )
  const numbers = child.process.stdio[3] as Readable
  const number = await Promise.race([
    once(numbers.setEncoding('utf8'), 'data').then(([text]) => String(text).trim()),
    once(numbers, 'close').then(() => ''),
  ])
  if (!number) throw new Error(`no X display: ${child.ended() ?? 'Xvfb named none'}`)
  return { ...child, display: `:${number}` }
}
