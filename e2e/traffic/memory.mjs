// @ts-check
/** What a page and a server hold on to, and whether it grows. */

/** @import { CDPSession, Page } from '@playwright/test' */

/** @param {Page} page */
export async function watchMemory(page) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable')
  return () => read(cdp)
}

/** @param {CDPSession} cdp */
async function read(cdp) {
  await cdp.send('HeapProfiler.collectGarbage')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const of = (/** @type {string} */ name) =>
    metrics.find((metric) => metric.name === name)?.value ?? NaN
  return {
    heap: of('JSHeapUsedSize'),
    nodes: of('Nodes'),
    frames: of('Frames'),
    listeners: of('JSEventListeners'),
  }
}

/**
 * Complains when the last values are more than `allowed` above the first ones; of three each the one in the middle, for
 * what waits in an outage is no leak.
 *
 * @param {string} what
 * @param {readonly number[]} values
 * @param {number} allowed
 */
export function growth(what, values, allowed) {
  const [before, after] = [values.slice(0, 3), values.slice(-3)].map(
    (some) => some.toSorted((a, b) => a - b)[some.length >> 1] ?? NaN,
  )
  const text = `${what}: ${before} → ${after}`
  return { text, grew: !(Number(after) - Number(before) <= allowed) }
}
