/**
 * Echo in Chromium: each transport against a plain WebSocket to an echo on `ws`. Short slices, theirs and ours in turn,
 * so that a noisy neighbour hits both.
 */
import { launch } from './browser.mjs'
import { start } from './child.mjs'
import { median, ratio } from './stats.mjs'

const SLICE = 400
const PLAIN = 'plain ws'

/** Rounds of slices: many where there is a budget. */
const SERIES = [
  { transports: ['websocket'], bytes: 20, rounds: 25, budget: true },
  { transports: ['websocket'], bytes: 1024, rounds: 7 },
  { transports: ['sse', 'long-poll', 'short-poll', 'forever-iframe'], bytes: 20, rounds: 5 },
]

const BUDGETS = { 100: { least: 1.2 }, 1: { most: 1.2 } }

export async function echo() {
  const servers = {
    [PLAIN]: await start('servers/ws.mjs'),
    rungs: await start('servers/rungs.mjs'),
  }
  const browser = await launch()
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${await servers.rungs.call('port')}/`)
    await page.waitForFunction(() => window.measure)
    const plainUrl = `ws://127.0.0.1:${await servers[PLAIN].call('port')}/`
    await page.evaluate(([name, url]) => window.openChannel(name, url), [PLAIN, plainUrl])

    const slice = async (name, inFlight, bytes) => {
      const server = servers[name] ?? servers.rungs
      const before = await server.call('cpu')
      const { received, elapsed, gap } = await page.evaluate(
        (args) => window.measure(...args),
        [name, inFlight, bytes, SLICE],
      )
      return {
        // Of latencies the median of a slice: the mean would be that of the machine's other work.
        value: inFlight === 1 ? gap * 1000 : (received / elapsed) * 1000,
        cpu: ((await server.call('cpu')) - before) / received,
      }
    }

    const rows = []
    for (const { transports, bytes, rounds, budget } of SERIES) {
      const names = [PLAIN, ...transports]
      for (const name of transports)
        await page.evaluate((args) => window.openChannel(...args), [name])
      for (const inFlight of [100, 1]) {
        const slices = Object.fromEntries(names.map((name) => [name, []]))
        // The first round lets the engines at both ends compile.
        for (let round = -1; round < rounds; round++) {
          for (const name of names) {
            const measured = await slice(name, inFlight, bytes)
            if (round >= 0) slices[name].push(measured)
          }
        }
        for (const name of names) {
          rows.push(
            row(name, inFlight, bytes, slices[name], slices[PLAIN], budget && BUDGETS[inFlight]),
          )
        }
      }
    }
    return { browser: `Chromium ${browser.version()}`, rows }
  } finally {
    await browser.close()
    for (const server of Object.values(servers)) await server.stop()
  }
}

function row(name, inFlight, bytes, ours, theirs, budget) {
  const values = (slices) => slices.map(({ value }) => value)
  return {
    what: `echo, ${inFlight} in flight, ${bytes} bytes: ${name}`,
    value: median(values(ours)),
    unit: inFlight === 1 ? 'µs' : 'messages/s',
    cpu: median(ours.map(({ cpu }) => cpu)),
    ...(name !== PLAIN && { ratio: ratio(values(ours), values(theirs)), ...budget }),
  }
}
