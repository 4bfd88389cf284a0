/**
 * As much of a SignalR server as its own client needs to get an echo: JSON hub protocol over WebSocket, SSE and long
 * polling, as in "TransportProtocols.md" and "HubProtocol.md" of ASP.NET Core.
 */
import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { WebSocketServer } from 'ws'

const PATH = '/signalr'
/** Ends each record. */
const END = '\u001E'

const availableTransports = [
  { transport: 'WebSockets', transferFormats: ['Text', 'Binary'] },
  { transport: 'ServerSentEvents', transferFormats: ['Text'] },
  { transport: 'LongPolling', transferFormats: ['Text', 'Binary'] },
]

/** One client: what waits for it, and the transport that takes it. */
class Connection {
  #waiting = ''
  #deliver

  receive(records) {
    for (const record of records.split(END).slice(0, -1)) {
      const { protocol, type, target, arguments: args } = JSON.parse(record)
      if (protocol) this.#send({})
      else if (type === 1) this.#send({ type, target, arguments: args })
    }
  }

  /** @param deliver Takes what there is, now or later; called once unless it is set again. */
  next(deliver) {
    this.#deliver = deliver
    if (this.#waiting) this.#flush()
  }

  #send(record) {
    this.#waiting += JSON.stringify(record) + END
    this.#flush()
  }

  #flush() {
    const deliver = this.#deliver
    if (!deliver) return
    const records = this.#waiting
    this.#waiting = ''
    this.#deliver = undefined
    deliver(records)
  }
}

/** To a transport that takes any number of records. */
function stream(connection, write) {
  connection.next((records) => {
    write(records)
    stream(connection, write)
  })
}

export function attachSignalR(server) {
  const connections = new Map()
  const sockets = new WebSocketServer({ noServer: true })
  const find = (url) => connections.get(new URL(url, 'http://server').searchParams.get('id'))

  const negotiate = (response) => {
    const id = randomUUID()
    connections.set(id, new Connection())
    const answer = { negotiateVersion: 1, connectionId: id, connectionToken: id }
    response.end(JSON.stringify({ ...answer, availableTransports }))
  }

  const serve = async (request, response) => {
    if (request.url.startsWith(`${PATH}/negotiate`)) return negotiate(response)
    const connection = find(request.url)
    if (!connection) return response.writeHead(404).end()
    if (request.method === 'POST') {
      connection.receive(await text(request))
      return response.end()
    }
    if (request.method !== 'GET') return response.writeHead(202).end()
    if (request.headers.accept?.includes('text/event-stream')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      return stream(connection, (records) => response.write(`data: ${records}\r\n\r\n`))
    }
    // The first poll only proves that polls pass.
    if (connection.polled) return connection.next((records) => response.end(records))
    connection.polled = true
    response.end()
  }

  server.on('request', (request, response) => {
    if (request.url.startsWith(PATH)) void serve(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    const connection = find(request.url)
    if (!connection) return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('message', (data) => connection.receive(String(data)))
      stream(connection, (records) => accepted.send(records))
    })
  })
}
