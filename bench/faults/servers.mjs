/** All servers, in a process of their own: a page and an echo for each client, on a port each. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { attach } from '@rungs/server'
import { WebSocketServer } from 'ws'
import { answer } from '../child.mjs'
import { attachSockJS, attachSocketIO, scripts } from '../peers/index.mjs'
import { attachSignalR } from './signalr.mjs'

/** Each server with the script of its client, if a page needs one. */
const SERVERS = {
  fetch: { attach: attachPost },
  websocket: { attach: attachWebSocket },
  rungs: {
    attach: attachRungs,
    script: fileURLToPath(new URL('../../dist/rungs.js', import.meta.url)),
  },
  'socket.io': { attach: attachSocketIO, script: scripts['socket.io'] },
  sockjs: { attach: attachSockJS, script: scripts.sockjs },
  signalr: { attach: attachSignalR, script: scripts.signalr },
}

function attachPost(server) {
  server.on('request', async (request, response) => {
    if (request.method === 'POST') response.end(await text(request))
  })
}

function attachWebSocket(server) {
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))))
}

function attachRungs(server) {
  attach(server).onMessage((data, session) => session.send(data))
}

/** In one piece: on a slow line each request more would cost its round trip. */
function pageWith(script) {
  const inline = (file) => readFileSync(file, 'utf8').replaceAll('</script', String.raw`<\/script`)
  const own = inline(new URL('page.mjs', import.meta.url))
  return `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body></body>
<script>${script ? inline(script) : ''}</script><script type="module">${own}</script>`
}

/** The page, and something to warm a connection with. Both have a length: nothing of them is a stream to the proxy. */
function servePages(server, script) {
  const files = { '/': ['text/html', pageWith(script)], '/warm': ['text/plain', 'warm'] }
  server.on('request', ({ method, url }, response) => {
    const [type, body] = (method === 'GET' && files[url]) || []
    if (!type) return
    response.setHeader('Content-Length', Buffer.byteLength(body))
    response.setHeader('Content-Type', type)
    response.end(body)
  })
}

const origins = {}
for (const [name, { attach: attachTo, script }] of Object.entries(SERVERS)) {
  const server = createServer()
  servePages(server, script)
  attachTo(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origins[name] = `http://127.0.0.1:${server.address().port}`
}

answer({ origins: () => origins })
