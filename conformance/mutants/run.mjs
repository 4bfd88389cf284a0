/**
 * Breaks the reference server on purpose, one fault at a time, and runs the suite against it. A mutant that passes shows a hole in
 * the suite.
 *
 *     npm run conformance:mutants                  all
 *     npm run conformance:mutants -- packets mark  of a list, or whose faults have one of these words
 *
 * The lists of mutants are the text files beside this one; `mutant.mjs` says how to read them.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { applyTo } from './mutant.mjs'
import { readLists, runMutants, runSuite } from './runner.mjs'

/** At a time: most of it is waiting. */
const AT_ONCE = 3
/** Milliseconds for a test that hangs because of the fault; others need less. */
const PATIENCE = '5000'
const PATIENCE_OF_SLOW = '45000'

const reference = fileURLToPath(new URL('../reference', import.meta.url))
const temporary = mkdtempSync(join(tmpdir(), 'rungs-mutants-'))

/** Starts the server in a folder, and resolves to its process and URL. */
async function startServer(folder, flags) {
  const server = spawn(process.execPath, [join(folder, 'main.mjs'), '0', ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = await Promise.race([
    once(createInterface({ input: server.stdout }), 'line'),
    once(server, 'exit').then(() => ['']),
  ])
  return { server, url: /http:\S+/.exec(line)?.[0] }
}

/** Runs the suite against a server with a fault. */
async function run(mutant, index) {
  const folder = join(temporary, String(index))
  cpSync(reference, folder, { recursive: true })
  const path = join(folder, mutant.file)
  writeFileSync(path, applyTo(readFileSync(path, 'utf8'), mutant))
  const { server, url } = await startServer(folder, mutant.flags)
  if (!url) throw new Error(`The server does not start with this fault: ${mutant.fault}`)
  try {
    return await runSuite('servers', `${folder}.json`, mutant, {
      RUNGS_URL: url,
      CONFORMANCE_PATIENCE: PATIENCE,
      CONFORMANCE_PATIENCE_OF_SLOW: PATIENCE_OF_SLOW,
    })
  } finally {
    server.kill()
  }
}

const lists = fileURLToPath(new URL('.', import.meta.url))
try {
  await runMutants(readLists(lists, process.argv.slice(2)), AT_ONCE, run)
} finally {
  rmSync(temporary, { recursive: true })
}
