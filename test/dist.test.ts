/** The built files, as they are shipped: run `npm run build` first. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { parse } from 'acorn'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { imports, sources } from './imports.ts'

const ENTRIES = ['index', 'core', 'diagnose', 'protocol']

/** A page loads these alone, minified, each with a source map and types. */
const SCRIPTS = ['rungs.js', 'rungs.min.mjs', 'diagnose.min.mjs']

const require = createRequire(import.meta.url)

/** The files below a folder, as paths from there. */
function files(folder: string, extension: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .sort()
}

const read = (path: string): string => readFileSync(path, 'utf8')

/** Whether anything is left of a source file without its types. */
function hasCode(path: string): boolean {
  const compilerOptions = { target: ts.ScriptTarget.ES2020, verbatimModuleSyntax: true }
  const { outputText } = ts.transpileModule(read(path), {
    compilerOptions: { ...compilerOptions, removeComments: true },
  })
  return outputText.trim() !== 'export {};'
}

/** The client's modules, by their paths in `src` and in `dist/esm`. Files for ES5 are in the script alone. */
const modules = sources('src')
  .filter((file) => !file.endsWith('.es5.ts') && hasCode(`src/${file}`))
  .map((file) => file.replace(/\.ts$/, ''))

test('dist holds the scripts, the types of each entry, and the modules in two folders', () => {
  expect(readdirSync('dist').sort()).toEqual(
    [
      ...SCRIPTS.flatMap((name) => [name, `${name}.map`]),
      ...['rungs.d.ts', 'rungs.min.d.mts', 'diagnose.min.d.mts'],
      ...ENTRIES.flatMap((name) => [`${name}.d.ts`, `${name}.d.cts`]),
      ...['cjs', 'esm'],
    ].sort(),
  )
})

test('dist/esm holds a module and its source map for each source file, and nothing else', () => {
  expect(files('dist/esm', '')).toEqual(
    expect.arrayContaining(modules.map((name) => `${name}.mjs`)),
  )
  expect(files('dist/esm', '.mjs')).toEqual(modules.map((name) => `${name}.mjs`).sort())
  expect(files('dist/esm', '.map')).toEqual(modules.map((name) => `${name}.mjs.map`).sort())
})

test('dist/cjs holds a module for each source file, and nothing else', () => {
  expect(files('dist/cjs', '.cjs')).toEqual(modules.map((name) => `${name}.cjs`).sort())
  expect(files('dist/cjs', 'js')).toEqual(files('dist/cjs', '.cjs'))
})

test.each(modules)('dist/esm/%s.mjs imports nothing but modules beside it', (name) => {
  const outside = imports(`dist/esm/${name}.mjs`).filter(
    (from) => !from.startsWith('.') || !existsSync(resolve('dist/esm', name, '..', from)),
  )
  expect(outside).toEqual([])
})

test.each(modules)(
  'dist/esm/%s.mjs keeps the annotations of calls without side effects',
  (name) => {
    const count = (path: string): number => read(path).split('/*#__PURE__*/').length - 1
    expect(count(`dist/esm/${name}.mjs`)).toBe(count(`src/${name}.ts`))
  },
)

test.each([
  ...modules.map((name) => `dist/esm/${name}.mjs`),
  ...['dist/rungs.min.mjs', 'dist/diagnose.min.mjs'],
])('the syntax of %s is ES2020', (path) => {
  expect(() => parse(read(path), { ecmaVersion: 2020, sourceType: 'module' })).not.toThrow()
})

test('the modules keep their comments', () => {
  expect(read('dist/esm/index.mjs')).toContain('@param url')
  expect(read('dist/esm/protocol/packets.mjs')).toContain('PROTOCOL.md')
})

test.each(['dist/rungs.min.mjs', 'dist/diagnose.min.mjs'])('%s is one file', (path) => {
  expect(imports(path)).toEqual([])
})

test.each([
  ...ENTRIES.flatMap((name) => [`dist/esm/${name}.mjs`, `dist/cjs/${name}.cjs`]),
  ...['dist/rungs.min.mjs', 'dist/diagnose.min.mjs'],
])('%s does nothing when it is imported', async (path) => {
  const before = Object.keys(globalThis)
  await import(resolve(path))
  expect(Object.keys(globalThis)).toEqual(before)
})

test.each([
  ['dist/esm', 'mjs', (path: string) => import(path) as Promise<object>],
  ['dist/cjs', 'cjs', async (path: string) => require(path) as object],
] as const)('the entries in %s have one class RungsError', async (folder, extension, load) => {
  const entries = ['index', 'core', 'diagnose'].map((name) =>
    load(resolve(folder, `${name}.${extension}`)),
  )
  const [first, ...others] = (await Promise.all(entries)) as { RungsError?: unknown }[]
  expect(first?.RungsError).toBeTypeOf('function')
  for (const { RungsError } of others) expect(RungsError).toBe(first?.RungsError)
})

test.each(ENTRIES)(
  'CommonJS gets the same names and types of %s as ES modules do',
  async (name) => {
    const esm = (await import(resolve(`dist/esm/${name}.mjs`))) as object
    const cjs = require(resolve(`dist/cjs/${name}.cjs`)) as object
    expect(Object.keys(cjs).sort()).toEqual(Object.keys(esm).sort())
    expect(read(`dist/${name}.d.cts`)).toBe(read(`dist/${name}.d.ts`))
  },
)

test('the types of the script name its global', () => {
  expect(read('dist/rungs.d.ts')).toBe(
    `${read('dist/index.d.ts').trimEnd()}\nexport as namespace rungs;\n`,
  )
})

/** The source files that a map names, as paths from here. */
function mapped(file: string): string[] {
  const map = JSON.parse(read(file)) as { sources: string[]; sourcesContent?: unknown }
  expect(map.sourcesContent, 'the sources are in the package').toBeUndefined()
  return map.sources.map((source) => relative('.', join(file, '..', source)))
}

const MAPS = {
  src: files('dist', '.map').map((file) => `dist/${file}`),
  'server/src': files('server/dist', '.map').map((file) => `server/dist/${file}`),
}

test.each(Object.entries(MAPS))('source maps name files in %s, and no others', (folder, maps) => {
  expect(maps.length).toBeGreaterThan(20)
  for (const path of maps.flatMap(mapped)) {
    expect(path.startsWith(`${folder}/`), path).toBe(true)
    expect(existsSync(path), path).toBe(true)
  }
})

const length = (paths: string[]): number => paths.map(read).join('').length

test.each([
  ...SCRIPTS.map((name) => [`dist/${name}.map`]),
  MAPS.src.filter((file) => file.startsWith('dist/esm/')),
  MAPS['server/src'],
])('%s and what lies beside it are smaller than their sources', (...maps) => {
  expect(length(maps)).toBeLessThan(length(maps.flatMap(mapped)))
})

test.each(files('server/dist', 'js'))('server/dist/%s needs Node, ws, and no client', (file) => {
  const packages = [
    ...imports(`server/dist/${file}`),
    ...[...read(`server/dist/${file}`).matchAll(/require\('([^']+)'\)/g)].map(([, from]) => from!),
  ].filter((from) => !from.startsWith('.'))
  expect(packages.filter((from) => from !== 'ws' && !from.startsWith('node:'))).toEqual([])
})

test.each(['index.d.ts', 'index.d.cts'])('server/dist/%s needs Node, ws, and no client', (file) => {
  expect(
    imports(`server/dist/${file}`).filter((from) => from !== 'ws' && !from.startsWith('node:')),
  ).toEqual([])
})
