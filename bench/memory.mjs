/** Memory of a server for one idle WebSocket session, against a bare `ws` connection. */
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from './child.mjs'
import { median, ratio } from './stats.mjs'

const CONNECTIONS = 5_000
/** Made before the first look: they bring the code, and the heap, to where it stays. */
const FIRST = 500
const ROUNDS = 3

export async function memory() {
  const measured = { ws: [], rungs: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ['ws', 'rungs']) measured[name].push(await measure(name))
  }
  const { ws, rungs } = measured
  return {
    rows: [
      ...rows('bare ws connection', ws),
      ...rows('idle session', rungs).map((row, index) => {
        const key = index === 0 ? 'rss' : 'heap'
        const compared = ratio(
          rungs.map((one) => one[key]),
          ws.map((one) => one[key]),
        )
        return { ...row, ratio: compared, ...(index === 0 && { most: 2 }) }
      }),
    ],
  }
}

function rows(what, measured) {
  return [
    { what: `memory, ${what}: RSS`, value: median(measured.map(({ rss }) => rss)), unit: 'bytes' },
    {
      what: `memory, ${what}: JS heap`,
      value: median(measured.map(({ heap }) => heap)),
      unit: 'bytes',
    },
  ]
}

async function measure(name) {
  const server = await start(`servers/${name}.mjs`, { execArgv: ['--expose-gc'] })
  const crowd = await start('crowd.mjs')
  try {
    const port = await server.call('port')
    const session = name === 'rungs'
    await crowd.call('connect', port, FIRST, session)
    const before = await server.call('memory')
    await crowd.call('connect', port, CONNECTIONS, session)
    await sleep(500)
    const after = await server.call('memory')
    return {
      rss: (after.rss - before.rss) / CONNECTIONS,
      heap: (after.heap - before.heap) / CONNECTIONS,
    }
  } finally {
    await crowd.stop()
    await server.stop()
  }
}
