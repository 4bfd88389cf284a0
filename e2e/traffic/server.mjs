// @ts-check
/** The server's end of the numbered traffic: for each session one, and the page that is the other. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { attach } from '@rungs/server'
import { servePage } from '../support/serve-page.mjs'
import { createEnd } from './end.js'

/** @import { AddressInfo } from 'node:net' */

/** Modules that the page loads, by their place in the project. */
const FILES = [
  '/e2e/traffic/page.js',
  '/e2e/traffic/end.js',
  '/demo/tally.js',
  '/dist/rungs.min.mjs',
]

/** @param {import('@rungs/server').Options} [options] of the hub */
export async function startTraffic(options) {
  const server = createServer(servePage('Traffic', FILES))
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
