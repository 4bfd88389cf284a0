/** The servers behind a proxy: the test's page, and the echo of each client at the other end of the numbered traffic. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { attach, type Options } from '@rungs/server'
import { createEnd } from '../traffic/end.js'
import type { Certificate } from './certificate.ts'

export type ClientName = 'rungs' | 'socket.io' | 'sockjs'

/** Files of the page, by their place in the project; and the scripts of the clients beside Rungs, by their address. */
const FILES = [
  '/e2e/proxies/page.js',
  '/e2e/traffic/end.js',
  '/demo/tally.js',
  '/dist/rungs.min.mjs',
  '/dist/diagnose.min.mjs',
]
const PEERS: Readonly<Record<string, string>> = {
  '/socket.io.js': '/bench/peers/node_modules/socket.io-client/dist/socket.io.min.js',
  '/sockjs.js': '/bench/peers/node_modules/sockjs-client/dist/sockjs.min.js',
}

/** Addresses are relative, because a proxy may serve the page below a prefix. */
const PAGE =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Proxies</title>' +
  '<script type="module" src="e2e/proxies/page.js"></script><body></body>'

type End = ReturnType<typeof createEnd>

/** Sends a text to the page that a message came from. */
type Reply = (text: string) => unknown

export interface Site {
  /** The servers' addresses, as `127.0.0.1:PORT`. */
  readonly servers: readonly string[]
  /** The other end of a page's traffic. */
  end(id: string): End
  /** Ends the first server without a word, and starts another one, which knows nothing, at its port. */
  restart(): Promise<void>
  close(): Promise<void>
}

export interface SiteOptions {
  readonly count: number
  readonly hub?: Options | undefined
  /** Serves TLS and HTTP/2 itself with this certificate. */
  readonly certificate?: Certificate | undefined
  /** Whether Socket.IO and SockJS are served, too. */
  readonly peers: boolean
}

async function serve(
  { url = '/' }: { readonly url?: string | undefined },
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(url, 'http://site')
  const place = FILES.includes(pathname) ? pathname : PEERS[pathname]
  const file = place && (await readFile(new URL(`../..${place}`, import.meta.url)))
  response.writeHead(file || pathname === '/' ? 200 : 404, {
    'content-type': file ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(file || (pathname === '/' ? PAGE : 'Nothing is here.'))
}

export async function startSite(options: SiteOptions): Promise<Site> {
  const ends = new Map<string, { end: End; reply: Reply }>()

  /** `hello` and the bytes of a large message are echoed; `ID NUMBER` is traffic. */
  const receive = (data: unknown, reply: Reply): void => {
    if (data instanceof Uint8Array) return void reply(`large ${data.byteLength}`)
    const [id = '', what = ''] = String(data).split(' ')
    const known = ends.get(id) ?? {
      end: createEnd((number) => known.reply(String(number))),
      reply,
    }
    known.reply = reply
    ends.set(id, known)
    if (what === 'hello') reply('hello')
    else known.end.receive(Number(what))
  }

  const first = await Promise.all(
    Array.from({ length: options.count }, () => startServer(0, options, receive)),
  )
  const servers = [...first]
  return {
    servers: first.map(({ port }) => `127.0.0.1:${port}`),
    end(id) {
      const known = ends.get(id)
      if (!known) throw new Error(`the server has heard nothing of ${id}`)
      return known.end
    },
    async restart() {
      const [old] = servers
      if (!old) throw new Error('there is no server')
      await old.kill()
      servers[0] = await startServer(old.port, options, receive)
    },
    async close() {
      for (const { end } of ends.values()) end.rest()
      await Promise.all(servers.map((each) => each.kill()))
    },
  }
}

async function startServer(
  port: number,
  { hub: hubOptions, certificate, peers }: SiteOptions,
  receive: (data: unknown, reply: Reply) => void,
): Promise<{ readonly port: number; kill(): Promise<void> }> {
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void serve(request, response)
  const server = certificate
    ? (createSecureServer(
        {
          key: await readFile(certificate.key),
          cert: await readFile(certificate.cert),
          allowHTTP1: true,
        },
        listener as never,
      ) as unknown as Server)
    : createServer(listener)
  const hub = attach(server, { log: () => {}, ...hubOptions })
  hub.onMessage((data, { id }) => receive(data, (text) => hub.to({ session: id }).send(text)))
  if (peers) await attachPeers(server, receive)

  // A server that dies says nothing: neither requests in flight nor upgraded connections are ended properly.
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async kill() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await hub.close()
    },
  }
}

/** Loaded when it is wanted: these packages are in a folder of their own, which the quick half does without. */
async function attachPeers(
  server: Server,
  receive: (data: unknown, reply: Reply) => void,
): Promise<void> {
  const { attachSocketIO, attachSockJS } = await import('../../bench/peers/index.mjs')
  attachSocketIO(server, receive)
  attachSockJS(server, receive)
}
