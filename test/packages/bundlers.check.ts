/** Bundlers find the modules, drop the code that is not used, and their bundles run. */
import { beforeAll, describe, expect, test } from 'vitest'
import { createProject, type Project } from './project.ts'

interface Bundler {
  readonly name: string
  readonly packages: readonly string[]
  /** The command that builds an entry, `core.js`, into `out/core.js`. */
  command(entry: string): readonly [program: string, ...args: string[]]
}

const BUNDLERS: readonly Bundler[] = [
  {
    name: 'Vite',
    packages: ['vite@8'],
    command: (entry) => [
      'vite',
      'build',
      '--logLevel',
      'error',
      '--mode',
      entry.replace('.js', ''),
    ],
  },
  {
    name: 'webpack',
    packages: ['webpack@5', 'webpack-cli@6'],
    command: (entry) => [
      ...(['webpack', '--mode', 'production', '--entry', `./${entry}`] as const),
      ...['--output-path', 'out', '--output-filename', entry],
    ],
  },
  {
    name: 'esbuild',
    packages: ['esbuild@0.28'],
    command: (entry) => [
      'esbuild',
      entry,
      '--bundle',
      '--minify',
      '--target=es2020',
      '--outdir=out',
    ],
  },
  {
    name: 'Rollup',
    packages: ['rollup@4', '@rollup/plugin-node-resolve@16'],
    command: (entry) => [
      ...(['rollup', entry, '--plugin', 'node-resolve', '--format', 'iife'] as const),
      ...['--file', `out/${entry}`, '--silent'],
    ],
  },
  {
    // Ignores `exports`: it goes by `module` of package.json, and by the folders `core` and `diagnose`.
    name: 'Parcel',
    packages: ['parcel@2'],
    command: (entry) => ['parcel', 'build', entry, '--dist-dir', 'out', '--no-source-maps'],
  },
]

/** Texts that stand in the code of one transport alone, and that no minifier changes. */
const POLLS_AND_STREAMS = ['EventSource', 'long-poll', 'short-poll', 'iframe']

describe.each(BUNDLERS)('$name', ({ packages, command }) => {
  let project: Project
  beforeAll(async () => {
    project = await createProject('bundlers', ['rungs', ...packages])
  })

  test('drops from rungs/core the transports that are not imported, and the bundle runs', async () => {
    await project.run(...command('core.js'))
    const bundle = await project.read('out/core.js')
    expect(bundle).toContain('WebSocket')
    expect(POLLS_AND_STREAMS.filter((text) => bundle.includes(text))).toEqual([])
    expect(await project.run('node', 'out/core.js')).toBe('true unsupported\n')
  })

  test('has one RungsError for all entries, and the bundle runs', async () => {
    await project.run(...command('all.js'))
    const bundle = await project.read('out/all.js')
    expect(POLLS_AND_STREAMS.filter((text) => !bundle.includes(text))).toEqual([])
    expect(await project.run('node', 'out/all.js')).toBe('true unsupported\ntrue true\n')
  })
})

describe.each(BUNDLERS.filter(({ name }) => name === 'webpack' || name === 'esbuild'))(
  '$name',
  ({ packages, command }) => {
    test('takes CommonJS, and the bundle runs', async () => {
      const project = await createProject('bundlers', ['rungs', ...packages])
      await project.run(...command('required.js'))
      expect(await project.run('node', 'out/required.js')).toBe('true unsupported\n')
    })
  },
)
