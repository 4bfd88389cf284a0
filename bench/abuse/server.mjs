/** The server that is flooded, in a process of its own: its memory and its time are nobody else's. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { attach } from '@rungs/server'
import { answer } from '../child.mjs'

/** Milliseconds between two looks at the time that the event loop was held, and between two at the memory, which take longer. */
const LOOK = 5
const MEMORY_LOOK = 50
/** Milliseconds of work in a turn of a server that shares its event loop well. */
const TURN = 5

const server = createServer((_, response) => response.writeHead(404).end())
const hub = attach(server, {
  authenticate: (_, token = '') => token,
  maxSessionsPerUser: 100_000,
  log: () => {},
})
let amplified = 0
hub.onOpen((session) => {
  if (session.user === 'room') session.join('room')
})
hub.onMessage((data, session) => {
  // Amplification: the message of one session goes to all of a room.
  if (session.user === 'loud') {
    amplified++
    void hub.to({ room: 'room' }).send(data)
  }
  // A big message in the session's own log.
  else if (session.user === 'big') void session.send('\u0001'.repeat(Number(data)))
  else return session.send(data)
  return undefined
})
const ends = {}
hub.onClose((session, { reason }) => {
  const name = `${session.user || 'nobody'}: ${reason}`
  ends[name] = (ends[name] ?? 0) + 1
})

let heap = 0
let outside = 0
const look = () => {
  const { heapUsed, external } = process.memoryUsage()
  heap = Math.max(heap, heapUsed)
  outside = Math.max(outside, external)
}

/** Milliseconds of its processor that the server took from one look to the next: as long, at most, was the event loop held. */
let holds = []
let before = process.cpuUsage()
setInterval(look, MEMORY_LOOK)
setInterval(() => {
  const { user, system } = process.cpuUsage(before)
  before = process.cpuUsage()
  holds.push((user + system) / 1_000)
}, LOOK)

server.listen(0, '127.0.0.1')
await once(server, 'listening')

answer({
  port: () => server.address().port,
  /** {@link holds} since the last call. */
  holds() {
    const found = holds
    holds = []
    return found
  },
  /** Works for a share of the time, in turns of the event loop. */
  async beBusy(share, ms) {
    const until = performance.now() + ms
    while (performance.now() < until) {
      const rest = performance.now() + TURN
      while (performance.now() < rest);
      // A delay of nothing is one of a millisecond.
      const pause = TURN * (1 / share - 1)
      await new Promise((resolve) =>
        pause < 1 ? setImmediate(resolve) : setTimeout(resolve, pause),
      )
    }
  },
  /** The most memory it has used so far, in bytes; ends of sessions, by user and reason; messages that were amplified. */
  used() {
    look()
    return { rss: process.resourceUsage().maxRSS * 1024, heap, outside, ends, amplified }
  },
})
