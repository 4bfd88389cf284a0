// Fails when the client has outgrown its budget. Sizes are bytes after brotli, as a server would send them.
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { minify } from '@swc/core'
import { rollup } from 'rollup'

/** What an application gets that imports only this, with a minifier of its own: proves that the rest can be dropped. */
async function bundled(statement) {
  const entry = {
    name: 'entry',
    resolveId: (id) => (id === 'entry' ? id : null),
    load: (id) => (id === 'entry' ? statement : null),
  }
  const bundle = await rollup({ input: 'entry', plugins: [entry] })
  const { output } = await bundle.generate({})
  const { code } = await minify(output[0].code, { module: true, ecma: 2020, mangle: true })
  return code
}

const budgets = [
  ['dist/rungs.mjs', 6000, readFileSync('dist/rungs.mjs')],
  // The aim is 4,000: hedging and the trace took more than was planned for. Until that is won back, it may not grow.
  [
    'rungs/core with websocket alone (aim: 4000)',
    4150,
    await bundled(`export { connect, websocket } from './dist/core.mjs'`),
  ],
  ['dist/diagnose.mjs, for support pages', 6300, readFileSync('dist/diagnose.mjs')],
]

for (const [name, budget, code] of budgets) {
  const size = brotliCompressSync(code).length
  console.log(`${size <= budget ? '✓' : '✗'} ${name}: ${size} of ${budget} bytes`)
  if (size > budget) process.exitCode = 1
}
