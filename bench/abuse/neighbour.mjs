/** A neighbour of good manners, in a process of its own: it times echoes over a WebSocket and by exchanges. */
import { Agent, request } from 'node:http'
import { WebSocket } from 'ws'
import { answer } from '../child.mjs'
import { attach, newSelf } from './wire.mjs'

/** Milliseconds from one message to the next. */
const GAP = 20

let webSocket
let post

/** Milliseconds of each echo, by how it went. */
let delays = {}
const note = (name, since) => void (delays[name] ??= []).push(performance.now() - since)

async function openWebSocket(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rungs`, { perMessageDeflate: false })
  await new Promise((resolve) => socket.once('open', resolve))
  const sentAt = []
  let isReady
  const ready = new Promise((resolve) => (isReady = resolve))
  socket.on('message', (text) => {
    const { batch, ready: isOpen } = JSON.parse(text)
    if (isOpen) isReady()
    if (!batch) return
    const [first, entries] = batch
    entries.forEach(([number]) => note('websocket', sentAt[number]))
    socket.send(`{"ack":[${first + entries.length - 1},""]}`)
  })
  socket.send(attach(newSelf('neighbour')))
  await ready
  let sent = 0
  return () => {
    sentAt[++sent] = performance.now()
    socket.send(`{"batch":[${sent},[[${sent}]]]}`)
  }
}

function openPolls(port) {
  const agent = new Agent({ keepAlive: true })
  const self = newSelf('neighbour')
  const sentAt = []
  let sent = 0
  let got = 0
  let isUnderWay = false
  const exchange = (fields) => {
    const body = attach(self, { ack: [got, ''], answer: 'now', ...fields })
    const headers = { 'Content-Length': Buffer.byteLength(body) }
    const sending = request(
      { port, path: '/rungs', method: 'POST', agent, headers },
      async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        const { hello, batch, end } = JSON.parse(text)
        if (end) throw new Error(`the neighbour was refused: ${text}`)
        self.epoch ??= hello?.epoch
        for (const [number] of batch?.[1] ?? []) {
          note('exchange', sentAt[number])
          got = number
        }
        // A server may answer before its handlers have settled; the echo is in a later answer.
        if (got < sent) exchange({})
        else isUnderWay = false
      },
    )
    sending.end(body)
  }
  return () => {
    // A client has one exchange with messages in flight.
    if (isUnderWay) return
    isUnderWay = true
    sentAt[++sent] = performance.now()
    exchange({ batch: [sent, [[sent]]] })
  }
}

answer({
  async start(port) {
    webSocket = await openWebSocket(port)
    post = openPolls(port)
    post()
  },
  /** The delays of so many milliseconds, by how messages went. */
  async listen(ms) {
    delays = {}
    const timer = setInterval(() => {
      webSocket()
      post()
    }, GAP)
    await new Promise((resolve) => setTimeout(resolve, ms))
    clearInterval(timer)
    // Those that are still under way count as well.
    await new Promise((resolve) => setTimeout(resolve, 500))
    return delays
  },
})
