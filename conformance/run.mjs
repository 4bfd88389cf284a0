/**
 * Checks a server against PROTOCOL.md.
 *
 *     npm run conformance                                    our own server, started for it
 *     npm run conformance -- http://127.0.0.1:8080/rungs     any other
 *
 * Words beside the URL choose files: `npm run conformance -- fence malformed`.
 */
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'

const isUrl = (text) => /^https?:\/\//.test(text)
const words = process.argv.slice(2)
const url = words.find(isUrl)
const own = url ? undefined : await (await import('./server.mjs')).startServer()

process.env.RUNGS_URL = url ?? own.url
console.log(`Checking ${process.env.RUNGS_URL} against PROTOCOL.md`)
const vitest = await startVitest(
  'test',
  words.filter((word) => !isUrl(word)),
  {
    watch: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    config: fileURLToPath(new URL('vitest.config.ts', import.meta.url)),
  },
)
await vitest.close()
await own?.close()
