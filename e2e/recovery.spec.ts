import { expect, test } from './support/test.ts'
import { HEARTBEAT, RECOVERIES, launchPlain, recover } from './traffic/recoveries.mjs'
import { startTraffic } from './traffic/server.mjs'

/** Milliseconds more than promised, for machines that have other work; `npm run bench:recovery` prints the figures. */
const SLACK = 800

for (const recovery of RECOVERIES) {
  test(
    `${recovery.name}: delivering again in ${recovery.limit} ms`,
    // Freezing, the page cache and the connection to the developer tools are Chromium's own.
    { tag: '@chromium' },
    async () => {
      const server = await startTraffic({ heartbeat: HEARTBEAT })
      const browser = await launchPlain()
      const { ms, changes, attempts } = await recover(browser.context, server, recovery)
      expect(ms, JSON.stringify({ changes, attempts })).toBeLessThan(recovery.limit + SLACK)
      await browser.close()
      await server.close()
    },
  )
}
