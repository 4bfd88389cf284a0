/**
 * Breaks our own client on purpose, one fault at a time, builds it, and runs the suite for clients against it in Chromium.
 *
 *     npm run conformance:client-mutants               all
 *     npm run conformance:client-mutants -- gap token  whose faults have one of these words
 *
 * The mutants are in the folder `clients`; `mutant.mjs` says how to read them.
 */
import { build } from 'esbuild'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { applyTo } from './mutant.mjs'
import { readLists, root, runMutants, runSuite } from './runner.mjs'

/** At a time: each has a browser. */
const AT_ONCE = 2
/** Milliseconds for a test that hangs because of the fault. */
const PATIENCE = '20000'

const temporary = mkdtempSync(join(tmpdir(), 'rungs-client-mutants-'))

/** Runs the suite against a client with a fault. */
async function run(mutant, index) {
  const folder = join(temporary, String(index))
  cpSync(join(root, 'src'), folder, { recursive: true })
  const path = join(folder, mutant.file)
  writeFileSync(path, applyTo(readFileSync(path, 'utf8'), mutant))
  const script = `${folder}.js`
  await build({
    entryPoints: [join(folder, 'index.ts')],
    outfile: script,
    bundle: true,
    format: 'iife',
    globalName: 'rungs',
    logLevel: 'error',
  })
  return runSuite('clients', `${folder}.json`, mutant, {
    RUNGS_CLIENT: JSON.stringify(['node', 'conformance/clients/chromium.mjs', script]),
    CONFORMANCE_PATIENCE: PATIENCE,
  })
}

const lists = fileURLToPath(new URL('clients', import.meta.url))
try {
  await runMutants(readLists(lists, process.argv.slice(2)), AT_ONCE, run)
} finally {
  rmSync(temporary, { recursive: true })
}
