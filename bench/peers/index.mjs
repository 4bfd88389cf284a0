/**
 * The libraries that Rungs is compared with: for each an echo on a server, or other answers, and the script of its client. They are in a folder of their
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

/** Answers a text with itself. */
const echo = (text, reply) => reply(text)

export function attachSocketIO(server, receive = echo) {
  new Server(server, { serveClient: false }).on('connection', (socket) =>
    socket.on('echo', (text) => receive(text, (answer) => socket.emit('echo', answer))),
  )
}

export function attachEngineIO(server) {
  attachEngine(server).on('connection', (socket) =>
    socket.on('message', (text) => socket.send(text)),
  )
}

export function attachSockJS(server, receive = echo) {
  const service = sockjs.createServer({ log() {} })
  service.on('connection', (connection) =>
    connection.on('data', (text) => receive(text, (answer) => connection.write(answer))),
  )
  service.installHandlers(server, { prefix: '/sockjs' })
}
