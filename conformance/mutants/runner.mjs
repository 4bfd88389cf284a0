/** Runs mutants, of whatever program, and says what became of each. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readMutants } from './mutant.mjs'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The mutants of the lists in a folder; those of a list, or whose faults have one of the words, if there are words. */
export function readLists(folder, words) {
  const lists = readdirSync(folder).filter((name) => name.endsWith('.txt'))
  return lists.flatMap((name) =>
    readMutants(readFileSync(join(folder, name), 'utf8')).filter(
      ({ fault }) =>
        words.length === 0 ||
        words.some((word) => basename(name, '.txt') === word || fault.includes(word)),
    ),
  )
}

/**
 * Runs some files of a suite, up to the first test that fails. Resolves to its name, if there is one, and how many tests ran.
 * `suite`: the folder of the suite. `env`: settings for it.
 */
export async function runSuite(suite, report, mutant, env) {
  const { code, ...result } = await runOnce(suite, report, mutant, env, ['--bail', '1'])
  if (code === 0 || result.killer) return result
  // A test that fails beside others can be missing in the report of a run that stops there (Vitest 4).
  const { ran, killer } = await runOnce(suite, report, mutant, env, [])
  return { ran, killer }
}

async function runOnce(suite, report, { checks, only }, env, flags) {
  const words = [
    ...['run', '--config', `conformance/${suite}/vitest.config.ts`, ...flags],
    ...(only ? ['-t', only.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')] : []),
    ...checks.map((name) => `${suite}/${name}.check.ts`),
  ]
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, ...words], {
    cwd: root,
    stdio: 'ignore',
    env: {
      ...process.env,
      CONFORMANCE_REPORT: report,
      CONFORMANCE_REPORTER: 'dot',
      ...env,
    },
  })
  const [code] = await once(child, 'exit')
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const failed = testResults
    .flatMap((file) => file.assertionResults)
    .find(({ status }) => status === 'failed')
  // Some files make a session when they are loaded.
  const unloadable = testResults.find((file) => file.status === 'failed')
  const ran = numPassedTests + numFailedTests
  return { code, ran, killer: failed?.title ?? (unloadable && 'A session cannot even be made.') }
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

/** Runs all mutants, so many at a time, and prints what became of them. `run` resolves to `ran` and `killer` of one. */
export async function runMutants(mutants, atOnce, run) {
  const started = performance.now()
  const results = []
  const waiting = [...mutants.entries()]
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, mutant] = next
      const { ran, killer } = await run(mutant, index)
      if (ran === 0 && !killer) {
        throw new Error(`No test of ${mutant.checks} has run: ${mutant.fault}`)
      }
      const result = { ...mutant, killer }
      printRow(result)
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const count = (wanted) => results.filter((result) => verdict(result) === wanted).length
  const wrong = results.length - count('killed') - count('survives')
  const seconds = Math.round((performance.now() - started) / 1_000)
  console.log(
    `\n${results.length} mutants in ${seconds} s: ${count('killed')} killed, ${count('survives')} survive for a reason, ` +
      `${wrong} not as listed`,
  )
  if (wrong > 0 || results.length === 0) process.exitCode = 1
}
