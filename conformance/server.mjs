/**
 * Our own server with the echo application that the suite needs (README.md says exactly what it does).
 * `node conformance/server.mjs [port]` starts it alone.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { attach } from '../server/dist/index.mjs'

const PATH = '/rungs'
/** Milliseconds that a token is good for which begins with `brief:`. */
const BRIEF = 1_000

/** Messages that are not sent back, but make the application do something. */
const COMMANDS = {
  slow: async (session) => {
    await delay(1_000)
    await session.send('slow')
  },
  'close me': (session) => session.close(4_321, 'as you wish'),
  fail: () => {
    throw new Error('as you wish')
  },
  volatile: (session) => session.send('volatile', { volatile: true }),
  'about me': (session) => {
    const { user, url = null, protocol = null, meta = null } = session
    return session.send({ user, url, protocol, meta })
  },
}

function authenticate(_, token = '') {
  if (token === 'refuse') return null
  const [, kind, user] = /^(user|brief):(.*)$/s.exec(token) ?? []
  return kind === 'brief' ? { user, expires: Date.now() + BRIEF } : (user ?? '')
}

/** Resolves to the URL of a new server, and to what stops it. */
export async function startServer(port = 0) {
  const server = createServer((_, response) => response.writeHead(404).end())
  const hub = attach(server, {
    path: PATH,
    heartbeat: 3_000,
    sessionTtl: 20_000,
    maxMessage: 200_000,
    maxPending: 500,
    origins: ['https://friend.example'],
    protocols: ['conformance'],
    authenticate,
    relay: (_, to) => to.every((user) => user.startsWith('friend')),
  })
  hub.onOpen((session) => {
    if (session.user.startsWith('greeted')) return session.send('welcome')
  })
  hub.onMessage((data, session) => {
    if (typeof data === 'string' && Object.hasOwn(COMMANDS, data)) return COMMANDS[data](session)
    return session.send(data)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}${PATH}`,
    async close() {
      await hub.close()
      server.close()
      server.closeAllConnections()
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url, close } = await startServer(Number(process.argv[2] ?? 8080))
  console.log(`A server to test: ${url}`)
  process.once('SIGINT', close).once('SIGTERM', close)
}
