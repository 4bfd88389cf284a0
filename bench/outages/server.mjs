/** One server in a process of its own, which can be killed and started again: an echo, and the page of its client. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { attach } from '@rungs/server'
import { answer } from '../child.mjs'
import { attachEngineIO, attachSockJS, attachSocketIO, scripts } from '../peers/index.mjs'

const SERVERS = {
  rungs: {
    attach: (server) => attach(server).onMessage((data, session) => session.send(data)),
    script: fileURLToPath(new URL('../../dist/rungs.js', import.meta.url)),
  },
  'socket.io': { attach: attachSocketIO, script: scripts['socket.io'] },
  'engine.io': { attach: attachEngineIO, script: scripts['engine.io'] },
  sockjs: { attach: attachSockJS, script: scripts.sockjs },
}

const inline = (file) => readFileSync(file, 'utf8').replaceAll('</script', String.raw`<\/script`)

/** Listens on a port, 0 for any, and answers which one it is. */
async function listen(name, port) {
  const { attach: attachTo, script } = SERVERS[name]
  const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body></body>
<script>${inline(script)}</script><script>${inline(new URL('page.js', import.meta.url))}</script>`
  const server = createServer()
  server.on('request', ({ method, url }, response) => {
    if (method !== 'GET' || url !== '/') return
    response.setHeader('Content-Type', 'text/html')
    response.end(page)
  })
  attachTo(server)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

answer({ listen })
