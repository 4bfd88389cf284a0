/**
 * Checks a server against PROTOCOL.md.
 *
 *     npm run conformance                                    our own server, started for it
 *     npm run conformance -- --reference                     the reference server; also with --tags, --unbound
 *     npm run conformance -- http://127.0.0.1:8080/rungs     any other
 *
 * Words beside these choose files: `npm run conformance -- fence malformed`.
 */
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'

const words = process.argv.slice(2)
const url = words.find((word) => /^https?:\/\//.test(word))
const server = url ? undefined : await start()

async function start() {
  if (words.includes('--reference')) {
    const { startReference } = await import('./reference/main.mjs')
    return startReference({ tags: words.includes('--tags'), bound: !words.includes('--unbound') })
  }
  const { startServer } = await import('./server.mjs')
  return startServer()
}

process.env.RUNGS_URL = url ?? server.url
console.log(`Checking ${process.env.RUNGS_URL} against PROTOCOL.md`)
const vitest = await startVitest(
  'test',
  words.filter((word) => word !== url && !word.startsWith('--')),
  {
    watch: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    config: fileURLToPath(new URL('servers/vitest.config.ts', import.meta.url)),
  },
)
await vitest.close()
await server?.close()
