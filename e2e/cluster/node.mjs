// @ts-check
/**
 * A node of the cluster, in a process of its own. Arguments: its port, the port of Redis, the library of its Redis clients. Says
 * `listening` on its standard output, and later the name of each event of level `error`.
 */
import { createServer } from 'node:http'
import { attach } from '@rungs/server'
import { redisStore } from '@rungs/server/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { servePage } from '../support/serve-page.mjs'

const [port, redisPort, library] = process.argv.slice(2)
const FILES = [
  '/e2e/cluster/page.js',
  '/e2e/cluster/peer.js',
  '/e2e/cluster/plan.js',
  '/demo/tally.js',
  '/dist/rungs.min.mjs',
]

const address = { host: '127.0.0.1', port: Number(redisPort) }

async function connectNodeRedis() {
  const client = createClient({ socket: address })
  const subscriber = client.duplicate()
  // Redis is restarted, and connections are cut.
  for (const each of [client, subscriber]) each.on('error', () => {})
  await Promise.all([client.connect(), subscriber.connect()])
  return { client, subscriber }
}

function connectIoredis() {
  const client = new Redis(address)
  const subscriber = client.duplicate()
  for (const each of [client, subscriber]) each.on('error', () => {})
  return { client, subscriber }
}

/** Counts a number as a tally does, in the data of a session. @param {any} data @param {number} number */
function note(data, number) {
  const up = (data.up ??= { next: 1, missing: [], repeated: 0, reordered: 0 })
  while (up.next < number) up.missing.push(up.next++)
  if (number === up.next) up.next++
  else if (up.missing.includes(number)) {
    up.missing.splice(up.missing.indexOf(number), 1)
    up.reordered++
  } else up.repeated++
}

/** @param {any} data */
function report({ up }) {
  const { next = 1, missing = [], repeated = 0, reordered = 0 } = up ?? {}
  return { received: next - 1 - missing.length, lost: missing.length, repeated, reordered }
}

const server = createServer(servePage('Cluster', FILES))
const hub = attach(server, {
  store: redisStore(await (library === 'ioredis' ? connectIoredis() : connectNodeRedis())),
  // A notification that is lost is made up for at the next heartbeat at the latest.
  heartbeat: 5_000,
  authenticate: (_, token = '') => token,
  relay: () => true,
  log: ({ level, event, error, reason }) => {
    if (level === 'error') console.log(`${event}: ${/** @type {any} */ (error)?.message ?? reason}`)
  },
})
hub.onMessage(async (/** @type {any} */ { up, room, user, ...message }, session) => {
  if (up !== undefined) note(session.data, up)
  switch (message.way) {
    case 'hello':
      await session.join(room)
      await session.send(message)
      break
    case 'report':
      await session.send({ ...message, up: report(session.data) })
      break
    case 'session':
      await session.send(message)
      break
    case 'room':
      // Handlers need not wait: the message is not accepted before it is sent.
      void hub.to({ room }).send(message)
      break
    case 'user':
      await hub.to({ user }).send(message)
      break
  }
})

process.on('SIGTERM', async () => {
  await hub.close()
  process.exit()
})
// The port of a node that was killed may be that of somebody's outgoing connection for a moment.
server.on('error', () => void setTimeout(listen, 100))
const listen = () => server.listen(Number(port), '127.0.0.1')
server.on('listening', () => console.log('listening'))
listen()
