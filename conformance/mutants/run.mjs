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
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { applyTo, readMutants } from './mutant.mjs'

/** At a time: most of it is waiting. */
const AT_ONCE = 3
/** Milliseconds for a test that hangs because of the fault; others need less. */
const PATIENCE = '5000'
const PATIENCE_OF_SLOW = '45000'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
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

/** Runs some files of the suite. Resolves to the first test that failed, if there is one, and how many ran. */
async function runSuite(url, report, checks, only) {
  const words = [
    ...['run', '--config', 'conformance/servers/vitest.config.ts', '--bail', '1'],
    ...(only ? ['-t', only.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')] : []),
    ...checks.map((name) => `servers/${name}.check.ts`),
  ]
  const env = {
    ...process.env,
    RUNGS_URL: url,
    CONFORMANCE_REPORT: report,
    CONFORMANCE_REPORTER: 'dot',
    CONFORMANCE_PATIENCE: PATIENCE,
    CONFORMANCE_PATIENCE_OF_SLOW: PATIENCE_OF_SLOW,
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const suite = spawn(process.execPath, [vitest, ...words], { cwd: root, stdio: 'ignore', env })
  await once(suite, 'exit')
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const failed = testResults
    .flatMap((file) => file.assertionResults)
    .find(({ status }) => status === 'failed')
  // Some files make a session when they are loaded.
  const unloadable = testResults.find((file) => file.status === 'failed')
  const ran = numPassedTests + numFailedTests
  return { ran, killer: failed?.title ?? (unloadable && 'A session cannot even be made.') }
}

/** Resolves to what became of a server with a fault. */
async function run(mutant, index) {
  const folder = join(temporary, String(index))
  cpSync(reference, folder, { recursive: true })
  const path = join(folder, mutant.file)
  writeFileSync(path, applyTo(readFileSync(path, 'utf8'), mutant))
  const { server, url } = await startServer(folder, mutant.flags)
  if (!url) throw new Error(`The server does not start with this fault: ${mutant.fault}`)
  try {
    const { ran, killer } = await runSuite(url, `${folder}.json`, mutant.checks, mutant.only)
    if (ran === 0 && !killer)
      throw new Error(`No test of ${mutant.checks} has run: ${mutant.fault}`)
    return { ...mutant, killer }
  } finally {
    server.kill()
  }
}

/** How a row of the table begins, and how it counts. */
function verdict({ killer, survives }) {
  if (killer) return survives ? 'KILLED, but listed as a survivor' : 'killed'
  return survives ? 'survives' : 'SURVIVES'
}

function printRow(result) {
  const { fault, killer, survives } = result
  console.log(`${verdict(result).padEnd(9)} ${fault}\n          ${killer ?? survives ?? ''}`)
}

/** Runs all, a few at a time. */
async function runAll(mutants) {
  const results = []
  const waiting = [...mutants.entries()]
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const result = await run(next[1], next[0])
      printRow(result)
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

const words = process.argv.slice(2)
const isChosen = ({ list, fault }) =>
  words.length === 0 || words.some((word) => list === word || fault.includes(word))
const lists = readdirSync(here).filter((name) => name.endsWith('.txt'))
const mutants = lists.flatMap((name) =>
  readMutants(readFileSync(join(here, name), 'utf8')).map((mutant) => ({
    ...mutant,
    list: basename(name, '.txt'),
  })),
)
const started = performance.now()
try {
  const results = await runAll(mutants.filter(isChosen))
  const count = (wanted) => results.filter((result) => verdict(result) === wanted).length
  const wrong = results.length - count('killed') - count('survives')
  const seconds = Math.round((performance.now() - started) / 1_000)
  console.log(
    `\n${results.length} mutants in ${seconds} s: ${count('killed')} killed, ${count('survives')} survive for a reason, ` +
      `${wrong} not as listed`,
  )
  if (wrong > 0 || results.length === 0) process.exitCode = 1
} finally {
  rmSync(temporary, { recursive: true })
}
