import { expect, test } from './support/test.ts'
import { complaints, deliver } from './traffic/run.mjs'
import { startTraffic } from './traffic/server.mjs'
import { TRANSPORTS } from './traffic/weather.mjs'

// `npm run delivery` does the same with 20 seeds and 1,000 messages.
const COUNT = 300
const SEED = 1

test.describe.configure({ timeout: 90_000 })

for (const first of TRANSPORTS) {
  test(
    `through cuts, outages, silences and swaps nothing is lost, repeated or reordered, from ${first} on`,
    { tag: first === 'websocket' ? [] : ['@matrix'] },
    async ({ page }) => {
      const server = await startTraffic({ heartbeat: 5_000 })
      const outcome = await deliver(page, server, { seed: SEED, first, count: COUNT })
      await server.close()
      const { forecast, changes, attempts, up, down } = outcome
      expect(complaints(outcome), JSON.stringify({ forecast, changes, attempts })).toEqual([])
      expect([up.received, down.received]).toEqual([COUNT + 1, COUNT + 1])
    },
  )
}
