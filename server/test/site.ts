/** Hubs on an HTTP server of one test, on a port of its own. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { attach, type Hub } from '../src/hub.ts'
import type { LogEvent, Options } from '../src/options.ts'
import type { SessionStore } from '../src/store/store.ts'
import { Client } from './client.ts'
import { List } from './list.ts'
import { makeStores } from './shared-store.ts'

export interface Site {
  /** URL of the hub. */
  readonly url: string
  readonly hub: Hub
  /** All hubs, the first of which is `hub`. */
  readonly hubs: readonly Hub[]
  readonly server: Server
  /** Stores of the hubs, if there are several. */
  readonly stores: readonly SessionStore[]
  /** Events that the hubs logged. */
  readonly logged: List<LogEvent>
  /** A client that has said nothing yet. */
  client(): Client
}

export interface SiteOptions extends Options {
  /** How many hubs there are over one store. Each request and upgrade goes to the next of them. Default 1. */
  readonly hubs?: number
  /** Answers requests that are not the hub's. */
  readonly listener?: RequestListener
}

/** Starts a site, which is closed when the test is over. */
export async function startSite({
  hubs: count = 1,
  listener,
  ...options
}: SiteOptions = {}): Promise<Site> {
  const logged = new List<LogEvent>()
  const stores = count > 1 ? await makeStores(count) : []
  // Each hub has a server of its own behind the one that listens, like behind a balancer.
  const nodes = Array.from({ length: count }, () => createServer(listener))
  const hubs = nodes.map((node, index) => {
    const store = stores[index]
    return attach(node, { log: (event) => logged.push(event), ...(store && { store }), ...options })
  })
  let turn = 0
  const server = createServer((...args) => void nodes[turn++ % count]!.emit('request', ...args))
  server.on('upgrade', (...args) => void nodes[turn++ % count]!.emit('upgrade', ...args))
  const origin = await listen(server)
  onTestFinished(async () => {
    server.closeAllConnections()
    await Promise.all(hubs.map((hub) => hub.close()))
  })
  const url = `${origin}${options.path ?? '/rungs'}`
  return { url, hub: hubs[0]!, hubs, server, stores, logged, client: () => new Client(url) }
}

/** Starts a server, which is closed when the test is over. Answers its origin. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
