// @ts-check
/** The server's end of the numbered traffic: for each session one, and the page that is the other. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { attach } from '@rungs/server'
import { createEnd } from './end.js'

/** @import { AddressInfo } from 'node:net' */

/** What the page loads, by its place in the project. */
const FILES = new Set([
  '/e2e/traffic/page.js',
  '/e2e/traffic/end.js',
  '/demo/tally.js',
  '/dist/rungs.min.mjs',
])
const PAGE =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Traffic</title>' +
  '<script type="module" src="/e2e/traffic/page.js"></script><body></body>'

/** @param {import('@rungs/server').Options} [options] of the hub */
export async function startTraffic(options) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://traffic')
    const file =
      FILES.has(pathname) && (await readFile(new URL(`../..${pathname}`, import.meta.url)))
    response.writeHead(file || pathname === '/' ? 200 : 404, {
      'content-type': file ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8',
      // A page of a test comes from the back/forward cache, or anew.
      'cache-control': 'no-cache',
    })
    response.end(file || (pathname === '/' ? PAGE : 'Nothing is here.'))
  })
  const hub = attach(server, options)
  /** @type {Map<string, ReturnType<typeof createEnd>>} */
  const ends = new Map()
  hub.onOpen(({ id }) => {
    ends.set(
      id,
      createEnd((number) => hub.to({ session: id }).send(number)),
    )
  })
  hub.onMessage((number, { id }) => ends.get(id)?.receive(Number(number)))

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {AddressInfo} */ (server.address())
  return {
    origin: `http://127.0.0.1:${port}`,
    hub,
    /** The other end of a page's traffic, by `socket.id`. @param {string} id */
    end(id) {
      const end = ends.get(id)
      if (!end) throw new Error(`the server knows no session ${id}`)
      return end
    },
    async close() {
      await hub.close()
      server.close()
      server.closeAllConnections()
    },
  }
}
