/** A user's project in a folder of its own, outside of the repository, with the packed packages installed. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'

export interface Project {
  /** Runs a program of the project; throws with all its output if it fails. Returns its standard output. */
  run(program: string, ...args: string[]): string
  /** Runs a program that may fail. Returns its exit code and all its output. */
  attempt(program: string, ...args: string[]): { status: number | null; output: string }
  /** The text of a file of the project. */
  read(file: string): string
  write(file: string, text: string): void
}

/**
 * Copies `fixtures/<fixture>` to a new folder and installs there `dependencies`: names of our packages, or of others with
 * their versions (`vite@8`).
 */
export function createProject(fixture: string, dependencies: readonly string[]): Project {
  const root = mkdtempSync(join(inject('folder'), `${fixture}-`))
  cpSync(fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url)), root, { recursive: true })
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: fixture, private: true }))

  function start(program: string, args: readonly string[]): SpawnSyncReturns<string> {
    // Bundlers and test runners must not believe that they run in a test.
    const env = { ...process.env, NODE_ENV: undefined, VITEST: undefined, NODE_OPTIONS: undefined }
    const result = spawnSync(program, args, {
      cwd: root,
      encoding: 'utf8',
      env: { ...env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
    })
    if (result.error) throw result.error
    return result
  }

  const run: Project['run'] = (program, ...args) => {
    const { status, stdout, stderr } = start(program, args)
    if (status === 0) return stdout
    throw new Error(`${program} ${args.join(' ')} exited with ${status}:\n${stdout}${stderr}`)
  }

  const tarballs = inject('tarballs')
  run('npm', 'install', '--silent', ...dependencies.map((name) => tarballs[name] ?? name))

  return {
    run,
    attempt(program, ...args) {
      const { status, stdout, stderr } = start(program, args)
      return { status, output: stdout + stderr }
    },
    read: (file) => readFileSync(join(root, file), 'utf8'),
    write: (file, text) => writeFileSync(join(root, file), text),
  }
}
