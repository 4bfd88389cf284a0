// @ts-check
/** The server of the fuzzing, in a process of its own, which tells whether it came to harm. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { attach } from '@rungs/server'
import { answer } from '../../bench/child.mjs'

/** @import { AddressInfo } from 'node:net' */

/** Milliseconds that a session lives without a carrier: short, so that a run can see it end. */
const SESSION_TTL = 5_000

/** @type {string[]} */
const faults = []
/** @param {string} what @param {unknown} error */
const note = (what, error) => {
  // A fault that repeats itself must not fill the memory that is watched.
  if (faults.length < 20) faults.push(`${what}: ${inspect(error)}`)
}
process.on('uncaughtException', (error) => note('uncaught exception', error))
process.on('unhandledRejection', (error) => note('unhandled rejection', error))
process.on('warning', (warning) => note('warning', warning))

const server = createServer((_, response) => void response.writeHead(404).end())
const hub = attach(server, {
  sessionTtl: SESSION_TTL,
  heartbeat: 2_000,
  protocols: ['fuzz'],
  authenticate(_, token = '') {
    if (token === 'refuse') return null
    return token.startsWith('user:') ? token.slice('user:'.length) : ''
  },
  relay: (_, to) => to.every((user) => user === 'friend'),
  maxSessionsPerUser: 100_000,
  log: (event) => event.level === 'error' && note(event.event, event),
})
/** @type {Set<string>} */
const sessions = new Set()
hub.onOpen(({ id }) => void sessions.add(id))
hub.onClose(({ id }) => void sessions.delete(id))
hub.onMessage((data, session) => session.send(data))

server.listen(0, '127.0.0.1')
await once(server, 'listening')

answer({
  url: () => `http://127.0.0.1:${/** @type {AddressInfo} */ (server.address()).port}/rungs`,
  faults: () => faults,
  sessions: () => sessions.size,
  async heap() {
    // Memory that timers and finalizers let go of since one collection goes with the next.
    for (let round = 0; round < 3; round++) {
      globalThis.gc?.()
      await sleep(50)
    }
    return process.memoryUsage().heapUsed
  },
})
