// Fails when the client has outgrown its budget. Sizes are bytes after brotli, as a server would send them.
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { imported, minified } from './application.mjs'
import { ALONE } from './minify.mjs'

const core = await imported(ALONE, readFileSync('dist/core.mjs', 'utf8'))

const budgets = [
  ['dist/rungs.mjs', 6000, readFileSync('dist/rungs.mjs')],
  // Proves that the rest can be dropped.
  ['rungs/core with websocket alone', 4000, minified(core)],
  ['dist/diagnose.mjs, for support pages', 6300, readFileSync('dist/diagnose.mjs')],
]

for (const [name, budget, code] of budgets) {
  const size = brotliCompressSync(code).length
  console.log(`${size <= budget ? '✓' : '✗'} ${name}: ${size} of ${budget} bytes`)
  if (size > budget) process.exitCode = 1
}
