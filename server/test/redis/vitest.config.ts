/** The tests of the store in Redis: those of every store, of two hubs that share one, and its own. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export default defineConfig({
  root,
  resolve: { alias: { 'rungs/protocol': `${root}src/protocol.ts` } },
  test: {
    // A hang, not a speed: the machines are shared.
    testTimeout: 30_000,
    include: [
      'server/test/store-contract/*.test.ts',
      'server/test/two-hubs*.test.ts',
      'server/test/presence.test.ts',
      'server/test/redis/*.check.ts',
    ],
    globalSetup: 'server/test/redis/setup.ts',
    allowOnly: false,
    // Each library of an application has its turn, with a server of its own.
    projects: ['node-redis', 'ioredis'].map((name) => ({ extends: true as const, test: { name } })),
  },
})
