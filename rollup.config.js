import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { dts } from 'rollup-plugin-dts'
import ts from 'typescript'
import { MODULE, minify } from './scripts/minify.mjs'

const file = (path) => fileURLToPath(new URL(path, import.meta.url))

const resolved = {
  // The one file of the client that the server uses becomes part of the server, which does not depend on the client.
  'rungs/protocol': file('src/protocol.ts'),
  // What the compiler needs in old engines: imported, so that it is in the bundle once and never global.
  tslib: file('node_modules/tslib/tslib.es6.js'),
}
const resolve = { name: 'resolve', resolveId: (id) => resolved[id] }

const oldEngine = {
  name: 'old-engine',
  resolveId: (id) => (id.endsWith('/engine.ts') ? file('src/platform/engine.es5.ts') : null),
}

/** Only takes the types out and lowers the syntax; `npm run types` checks. */
const typescript = (target) => ({
  name: 'typescript',
  transform(code, fileName) {
    if (!fileName.endsWith('.ts')) return null
    const { outputText, sourceMapText } = ts.transpileModule(code, {
      fileName,
      compilerOptions: {
        target,
        module: ts.ModuleKind.ESNext,
        importHelpers: true,
        verbatimModuleSyntax: true,
        sourceMap: true,
      },
    })
    return { code: outputText, map: sourceMapText }
  },
})

/** The client: minified, without dependencies. */
const client = (input, plugins, target, output, properties) => ({
  input,
  plugins: [...plugins, resolve],
  output: { ...output, sourcemap: true, plugins: [minify(target, properties)] },
})

const script = (input, output) =>
  client(
    input,
    [oldEngine, typescript(ts.ScriptTarget.ES5)],
    { ecma: 5, module: false },
    { file: output, format: 'iife', name: 'rungs', esModule: false },
  )

const esModule = (input, output, properties) =>
  client(input, [typescript(ts.ScriptTarget.ES2020)], MODULE, { file: output }, properties)

/** The types in one file. */
const types = (input, output, tsconfig) => ({
  input,
  external,
  plugins: [resolve, dts({ tsconfig })],
  output: { file: output },
})

const external = ['ws', ...builtinModules.map((name) => `node:${name}`)]

export default [
  script('src/index.ts', 'dist/rungs.js'),
  esModule('src/index.ts', 'dist/rungs.mjs'),
  esModule('src/core.ts', 'dist/core.mjs', 'core'),
  esModule('src/diagnose/index.ts', 'dist/diagnose.mjs'),
  esModule('src/protocol.ts', 'dist/protocol.mjs'),
  types('src/index.ts', 'dist/index.d.ts', 'src/tsconfig.json'),
  types('src/core.ts', 'dist/core.d.ts', 'src/tsconfig.json'),
  types('src/diagnose/index.ts', 'dist/diagnose.d.ts', 'src/tsconfig.json'),
  types('src/protocol.ts', 'dist/protocol.d.ts', 'src/tsconfig.json'),
  {
    input: 'server/src/index.ts',
    external,
    plugins: [resolve, typescript(ts.ScriptTarget.ES2022)],
    output: { file: 'server/dist/index.mjs', sourcemap: true },
  },
  types('server/src/index.ts', 'server/dist/index.d.ts', 'server/tsconfig.json'),
]
