// Runs the checks one after the other, all of them even if one fails, and says at the end how many passed and which were
// left out. Each is a script of package.json. With --all: also those that need browsers and Redis, which `npm test` installs
// and adds to `npm run check`.
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
  'fuzz',
  'size',
  'packages',
  'knip',
]
const INSTALLED = ['install:redis', 'redis', 'browsers', 'e2e', 'e2e:alone', 'proxies', 'cluster']

/** All but those run as on CI's machine before browsers are installed, so that none comes to need one unnoticed. */
const NO_BROWSERS = {
  REQUIRE_ALL_BROWSERS: '1',
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${new URL('hide-browsers.mjs', import.meta.url)}`,
}

/** The reports of test runners, from which each test counts; any other check counts as one. */
const vitest = ({ numPassedTests, numFailedTests }) => [numPassedTests, numFailedTests]
const playwright = ({ stats }) => [stats.expected, stats.unexpected + stats.flaky]
const REPORTS = {
  unit: vitest,
  conformance: vitest,
  redis: vitest,
  e2e: playwright,
  'e2e:alone': playwright,
  proxies: playwright,
  cluster: playwright,
}

/** How many passed and failed. A runner that ran nothing, or fails without a failed test, is one failure. */
function run(name) {
  const report = `reports/${name}.json`
  const env = INSTALLED.includes(name)
    ? { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
    : { ...process.env, ...NO_BROWSERS }
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

/** Tells which tests did not run, and why. Playwright warns of each browser that is missing. */
function leftOut(name, args) {
  const { status, stdout } = spawnSync('npx', ['playwright', 'test', '--list', ...args], {
    encoding: 'utf8',
    env: { ...process.env, REQUIRE_ALL_BROWSERS: '1', PROXIES_QUICK: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [, tests] = /^Total: (.+)$/m.exec(stdout) ?? []
  if (status !== 0 || !tests) throw new Error(`the tests of ${name} cannot be listed:\n${stdout}`)
  return `– ${name}: ${tests} left out, for \`npm run check\` starts no browser; \`npm test\` installs what is missing and runs them`
}

rmSync('reports', { recursive: true, force: true })
mkdirSync('reports')

let passed = 0
let failed = 0
const lines = []
const all = process.argv.includes('--all')
for (const name of all ? [...CHECKS, ...INSTALLED] : CHECKS) {
  const [good, bad] = run(name)
  passed += good
  failed += bad
  lines.push(`${bad ? '✗' : '✓'} ${name}: ${good} passed, ${bad} failed`)
}
if (!all) {
  lines.push(
    '– redis: left out, for `npm run check` starts no server of it; `npm test` does',
    leftOut('e2e', []),
    leftOut('proxies', ['--config', 'e2e/proxies/playwright.config.ts']),
    leftOut('cluster', ['--config', 'e2e/cluster/playwright.config.ts']),
  )
}

const summary = `${passed} passed, ${failed} failed`
writeFileSync('reports/summary.txt', `${summary}\n`)
console.log(`\n${lines.join('\n')}\n${summary}`)
process.exitCode = failed ? 1 : 0
