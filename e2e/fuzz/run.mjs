// @ts-check
/**
 * `npm run fuzz`, after `npm run build`: a server, a neighbour of good manners over every transport, and packets, requests and
 * frames that are almost right. Then the client's reading side. Exits with 1 if the server came to harm, if the neighbour lost a
 * message, or if the client threw or asked without end.
 *
 *     --minutes 60        half a minute by default
 *     --seed 7            other attacks; 1 by default, so that `npm test` tries the same each time
 *     --only http         or websocket, or client; may be given more than once
 *     --attack 1234       this attack alone, by its number in the complaint
 */
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { start } from '../../bench/child.mjs'
import { createDice, seedOf } from './dice.mjs'
import { attackByHttp } from './http.mjs'
import { attackByWebSocket } from './websocket.mjs'

/** @import { Dice } from './dice.mjs' */

const MINUTE = 60_000
/** Attacks at a time. */
const PARALLEL = 12
/** Milliseconds of attacks before memory is looked at first: caches and compiled code come late. */
const WARM_UP = 5_000
/** Milliseconds in which the sessions of the attackers must have ended: PROTOCOL.md 6.11, and the sweep. */
const CALM = 15_000
/** Bytes that the heap of the server may have grown by. */
const GROWTH = 12e6
/** Milliseconds that an echo to the neighbour may take at most, on a machine that is busy with the attacks as well. */
const SLOWEST = 60_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0.5' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true, default: ['http', 'websocket', 'client'] },
    attack: { type: 'string' },
  },
})
const seed = Number(values.seed)
/** Each part has a half of the time. */
const time =
  (Number(values.minutes) * MINUTE) /
  (values.only.includes('client') && values.only.length > 1 ? 2 : 1)

/** @type {Record<string, (url: string, dice: Dice) => Promise<string[]>>} */
const KINDS = { http: attackByHttp, websocket: attackByWebSocket }
const kinds = Object.keys(KINDS).filter((kind) => values.only.includes(kind))

/** @type {string[]} */
const complaints = []
let attacks = 0

/** @param {string} url @param {number} index */
async function attack(url, index) {
  const dice = createDice(seedOf(seed, index))
  const kind = dice.pick(kinds)
  const wrong = await /** @type {(typeof KINDS)[string]} */ (KINDS[kind])(url, dice)
  attacks++
  for (const each of wrong) complaints.push(`attack ${index}, by ${kind}: ${each}`)
}

/** Attacks for so long, several at a time. @param {string} url @param {number} ms */
async function attackFor(url, ms) {
  const until = performance.now() + ms
  const work = async () => {
    while (performance.now() < until) await attack(url, next++)
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
}
let next = 0

/** Attacks a server that has a neighbour, and looks whether either came to harm. */
async function attackBesideNeighbour() {
  const server = await start(new URL('server.mjs', import.meta.url).href, {
    execArgv: ['--expose-gc'],
  })
  const neighbour = await start(new URL('neighbour.mjs', import.meta.url).href)
  const url = await server.call('url')
  const { length: own } = await neighbour.call('start', url)
  try {
    await attackFor(url, Math.min(WARM_UP, time / 4))
    const heapBefore = await settledHeap(server, own)
    await attackFor(url, time)
    const heapAfter = await settledHeap(server, own)
    console.log(`${attacks} attacks by ${kinds.join(' and ')}`)
    console.log(`heap of the server: ${mega(heapBefore)} MB before, ${mega(heapAfter)} MB after`)
    if (heapAfter - heapBefore > GROWTH)
      complaints.push(`the heap grew by ${mega(heapAfter - heapBefore)} MB`)
    const sessions = await server.call('sessions')
    if (sessions > own)
      for (let i = 0; i < 4; i++) {
        console.log(await server.call('dump'), await server.call('connections'))
        await sleep(10000)
      }
    if (sessions > own) complaints.push(`${sessions - own} sessions of attackers are left`)
    for (const visit of await neighbour.call('finish')) report(visit)
    complaints.push(...(await server.call('faults')))
  } finally {
    await neighbour.stop()
    await server.stop()
  }
}

/** @param {number} bytes */
const mega = (bytes) => (bytes / 1e6).toFixed(1)

/** The heap once the attackers' sessions have ended. @param {Awaited<ReturnType<typeof start>>} server @param {number} own */
async function settledHeap(server, own) {
  const until = performance.now() + CALM
  while (performance.now() < until && (await server.call('sessions')) > own) await sleep(200)
  return server.call('heap')
}

/** @param {Record<string, any>} visit */
function report({ name, sent, received, lost, repeated, reordered, ends, median, p99, worst }) {
  console.log(
    `neighbour over ${name}: ${received} of ${sent} came back; ${lost} lost, ${repeated} repeated, ${reordered} reordered; ` +
      `median ${median} ms, p99 ${p99} ms, worst ${worst} ms`,
  )
  if (lost + repeated + reordered > 0 || received === 0)
    complaints.push(`${name}: messages went wrong`)
  for (const end of ends) complaints.push(`${name}: ${end}`)
  if (worst > SLOWEST) complaints.push(`${name}: an echo took ${worst} ms`)
}

/** The client's reading side: a property, which vitest runs for as long as it is told. */
function fuzzClient() {
  const { status } = spawnSync('npx', ['vitest', 'run', 'e2e/fuzz/client.test.ts'], {
    stdio: 'inherit',
    env: { ...process.env, FUZZ_SEED: String(seed), FUZZ_SECONDS: String(Math.ceil(time / 1_000)) },
  })
  if (status !== 0) complaints.push('the client: see the test above')
}

console.log(`fuzzing with --seed ${seed}`)
if (kinds.length > 0) {
  if (values.attack === undefined) await attackBesideNeighbour()
  else await repeat(Number(values.attack))
}
if (values.only.includes('client')) fuzzClient()
for (const complaint of complaints) console.log(`FAILED (--seed ${seed}): ${complaint}`)
process.exit(complaints.length > 0 ? 1 : 0)

/** One attack again. @param {number} index */
async function repeat(index) {
  const server = await start(new URL('server.mjs', import.meta.url).href)
  await attack(await server.call('url'), index)
  complaints.push(...(await server.call('faults')))
  await server.stop()
}
