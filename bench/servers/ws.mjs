/** The yardstick of Rungs: an echo on `ws`, with nothing that can be left out. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { serve } from './common.mjs'

const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false })

// One function for all connections, so that a bare one is as small as it gets.
function echo(data, binary) {
  this.send(data, { binary })
}
sockets.on('connection', (socket) => socket.on('message', echo))

await serve(server, (text) => {
  for (const socket of sockets.clients) socket.send(text)
})
