import { defineConfig } from 'vitest/config'

// Not `*.test.ts`: they need a client.
export default defineConfig({
  test: {
    include: ['conformance/clients/*.check.ts'],
    allowOnly: false,
    retry: 0,
    testTimeout: 30_000,
    // Each worker starts a program, which may be a browser.
    maxWorkers: 1,
    reporters: ['verbose', 'json'],
    outputFile: { json: 'reports/conformance-client.json' },
  },
})
