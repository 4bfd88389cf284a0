/** TypeScript finds the types of every entry, whatever resolves them, and takes no misuse. */
import { beforeAll, describe, expect, test } from 'vitest'
import { createProject, type Project } from './project.ts'

type CompilerOptions = Readonly<Record<string, string>>

/** The ways to resolve a package; with node16 and nodenext, `.ts` is CommonJS here and `.mts` is a module. */
const MODERN: Readonly<Record<string, CompilerOptions>> = {
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  node16: { module: 'node16' },
  nodenext: { module: 'nodenext' },
}
const NODE10 = { module: 'commonjs', moduleResolution: 'node10' }

/** TypeScript 6.0 calls node10 deprecated, 7.0 no longer has it. */
const VERSIONS: Readonly<Record<string, Readonly<Record<string, CompilerOptions>>>> = {
  '5.9': { ...MODERN, node10: NODE10 },
  '6.0': { ...MODERN, node10: { ...NODE10, ignoreDeprecations: '6.0' } },
  latest: MODERN,
}

/** An error of the compiler: its file, and its line. */
const ERROR = /^(\S+)\((\d+),\d+\): error TS\d+: /gm

/** The lines of `bad.ts`: each is a misuse. */
const MISUSES = [8, 9, 10, 11, 12]

describe.each(Object.entries(VERSIONS))('TypeScript %s', (version, resolutions) => {
  let project: Project
  beforeAll(async () => {
    project = await createProject('typescript', [
      ...['rungs', '@rungs/server'],
      ...[`typescript@${version}`, '@types/node@20'],
    ])
    for (const name of ['good', 'bad']) {
      await project.write(`${name}.mts`, await project.read(`${name}.ts`))
    }
  })

  /** The errors, as `file:line`. */
  async function errors(options: CompilerOptions, ...files: string[]): Promise<string[]> {
    const config = { extends: './tsconfig.json', compilerOptions: options, files }
    await project.write('tsconfig.check.json', JSON.stringify(config))
    const { status, output } = await project.attempt(
      'tsc',
      '-p',
      'tsconfig.check.json',
      '--pretty',
      'false',
    )
    const found = [...output.matchAll(ERROR)].map(([, file, line]) => `${file}:${line}`)
    // An error without a line is one of the configuration.
    expect(status === 0, output).toBe(found.length === 0)
    return found.sort()
  }

  test.each(Object.entries(resolutions))(
    '%s: all entries have types, and a misuse is an error',
    async (_, options) => {
      const files = ['good.ts', 'good.mts', 'bad.ts', 'bad.mts']
      expect(await errors(options, ...files)).toEqual(
        ['bad.ts', 'bad.mts'].flatMap((file) => MISUSES.map((line) => `${file}:${line}`)).sort(),
      )
    },
  )

  test('the global of the script tag has its types', async () => {
    expect(await errors(MODERN.bundler!, 'script.ts')).toEqual([])
  })
})
