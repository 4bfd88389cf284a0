// Runs the checks one after the other, all of them even if one fails, and says at the end how many passed. Each is a
// script of package.json. With --browsers: the end-to-end tests too, which `npm test` adds to `npm run check`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const CHECKS = [
  'build',
  'dist',
  'types',
  'lint',
  'format:check',
  'unit',
  'conformance',
  'size',
  'packages',
  'knip',
]
const BROWSERS = ['browsers', 'e2e']

/** The reports of test runners, from which each test counts; any other check counts as one. */
const vitest = ({ numPassedTests, numFailedTests }) => [numPassedTests, numFailedTests]
const REPORTS = {
  unit: vitest,
  conformance: vitest,
  e2e: ({ stats }) => [stats.expected, stats.unexpected + stats.flaky],
}

/** How many passed and failed. A runner that ran nothing, or fails without a failed test, is one failure. */
function run(name) {
  const report = `reports/${name}.json`
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: 'reports/e2e.json' }
  const { status } = spawnSync('npm', ['run', name], { stdio: 'inherit', env })
  if (!REPORTS[name]) return status === 0 ? [1, 0] : [0, 1]
  try {
    const [passed, failed] = REPORTS[name](JSON.parse(readFileSync(report, 'utf8')))
    return [passed, failed || Number(status !== 0 || passed === 0)]
  } catch (error) {
    console.error(`${name} left no report: ${error.message}`)
    return [0, 1]
  }
}

rmSync('reports', { recursive: true, force: true })
mkdirSync('reports')

let passed = 0
let failed = 0
const lines = []
for (const name of process.argv.includes('--browsers') ? [...CHECKS, ...BROWSERS] : CHECKS) {
  const [good, bad] = run(name)
  passed += good
  failed += bad
  lines.push(`${bad ? '✗' : '✓'} ${name}: ${good} passed, ${bad} failed`)
}

const summary = `${passed} passed, ${failed} failed`
writeFileSync('reports/summary.txt', `${summary}\n`)
console.log(`\n${lines.join('\n')}\n${summary}`)
process.exitCode = failed ? 1 : 0
