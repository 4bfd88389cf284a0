import { defineConfig } from '@playwright/test'
import { chooseEngines } from './e2e/support/engines.ts'
import type { Options } from './e2e/support/test.ts'

const { env } = process
const json = env.PLAYWRIGHT_JSON_OUTPUT_FILE

/** `npm run e2e:slow`: what takes too long for every day. */
const slow = env.E2E_SLOW === '1'

/** Tags of tests that do not run in an engine. What is `@matrix` runs in the others in the slow run alone. */
const notFor = (engine: string): RegExp[] => [
  ...(engine === 'chromium' ? [] : [/@chromium/, ...(slow ? [] : [/@matrix/])]),
  ...(engine === 'wpe' ? [/@tabs/] : []),
]

/**
 * `*.x.spec.ts` use the `tab` fixture and run in every engine; `*.spec.ts` need Playwright's `page`, which cannot
 * drive a system WebKit, so they run in Chromium and Firefox.
 */
export default defineConfig<Options>({
  testDir: 'e2e',
  globalSetup: './e2e/support/require-engines.ts',
  fullyParallel: true,
  // Most of a test is waiting, also on two cores.
  workers: 3,
  ...(slow && { grep: /@matrix/ }),
  retries: 0, // A flaky test is a bug, in the test or in what it tests.
  timeout: 30_000,
  expect: { timeout: 10_000 },
  forbidOnly: !!env.CI,
  reporter: json ? [['list'], ['json', { outputFile: json }]] : [['list']],
  projects: chooseEngines(env).map(({ name, browserName, channel, launchOptions, webdriver }) => ({
    name,
    testMatch: browserName === 'webkit' ? /\.x\.spec\.ts$/ : /\.spec\.ts$/,
    grepInvert: notFor(name),
    use: {
      browserName,
      ...(channel && { channel }),
      ...(launchOptions && { launchOptions }),
      ...(webdriver && { webdriver }),
    },
  })),
})
