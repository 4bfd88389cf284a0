/**
 * Starts the reference server with the application of the suite.
 *
 *     node conformance/reference/main.mjs [port] [--tags] [--unbound]
 *
 * `--tags`: positions have tags. `--unbound`: every exchange is authenticated.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createReference } from './server.mjs'

/** The one origin, beside the server's own, whose pages may connect. */
const FRIEND = 'https://friend.example'

/** Resolves to the URL of a new server, and to what stops it. */
export async function startReference({ port = 0, ...options } = {}) {
  const reference = createReference({ origins: [FRIEND], ...options })
  const server = createServer(reference.handleRequest)
  server.on('upgrade', reference.handleUpgrade)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}/rungs`,
    async close() {
      reference.close()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2)
  const { url, close } = await startReference({
    port: Number(words.find((word) => /^\d+$/.test(word)) ?? 8080),
    tags: words.includes('--tags'),
    bound: !words.includes('--unbound'),
  })
  console.log(`The reference server: ${url}`)
  process.once('SIGINT', close).once('SIGTERM', close)
}
