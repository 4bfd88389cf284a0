import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { MemoryStore, attach, type Hub, type Options } from '@rungs/server'

/** A web server of one test, on a port of its own: pages that load the client, and a hub at `/rungs`. */
export interface Site {
  readonly origin: string
  readonly hub: Hub
  /** All hubs, the first of which is `hub`. */
  readonly hubs: readonly Hub[]
  url(path: string): string
  /** Serves a page, in place of what is at that path. */
  page(path: string, html: string, headers?: Headers): void
  /** Adds response headers to a page, a Content-Security-Policy for example. */
  headers(path: string, headers: Headers): void
  close(): Promise<void>
}

export interface SiteOptions {
  readonly hub?: Options
  /** Whether the hub sends every message back to its session, until the test gives it another handler. Default `true`. */
  readonly echo?: boolean
  /** How many hubs there are over one store; each request and upgrade goes to the next of them. Default 1. */
  readonly hubs?: number
}

type Headers = Readonly<Record<string, string>>

const HEAD =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Rungs</title>'

/** A page that runs a module; `window.loaded` resolves when the module has run. */
export function modulePage(code: string): string {
  return `${HEAD}<script>window.loaded = new Promise((resolve) => { window.onModuleRun = resolve })</script>
    <script type="module">${code}\nwindow.onModuleRun()</script><body></body>`
}

const PAGES: Readonly<Record<string, string>> = {
  '/': `${HEAD}<script src="/dist/rungs.js"></script><body></body>`,
  '/esm.html': modulePage(`import * as rungs from '/dist/rungs.min.mjs'; window.rungs = rungs`),
  '/blank.html': `${HEAD}<body></body>`,
}

const DIST = new URL('../../dist/', import.meta.url)

async function distFile(path: string): Promise<Buffer | undefined> {
  const name = /^\/dist\/((?:[\w-]+\/)*[\w.-]+\.m?js)$/.exec(path)?.[1]
  return name === undefined
    ? undefined
    : readFile(fileURLToPath(new URL(name, DIST))).catch(() => undefined)
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export async function startSite({
  hub: hubOptions = {},
  echo = true,
  hubs: count = 1,
}: SiteOptions = {}): Promise<Site> {
  const pages = new Map(Object.entries(PAGES))
  const headers = new Map<string, Headers>()

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const page = pages.get(pathname)
    const body = page ?? (await distFile(pathname))
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type':
        page === undefined ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...headers.get(pathname),
    })
    response.end(body)
  }

  // Each hub has a server of its own behind the one that listens, as it would behind a balancer.
  const store = new MemoryStore()
  const nodes = Array.from({ length: count }, () =>
    createServer((request, response) => void serve(request, response)),
  )
  const hubs = nodes.map((node) => attach(node, count > 1 ? { ...hubOptions, store } : hubOptions))
  const [hub] = hubs as [Hub]
  if (echo) for (const each of hubs) each.onMessage((data, session) => session.send(data))
  let turn = 0
  const next = (): Server => nodes[turn++ % count]!
  const server = createServer((request, response) => void next().emit('request', request, response))
  server.on(
    'upgrade',
    (request, socket, head) => void next().emit('upgrade', request, socket, head),
  )
  const origin = await listen(server)

  return {
    origin,
    hub,
    hubs,
    url: (path) => origin + path,
    page(path, html, more) {
      pages.set(path, html)
      if (more) headers.set(path, more)
    },
    headers: (path, more) => void headers.set(path, more),
    async close() {
      await Promise.all(hubs.map((each) => each.close()))
      server.close()
      server.closeAllConnections()
    },
  }
}
