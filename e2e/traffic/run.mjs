// @ts-check
/** One page and the server send each other numbers through a storm, and this is what came of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startFaultProxy } from '../faults/proxy.mjs'
import { TRANSPORTS, rage, storm } from './weather.mjs'

/** @import { Page } from '@playwright/test' */
/** @import { TransportName } from '../../src/types.ts' */
/** @import { PlainOptions } from '../support/app.ts' */
/** @import { startTraffic } from './server.mjs' */

/** @typedef {Awaited<ReturnType<typeof startTraffic>>} TrafficServer */

/** Milliseconds from one message to the next: 100 a second. */
const GAP = 10
/** Milliseconds in which everything must have arrived once the network is good again. */
const CALM = 60_000

/**
 * The whole ladder with this rung on top.
 *
 * @param {TransportName} first
 */
export const ladder = (first) => [first, ...TRANSPORTS.filter((name) => name !== first)]

/**
 * Connects a page, and returns the id of its session once a transport carries.
 *
 * @param {Page} page
 * @param {string} url of the server, or of the proxy before it
 * @param {PlainOptions} options
 */
export async function open(page, url, options) {
  await page.goto(url)
  await page.waitForFunction(() => 'start' in window)
  const id = await page.evaluate(async (given) => {
    window.start(given)
    await window.traffic.carried()
    return window.traffic.socket.id
  }, options)
  return String(id)
}

/**
 * So many numbered messages each way, of the server's own accord too, while a storm blows.
 *
 * @param {Page} page
 * @param {TrafficServer} server
 * @param {{ seed: number, first: TransportName, count: number }} what
 */
export async function deliver(page, server, { seed, first, count }) {
  const proxy = await startFaultProxy({ upstream: server.origin, seed, faults: { only: '/rungs' } })
  try {
    const options = { transports: ladder(first), remember: false }
    const far = server.end(await open(page, proxy.url, options))
    const forecast = storm(seed, count * GAP)
    far.flow(count, GAP)
    await page.evaluate(
      ([all, gap]) => void window.traffic.end.flow(all, gap),
      /** @type {const} */ ([count, GAP]),
    )
    await rage(forecast, {
      proxy,
      use: (transport) =>
        page.evaluate((names) => window.traffic.socket.setTransports(names), ladder(transport)),
    })

    const calm = performance.now()
    const arrived = await Promise.race([
      bothReach(page, far, { up: count, down: count })
        .then(() => lastWords(page, far))
        .then(() => true),
      sleep(CALM, false, { ref: false }),
    ])
    const { counts, ends, changes, attempts } = await page.evaluate(() => window.traffic.report())
    return {
      up: far.tally.counts,
      down: counts,
      ends,
      arrived,
      /** Milliseconds from the end of the storm until everything had arrived. */
      after: Math.round(performance.now() - calm),
      forecast: forecast.map(({ at, blow }) => `${at} ms: ${blow.name} (${blow.ms} ms)`),
      changes,
      attempts,
    }
  } finally {
    await proxy.close()
  }
}

/**
 * The end of the traffic that is in the server, wherever that runs.
 *
 * @typedef {{ reaches(wanted: number): Promise<unknown>, say(): number | Promise<number> }} Far
 */

/**
 * Resolves when the server has so many of the page's messages, and the page so many of the server's.
 *
 * @param {Page} page
 * @param {Far} far
 * @param {{ up: number, down: number }} wanted
 */
export const bothReach = (page, far, { up, down }) =>
  Promise.all([
    far.reaches(up),
    page.evaluate((wanted) => window.traffic.end.reaches(wanted), down),
  ])

/**
 * One more message each way, at its end: what comes in order has let nothing behind.
 *
 * @param {Page} page
 * @param {Far} far
 */
export async function lastWords(page, far) {
  const down = await far.say()
  const up = await page.evaluate(() => window.traffic.end.say())
  await bothReach(page, far, { up, down })
}

/**
 * What must not have happened, in words; nothing, if all is well.
 *
 * @param {Awaited<ReturnType<typeof deliver>>} outcome
 */
export function complaints({ up, down, ends, arrived }) {
  const wrong = [...ends.map((end) => JSON.stringify(end))]
  if (!arrived) wrong.push(`not all arrived within ${CALM} ms: ${JSON.stringify({ up, down })}`)
  for (const [way, { lost, repeated, reordered }] of Object.entries({ up, down }))
    if (lost + repeated + reordered > 0)
      wrong.push(`${way}: ${lost} lost, ${repeated} repeated, ${reordered} reordered`)
  return wrong
}
