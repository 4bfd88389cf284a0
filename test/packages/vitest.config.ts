import { defineConfig } from 'vitest/config'

/** `npm run test:packages`: installs from the registry, so it takes minutes and is no part of `npm test`. */
export default defineConfig({
  test: {
    // Not `*.test.ts`: `npm run unit` leaves them out.
    include: ['test/packages/*.check.ts'],
    globalSetup: 'test/packages/pack.ts',
    allowOnly: false,
    retry: 0,
    reporters: ['verbose'],
    // A hang, not a speed: an installation takes as long as the registry.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Each of them has enough to do with one processor.
    fileParallelism: false,
  },
})
