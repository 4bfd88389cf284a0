/** In the browser: channels to both servers, and one way to measure them. */
import { connect } from '/rungs.min.mjs'

/** A channel is `send`, and `receive`, which whoever measures sets. */
const channels = {}

async function openPlain(url) {
  const socket = new WebSocket(url)
  await new Promise((opened, failed) => {
    socket.onopen = opened
    socket.onerror = failed
  })
  const channel = { send: (text) => socket.send(text), receive() {} }
  socket.onmessage = ({ data }) => channel.receive(data)
  return channel
}

async function openRungs(transport) {
  const socket = connect('/rungs', { transports: [transport] })
  await new Promise((opened) => {
    socket.onState(({ state }) => state === 'open' && opened())
  })
  const channel = { send: (text) => socket.send(text), receive() {} }
  socket.onMessage((data) => channel.receive(data))
  return channel
}

window.openChannel = async (name, url) => {
  channels[name] = url ? await openPlain(url) : await openRungs(name)
}

/**
 * Keeps so many messages in flight for so many milliseconds: one is sent for each echo. Answers how many came back,
 * how long it took until the last one had, and the milliseconds between an echo and the one before. Whoever gets an echo
 * looks at it: Chromium makes a string of a frame only for those who do.
 */
window.measure = (name, inFlight, bytes, ms) =>
  new Promise((done, fail) => {
    const channel = channels[name]
    const text = 'x'.repeat(bytes)
    const begin = performance.now()
    const gaps = []
    let last = begin
    let sent = 0
    const send = () => {
      sent++
      channel.send(text)
    }
    channel.receive = (echo) => {
      if (echo.length !== bytes) return fail(new Error(`${name} answered ${echo}`))
      const now = performance.now()
      gaps.push(now - last)
      last = now
      if (now - begin < ms) send()
      else if (gaps.length === sent) {
        done({
          received: sent,
          elapsed: now - begin,
          gap: gaps.sort((a, b) => a - b)[gaps.length >> 1],
        })
      }
    }
    for (let i = 0; i < inFlight; i++) send()
  })
