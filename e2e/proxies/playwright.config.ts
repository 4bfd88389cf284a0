/** `npm run test:proxies`, whose arguments `run.mjs` turns into these variables. */
import { defineConfig } from '@playwright/test'
import { chooseEngines } from '../support/engines.ts'
import type { Options } from '../support/test.ts'

const { env } = process
const quick = env.PROXIES_QUICK === '1'
const browsers = (env.PROXIES_BROWSERS ?? (quick ? 'chromium' : undefined))?.split(',')
const json = env.PLAYWRIGHT_JSON_OUTPUT_FILE

export default defineConfig<Options>({
  testMatch: /\.check\.ts$/,
  fullyParallel: true,
  // Two minutes are mostly idleness, which takes no processor.
  workers: Number(env.PROXIES_PARALLEL ?? (quick ? 2 : 6)),
  retries: 0,
  timeout: 60_000 + (Number(env.PROXIES_MINUTES ?? 2) + 3) * 60_000,
  forbidOnly: !!env.CI,
  reporter: [
    ['list'],
    ['./table.ts'],
    ...(json ? ([['json', { outputFile: `../../${json}` }]] as const) : []),
  ],
  outputDir: '../../test-results',
  projects: chooseEngines(env)
    .filter(({ name }) => !browsers || browsers.includes(name))
    .map(({ name, browserName, channel, launchOptions, webdriver }) => ({
      name,
      use: {
        browserName,
        ...(channel && { channel }),
        ...(launchOptions && {
          launchOptions: {
            ...launchOptions,
            ...(name === 'chromium' && {
              args: [...(launchOptions.args ?? []), '--host-resolver-rules=MAP *.test 127.0.0.1'],
            }),
          },
        }),
        ...(webdriver && { webdriver }),
      },
    })),
})
