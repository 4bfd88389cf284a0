import { defineConfig } from 'vitest/config'

// Not `*.test.ts`: they need a server, and `npm run unit` has none.
const ALL = 'conformance/servers/*.check.ts'
const FLOOD = 'conformance/servers/flood.check.ts'

export default defineConfig({
  test: {
    allowOnly: false,
    retry: 0,
    // The server under test may be slow, or far away; what takes long by its nature says so itself.
    testTimeout: Number(process.env.CONFORMANCE_PATIENCE ?? 30_000),
    maxConcurrency: 100,
    // Most of the time passes by waiting.
    pool: 'threads',
    maxWorkers: 4,
    reporters: [process.env.CONFORMANCE_REPORTER ?? 'verbose', 'json'],
    outputFile: { json: process.env.CONFORMANCE_REPORT ?? 'reports/conformance.json' },
    projects: [
      {
        extends: true,
        test: { name: 'servers', include: [ALL], exclude: [FLOOD], sequence: { groupOrder: 1 } },
      },
      // A server that is flooded may have no room for the other tests.
      { extends: true, test: { name: 'flood', include: [FLOOD], sequence: { groupOrder: 2 } } },
    ],
  },
})
