/** `npm run test:cluster`, whose arguments `run.mjs` turns into variables. */
import { defineConfig } from '@playwright/test'
import { chooseEngines } from '../support/engines.ts'

const { env } = process
const json = env.PLAYWRIGHT_JSON_OUTPUT_FILE

export default defineConfig({
  testMatch: /\.check\.ts$/,
  workers: 1,
  retries: 0,
  // A busy machine takes longer: messages flow until all blows were struck.
  timeout: (3 * Number(env.CLUSTER_MINUTES ?? 1) + 5) * 60_000,
  forbidOnly: !!env.CI,
  reporter: [['list'], ...(json ? ([['json', { outputFile: `../../${json}` }]] as const) : [])],
  outputDir: '../../test-results',
  projects: chooseEngines(env)
    .filter(({ name }) => name === 'chromium')
    .map(({ name, browserName, launchOptions }) => ({
      name,
      use: { browserName, ...(launchOptions && { launchOptions }) },
    })),
})
