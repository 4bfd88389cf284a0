import { expect, test } from './support/test.ts'
import { HEARTBEAT, RECOVERIES, launchPlain, recover } from './traffic/recoveries.mjs'
import { startTraffic } from './traffic/server.mjs'

/** Milliseconds more than promised, for machines that have other work; `npm run bench:recovery` prints the figures. */
const SLACK = 800

for (const recovery of RECOVERIES) {
  test(
    `${recovery.name}: delivering again in ${recovery.limit} ms`,
    { tag: ['@alone', recovery.plain ? '@chromium' : '@matrix'] },
    async ({ browser }) => {
      const server = await startTraffic({ heartbeat: HEARTBEAT })
      const plain = recovery.plain ? await launchPlain() : undefined
      const context = plain?.context ?? (await browser.newContext())
      const { ms, changes, attempts } = await recover(context, server, recovery)
      expect(ms, JSON.stringify({ changes, attempts })).toBeLessThan(recovery.limit + SLACK)
      await (plain ?? context).close()
      await server.close()
    },
  )
}
