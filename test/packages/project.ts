/** A user's project in a folder of its own, outside of the repository, with the packed packages installed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'

/** How a program ended: its exit code, its standard output, and both of its outputs. */
interface Result {
  readonly status: number | null
  readonly stdout: string
  readonly output: string
}

export interface Project {
  /** Runs a program of the project; rejects with all its output if it fails. Returns its standard output. */
  run(program: string, ...args: string[]): Promise<string>
  /** Runs a program that may fail. */
  attempt(program: string, ...args: string[]): Promise<Result>
  /** The text of a file of the project. */
  read(file: string): Promise<string>
  write(file: string, content: string): Promise<void>
}

async function start(folder: string, program: string, args: readonly string[]): Promise<Result> {
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${join(folder, 'node_modules/.bin')}:${process.env.PATH}`,
      // Bundlers and test runners must not believe that they run in a test.
      NODE_ENV: undefined,
      VITEST: undefined,
      NODE_OPTIONS: undefined,
    },
  })
  const [[status], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ])
  return { status, stdout, output: stdout + stderr }
}

/**
 * Copies `fixtures/<fixture>` to a new folder and installs there `dependencies`: names of our packages, or of others with
 * their versions (`vite@8`).
 */
export async function createProject(
  fixture: string,
  dependencies: readonly string[],
): Promise<Project> {
  const folder = await mkdtemp(join(inject('folder'), `${fixture}-`))
  const source = fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url))
  await cp(source, folder, { recursive: true })

  const project: Project = {
    async run(program, ...args) {
      const { status, stdout, output } = await start(folder, program, args)
      if (status === 0) return stdout
      throw new Error(`${program} ${args.join(' ')} exited with ${status}:\n${output}`)
    },
    attempt: (program, ...args) => start(folder, program, args),
    read: (file) => readFile(join(folder, file), 'utf8'),
    write: (file, content) => writeFile(join(folder, file), content),
  }

  await project.write('package.json', JSON.stringify({ name: fixture, private: true }))
  const tarballs = inject('tarballs')
  await project.run(
    'npm',
    'install',
    '--silent',
    ...dependencies.map((name) => tarballs[name] ?? name),
  )
  return project
}
