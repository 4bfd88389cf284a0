/**
 * What Rungs is compared with: for each an echo on a server, and the script of its client. They are in a folder of their
 * own, because one of them brings an old `ws`, which must not become that of the other benchmarks.
 */
import { fileURLToPath } from 'node:url'
import { attach as attachEngine } from 'engine.io'
import { Server } from 'socket.io'
import sockjs from 'sockjs'

const script = (file) => fileURLToPath(new URL(`node_modules/${file}`, import.meta.url))

export const scripts = {
  'engine.io': script('engine.io-client/dist/engine.io.min.js'),
  'socket.io': script('socket.io-client/dist/socket.io.min.js'),
  sockjs: script('sockjs-client/dist/sockjs.min.js'),
  signalr: script('@microsoft/signalr/dist/browser/signalr.min.js'),
}

export function attachSocketIO(server) {
  new Server(server, { serveClient: false }).on('connection', (socket) =>
    socket.on('echo', (text) => socket.emit('echo', text)),
  )
}

export function attachEngineIO(server) {
  attachEngine(server).on('connection', (socket) =>
    socket.on('message', (text) => socket.send(text)),
  )
}

export function attachSockJS(server) {
  const echo = sockjs.createServer({ log() {} })
  echo.on('connection', (connection) => connection.on('data', (text) => connection.write(text)))
  echo.installHandlers(server, { prefix: '/sockjs' })
}
