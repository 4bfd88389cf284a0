/** Builds `dist/` and `server/dist/`; CONTRIBUTING.md says what each file is for. */
import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dts } from 'rollup-plugin-dts'
import { minify as terser } from 'terser'
import ts from 'typescript'

const root = fileURLToPath(new URL('.', import.meta.url))

/** The entries of the package `rungs`. */
const ENTRIES = ['src/index.ts', 'src/core.ts', 'src/diagnose.ts', 'src/protocol.ts']
const [INDEX, , DIAGNOSE, PROTOCOL] = ENTRIES
const SERVER = ['server/src/index.ts', 'server/src/redis/index.ts']
const [, REDIS] = SERVER

const external = ['ws', ...builtinModules.map((name) => `node:${name}`)]

const RESOLVED = {
  // The server's one import from the client, which becomes part of the server: it does not depend on the client.
  'rungs/protocol': resolve(root, PROTOCOL),
  // The helpers of TypeScript's ES5: imported, so that each is in the bundle once and none is global.
  tslib: resolve(root, 'node_modules/tslib/tslib.es6.js'),
}
const resolved = { name: 'resolved', resolveId: (id) => RESOLVED[id] }

/** ES5 engines get `engine.es5.ts` instead of `engine.ts`, and so for any file that has such a neighbour. */
const oldEngine = {
  name: 'old-engine',
  resolveId(id, importer) {
    if (!importer || !id.endsWith('.ts')) return null
    const es5 = resolve(dirname(importer), id.replace(/\.ts$/, '.es5.ts'))
    return existsSync(es5) ? es5 : null
  },
}

/** The comment about a whole file, which stands above its imports. */
const HEADER = /^\/\*\*.*?\*\/\n+(?=import )/s

/**
 * Removes the types and lowers the syntax; `npm run types` checks. Source maps name the files below `sources`, which the
 * package contains, so that they need no copy of them; code from elsewhere is not mapped. The header is left to `banner`,
 * because it would go with the imports.
 */
const typescript = (target, sources) => ({
  name: 'typescript',
  transform(code, fileName) {
    const body = code.replace(HEADER, (header) => header.replace(/./g, ''))
    const { outputText, sourceMapText } = ts.transpileModule(body, {
      fileName,
      compilerOptions: {
        target,
        module: ts.ModuleKind.ESNext,
        importHelpers: true,
        verbatimModuleSyntax: true,
        sourceMap: true,
      },
    })
    const mapped = fileName.startsWith(resolve(root, sources))
    return { code: outputText, map: mapped ? sourceMapText : { mappings: '' } }
  },
})

const banner = ({ facadeModuleId }) =>
  HEADER.exec(readFileSync(facadeModuleId, 'utf8'))?.[0].trimEnd() ?? ''

/** terser with its defaults: webpack brings it anyway, and swc's output is within 1 % of it after brotli. */
const minify = (ecma, module) => ({
  name: 'minify',
  renderChunk: (code) => terser(code, { ecma, module, sourceMap: true }),
})

const maps = { sourcemap: true, sourcemapExcludeSources: true }

/** One readable module for each source file: bundlers drop what is not used, and entries share what they import. */
const modules = { preserveModules: true, banner }
const esModules = { ...modules, ...maps, entryFileNames: '[name].mjs' }
const commonJS = {
  ...modules,
  format: 'cjs',
  exports: 'named',
  esModule: true,
  entryFileNames: '[name].cjs',
}

/** For a script tag: ES5, and the global `rungs`. */
const script = {
  input: INDEX,
  plugins: [resolved, oldEngine, typescript(ts.ScriptTarget.ES5, 'src')],
  output: {
    ...maps,
    file: 'dist/rungs.js',
    format: 'iife',
    name: 'rungs',
    esModule: false,
    plugins: [minify(5, false)],
  },
}

/** For a page without a bundler: all of an entry in one module. */
const moduleScript = (input, file) => ({
  input,
  plugins: [typescript(ts.ScriptTarget.ES2020, 'src')],
  output: { ...maps, file, plugins: [minify(2020, true)] },
})

const client = {
  input: ENTRIES,
  plugins: [typescript(ts.ScriptTarget.ES2020, 'src')],
  output: [
    { ...esModules, dir: 'dist/esm' },
    { ...commonJS, dir: 'dist/cjs' },
  ],
}

/** The client's files in the server get a folder of their own; its assets are read by their place beside `dist`. */
const serverModules = (format) => ({
  ...format,
  dir: 'server/dist',
  preserveModulesRoot: 'server/src',
  entryFileNames: ({ name }) =>
    format.entryFileNames.replace('[name]', name.replace(/^src\//, 'rungs/')),
})
const fileUrl = {
  name: 'file-url',
  resolveImportMeta: (property, { format }) =>
    property === 'url' && format === 'cjs'
      ? `require('node:url').pathToFileURL(__filename).href`
      : null,
}
const server = {
  input: SERVER,
  external,
  plugins: [resolved, fileUrl, typescript(ts.ScriptTarget.ES2022, 'server/src')],
  output: [serverModules(esModules), serverModules(commonJS)],
}

/** The store in Redis has its types from the server: a class that is declared twice would be two types. */
const sharedTypes = {
  name: 'shared-types',
  resolveId: (id, importer) =>
    importer === resolve(root, REDIS) && id === '../store/store.ts'
      ? { id: '@rungs/server', external: true }
      : null,
}

/** The types of an entry, in one file for each kind of module. */
const types = (input, tsconfig, ...output) => ({
  input,
  external,
  plugins: [sharedTypes, resolved, dts({ tsconfig })],
  output,
})
const clientTypes = ENTRIES.map((input) => {
  const file = input.replace('src/', 'dist/').replace(/\.ts$/, '')
  return types(input, 'src/tsconfig.json', { file: `${file}.d.ts` }, { file: `${file}.d.cts` })
})
const scriptTypes = [
  types(
    INDEX,
    'src/tsconfig.json',
    { file: 'dist/rungs.d.ts', footer: 'export as namespace rungs;' },
    { file: 'dist/rungs.min.d.mts' },
  ),
  types(DIAGNOSE, 'src/tsconfig.json', { file: 'dist/diagnose.min.d.mts' }),
]
const serverTypes = SERVER.map((input) => {
  const file = input.replace('/src/', '/dist/').replace(/\.ts$/, '')
  return types(input, 'server/tsconfig.json', { file: `${file}.d.ts` }, { file: `${file}.d.cts` })
})

export default [
  script,
  moduleScript(INDEX, 'dist/rungs.min.mjs'),
  moduleScript(DIAGNOSE, 'dist/diagnose.min.mjs'),
  client,
  server,
  ...clientTypes,
  ...scriptTypes,
  ...serverTypes,
]
