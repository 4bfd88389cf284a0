import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Not `*.test.ts`: they need a server, and `npm run unit` has none.
    include: ['conformance/*.check.ts'],
    allowOnly: false,
    retry: 0,
    // The server under test may be slow, or far away; what takes long by its nature says so itself.
    testTimeout: 30_000,
    maxConcurrency: 50,
    reporters: ['verbose', 'json'],
    outputFile: { json: 'reports/conformance.json' },
  },
})
