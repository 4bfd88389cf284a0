/**
 * Each check of `npm run check` starts on a machine without browsers: CI installs them only for the end-to-end tests.
 * Here they are hidden (`scripts/hide-browsers.mjs`), and `REQUIRE_ALL_BROWSERS=1` is set, as on CI.
 */
import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

const env = {
  ...process.env,
  REQUIRE_ALL_BROWSERS: '1',
  NODE_OPTIONS: `--import ${pathToFileURL('scripts/hide-browsers.mjs')}`,
}

const MISSING = /no chromium, no firefox, no webkit/

/** Longer than any of these commands takes where others use the machine, too. */
const HANG = 120_000

function run(command: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, { shell: true, env, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

const PROGRAMS = `
  import { execFile, spawn, spawnSync } from 'node:child_process'
  import { once } from 'node:events'
  import { promisify } from 'node:util'
  const codes = async (program) => [
    spawnSync(program).error?.code ?? 'ran',
    await once(spawn(program), 'exit').then(() => 'ran', ({ code }) => code),
    await promisify(execFile)(program).then(({ stdout }) => 'ran' + stdout, ({ code }) => code),
  ]
  console.log(await codes('true'), await codes('/usr/bin/chromium'), await codes('firefox'))
`

test('what hides browsers lets all else run', () => {
  expect(run(`node --input-type=module --eval "${PROGRAMS}"`).output).toBe(
    "[ 'ran', 'ran', 'ran' ] [ 'ENOENT', 'ENOENT', 'ENOENT' ] [ 'ENOENT', 'ENOENT', 'ENOENT' ]\n",
  )
})

test.each([
  ['build', `node --input-type=module --eval "await import('./rollup.config.js')"`],
  ['unit', 'npx vitest list --filesOnly'],
  ['conformance', 'npx vitest list --filesOnly --config conformance/servers/vitest.config.ts'],
  ['knip', 'npx knip'],
  ['the list of end-to-end tests', 'npx playwright test --list'],
])(
  '%s starts where no browser is installed',
  (_, command) => {
    const { status, output } = run(command)
    expect(status, output).toBe(0)
  },
  HANG,
)

test(
  'the end-to-end tests do not start where a browser is missing that is required, and say which',
  () => {
    const { status, output } = run('npx playwright test')
    expect(status).toBe(1)
    expect(output).toMatch(MISSING)
    expect(output).not.toMatch(/Running \d+ test/)
  },
  HANG,
)
