/** Thousands of WebSocket clients in one process: as much of RFC 6455 as they need, and no memory to speak of. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { answer } from './child.mjs'

/** Connections that are being made at a time. */
const ABREAST = 50

const clients = []

/** What a browser sends: a server may keep it. */
const handshake = (port, path) =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Pragma: no-cache',
    'Cache-Control: no-cache',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
    'Upgrade: websocket',
    `Origin: http://127.0.0.1:${port}`,
    'Sec-WebSocket-Version: 13',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Accept-Language: en-US,en;q=0.9',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n')

/** A text frame of a client. It must be masked; a mask of zeros is as good as any. */
function frame(text) {
  const payload = Buffer.from(text)
  const { length } = payload
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0xfe, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload])
}

/** Splits what arrives into texts. */
function reader(take) {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (;;) {
      const short = rest[1]
      const head = short < 126 ? 2 : short === 126 ? 4 : 10
      if (rest.length < head) return
      const length =
        short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2))
      if (rest.length < head + length) return
      take(rest.toString('utf8', head, head + length))
      rest = rest.subarray(head + length)
    }
  }
}

async function open(port, session) {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay()
  await once(socket, 'connect')
  socket.write(handshake(port, session ? '/rungs' : '/'))
  const [answered] = await once(socket, 'data')
  if (!answered.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(answered.toString())
  const client = { received: 0, acknowledge() {} }
  clients.push(client)
  if (session) await attach(socket, client)
  else
    socket.on(
      'data',
      reader(() => arrived(client, 1)),
    )
  socket.on('close', () => {
    throw new Error('the server closed a connection')
  })
}

/** Attaches a session and keeps it alive, as the client does: it answers a heartbeat. */
function attach(socket, client) {
  const key = randomBytes(16).toString('hex')
  socket.write(frame(JSON.stringify({ attach: { version: 1, key, t: 1, want: 1 }, ack: [0, ''] })))
  client.acknowledge = () => socket.write(frame(`{"ack":[${client.received},""]}`))
  return new Promise((ready) => {
    socket.on(
      'data',
      reader((text) => {
        const down = JSON.parse(text)
        if (down.end) throw new Error(`the session ended: ${down.end}`)
        if (down.ready) ready()
        else if (down.batch)
          arrived(client, down.batch[0] + down.batch[1].length - 1 - client.received)
        else if (!down.hello) client.acknowledge()
      }),
    )
  })
}

/** Told once everybody has so many messages. */
let goal = Infinity
let waiting = 0
let reached

function arrived(client, messages) {
  const before = client.received
  client.received += messages
  if (before < goal && client.received >= goal && --waiting === 0) reached()
}

answer({
  async connect(port, count, session) {
    let left = count
    const next = async () => {
      while (left-- > 0) await open(port, session)
    }
    await Promise.all(Array.from({ length: ABREAST }, next))
  },
  expect(messages) {
    goal = messages
    waiting = clients.filter(({ received }) => received < goal).length
    return new Promise((resolve) => {
      reached = resolve
      if (waiting === 0) resolve()
    })
  },
  acknowledge() {
    for (const client of clients) client.acknowledge()
  },
})
