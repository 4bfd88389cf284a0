/**
 * A node of a site, in a process of its own, from the package as it is built. Arguments: port of Redis, prefix, and `hang` for a node
 * whose handlers never settle. Writes its own port.
 */
import { createServer } from 'node:http'
import { attach } from '@rungs/server'
import { redisStore } from '@rungs/server/redis'
import { createClient } from 'redis'

const [redisPort, prefix, mode] = process.argv.slice(2)
const client = createClient({ socket: { host: '127.0.0.1', port: Number(redisPort) } })
const subscriber = client.duplicate()
await Promise.all([client.connect(), subscriber.connect()])

const server = createServer()
const hub = attach(server, { store: redisStore({ client, subscriber, prefix }) })
hub.onMessage(async (data, session) => {
  await session.send(`echo ${data}`)
  if (mode === 'hang') await new Promise(() => {})
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
