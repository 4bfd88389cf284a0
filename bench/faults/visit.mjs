/**
 * One visit of a page: a browser context of its own, through a fault proxy of its own. So nothing that a browser
 * remembers of a host (connections, failures, storage) goes from one client to the next.
 */
import { startFaultProxy } from 'rungs-faults'

/** How long a transport must carry until the ladder counts as settled, and how long that may take. ms */
const STEADY = 2_000
const SETTLE = 15_000

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {string} upstream
 * @param {import('rungs-faults').Faults} faults
 * @param {number} seed
 */
export async function visit(browser, upstream, faults, seed) {
  const proxy = await startFaultProxy({ upstream, faults, seed })
  const context = await browser.newContext()
  const page = await context.newPage()
  const load = async () => {
    await page.goto(proxy.url)
    await page.waitForFunction(() => window.measure)
  }
  await load()
  const counted = () => {
    const { connections, requests } = proxy.stats
    const { websocket, stream, request } = requests
    return { connections: connections.total, requests: websocket + stream + request }
  }
  /** When the client was called. */
  let before = counted()
  const used = () => {
    const now = counted()
    return {
      connections: now.connections - before.connections,
      requests: now.requests - before.requests,
    }
  }

  return {
    reload: load,

    /** The first message of this client, and what the network saw of it until it was there. */
    async first(client) {
      await page.evaluate(() => window.warm())
      // Modes that strike a number of times count from here.
      proxy.set(faults)
      before = counted()
      const result = await page.evaluate((name) => window.measure(name), client)
      return { ...result, ...used() }
    },

    /** What carries in the end, and what it took to get there. */
    async settled(names) {
      const transport = await page.evaluate(
        (args) => window.settled(...args),
        [names, STEADY, SETTLE],
      )
      return { transport, ...used() }
    },

    async close() {
      await context.close()
      await proxy.close()
    },
  }
}
