// @ts-check
/**
 * `npm run test:proxies`: real proxies, real browsers. Prints a table, and exits with 1 if an expectation fails.
 *
 *     --only nginx,haproxy   these proxies alone
 *     --grep reload          configurations whose name has this in it
 *     --minutes 2            of idleness and traffic in each
 *     --browsers chromium    these alone; chromium, firefox and webkit by default
 *     --parallel 6           configurations at a time
 *     --quick                the short half, which is part of `npm test`
 *     --write                writes the table into docs/proxies.md
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    grep: { type: 'string' },
    minutes: { type: 'string' },
    browsers: { type: 'string' },
    parallel: { type: 'string' },
    quick: { type: 'boolean' },
    write: { type: 'boolean' },
  },
})
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const variables = {
  PROXIES_ONLY: values.only,
  PROXIES_MINUTES: values.minutes,
  PROXIES_BROWSERS: values.browsers,
  PROXIES_PARALLEL: values.parallel,
  PROXIES_QUICK: values.quick && '1',
  PROXIES_WRITE: values.write && '1',
}
const env = { ...process.env }
for (const [name, value] of Object.entries(variables)) if (value) env[name] = value
const grep = values.grep ? ['--grep', values.grep] : []
const { status } = spawnSync(
  'npx',
  ['playwright', 'test', '--config', 'e2e/proxies/playwright.config.ts', ...grep],
  { stdio: 'inherit', cwd: ROOT, env },
)
process.exitCode = status ?? 1
