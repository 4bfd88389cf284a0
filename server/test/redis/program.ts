/** Programs of Node in processes of their own, which say on one line where they are. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface Program {
  readonly child: ChildProcess
  /** Its first line. */
  readonly line: string
  /** All that it has written as errors. */
  errors(): string
}

/** Starts a program until the test has finished. Settles when it has written a line; rejects if it ends before. */
export async function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', (text) => (errors += String(text)))
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${args[0]} ended: ${errors}`)
  })
  // Later, a program may end.
  ended.catch(() => {})
  const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer]
  return { child, line: String(line).trim(), errors: () => errors }
}
