import { defineConfig } from 'vitest/config'

// Not `*.test.ts`: they need a client.
export default defineConfig({
  test: {
    include: ['conformance/clients/*.check.ts'],
    allowOnly: false,
    retry: 0,
    testTimeout: Number(process.env.CONFORMANCE_PATIENCE ?? 30_000),
    // Each worker starts a program, which may be a browser.
    maxWorkers: 1,
    reporters: [process.env.CONFORMANCE_REPORTER ?? 'verbose', 'json'],
    outputFile: { json: process.env.CONFORMANCE_REPORT ?? 'reports/conformance-client.json' },
  },
})
