// Fails when a script has outgrown its budget. Sizes are bytes after brotli, as a server would send them.
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'

const BUDGETS = { 'dist/rungs.js': 8_500 }

for (const [file, budget] of Object.entries(BUDGETS)) {
  const size = brotliCompressSync(readFileSync(file)).length
  console.log(`${size <= budget ? '✓' : '✗'} ${file}: ${size} of ${budget} bytes`)
  if (size > budget) process.exitCode = 1
}
