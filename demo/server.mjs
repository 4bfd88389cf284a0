/**
 * The demo: one command, no services.
 *
 *     tabs ──▶ fault proxy, the public port ──▶ app server, a port of its own: the page, the hub, /control
 *       └───────────────── /control, around the proxy ────────────────▲
 *
 * The way around is there because a network that is broken for real could not be mended through itself.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { startFaultProxy } from 'rungs-faults'
import { openChat } from './chat.mjs'
import { createControl } from './control.mjs'
import { servePage } from './files.mjs'

const HOST = '127.0.0.1'
/** Ports that are tried after the wanted one. */
const MORE_PORTS = 20

const wanted = Number(process.env.PORT ?? 8080)
if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
  console.error(`PORT must be a number from 0 to 65535, not ${process.env.PORT}`)
  process.exit(1)
}

const server = createServer()
const hub = openChat(server)
server.listen(0, HOST)
await once(server, 'listening')
const app = `http://${HOST}:${server.address().port}`

const proxy = await startProxy(wanted)
const control = createControl(proxy, (broken) => hub.broadcast({ kind: 'network', broken }))
server.on('request', (request, response) => {
  if (request.url === '/control') control(request, response)
  else void servePage(`${app}/control`, request, response)
})
console.log(`Rungs demo: ${proxy.url} (open it in two tabs; Ctrl-C ends it)`)
console.log(`Network check: ${proxy.url}/diagnose.html`)

process.once('SIGINT', end).once('SIGTERM', end)

/** On the wanted port, or on the next one that is free. */
async function startProxy(port) {
  try {
    return await startFaultProxy({ upstream: app, host: HOST, port })
  } catch (error) {
    if (error.code !== 'EADDRINUSE' || port >= Math.min(wanted + MORE_PORTS, 65_535)) throw error
    console.log(`Port ${port} is taken, trying ${port + 1}.`)
    return startProxy(port + 1)
  }
}

async function end() {
  await hub.close()
  await proxy.close()
  server.close()
  server.closeAllConnections()
}
