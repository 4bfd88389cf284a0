import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: { 'rungs/protocol': fileURLToPath(new URL('src/protocol.ts', import.meta.url)) },
  },
  test: {
    // A hang, not a speed: the machines are shared.
    testTimeout: 30_000,
    // Browser tests are `*.spec.ts`.
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    allowOnly: false,
  },
})
