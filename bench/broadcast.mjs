/** One message to 5,000 WebSocket sessions, against a loop over 5,000 `ws` sockets. */
import { setTimeout as sleep } from 'node:timers/promises'
import { start } from './child.mjs'
import { median, ratio } from './stats.mjs'

const SESSIONS = 5_000
const ROUNDS = 5
/** Broadcasts of a slice. */
const COUNT = 10
const TEXT = 'x'.repeat(200)

export async function broadcast() {
  const ws = await open('ws')
  const rungs = await open('rungs')
  const rows = []
  for (const each of [1, 10]) {
    const theirs = []
    const ours = []
    for (let round = -1; round < ROUNDS; round++) {
      const measured = [await slice(ws, each), await slice(rungs, each)]
      // The first round lets the engine compile.
      if (round < 0) continue
      theirs.push(measured[0])
      ours.push(measured[1])
    }
    for (const [name, slices] of [
      ['plain ws', theirs],
      ['sessions', ours],
    ]) {
      const figures = (key) => slices.map((one) => one[key])
      rows.push({
        what: `broadcast, ${each} a tick: ${name}`,
        value: median(figures('rate')),
        unit: 'messages/s',
        cpu: median(figures('cpu')),
        ...(slices === ours && {
          ratio: ratio(
            figures('rate'),
            theirs.map(({ rate }) => rate),
          ),
        }),
      })
    }
  }
  for (const each of [ws, rungs]) {
    await each.crowd.stop()
    await each.server.stop()
  }
  return { rows }
}

async function open(name) {
  const server = await start(`servers/${name}.mjs`)
  const crowd = await start('crowd.mjs')
  await crowd.call('connect', await server.call('port'), SESSIONS, name === 'rungs')
  return { server, crowd, sent: 0 }
}

async function slice(side, each) {
  side.sent += COUNT
  const everywhere = side.crowd.call('expect', side.sent)
  const before = await side.server.call('cpu')
  const begin = performance.now()
  await side.server.call('broadcast', TEXT, COUNT, each)
  await everywhere
  const elapsed = performance.now() - begin
  // Clients acknowledge after 250 messages or 5 seconds; that it comes earlier here is to our disadvantage.
  await side.crowd.call('acknowledge')
  await sleep(100)
  const messages = COUNT * SESSIONS
  return {
    rate: (messages / elapsed) * 1000,
    cpu: ((await side.server.call('cpu')) - before) / messages,
  }
}
