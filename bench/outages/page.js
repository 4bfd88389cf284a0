/** In the browser: a client that sends a number twice a second, and when the last echo of them came. */

/** Milliseconds between two numbers, and until a client that does not connect again by itself is made anew. */
const INTERVAL = 500
const RECONNECT = 1_000

/** Each answers the function that sends a text now; what cannot go now may be dropped. */
const CLIENTS = {
  rungs(echoed) {
    const socket = rungs.connect('/rungs')
    socket.onMessage(echoed)
    return (text) => socket.send(text)
  },
  'socket.io'(echoed) {
    const socket = io()
    socket.on('echo', echoed)
    return (text) => socket.emit('echo', text)
  },
  /** The next two leave it to the application to connect again. */
  'engine.io': (echoed) =>
    again((opened, closed) => {
      const socket = eio()
      socket.on('open', () => opened((text) => socket.send(text)))
      socket.on('message', echoed)
      socket.on('close', closed)
    }),
  sockjs: (echoed) =>
    again((opened, closed) => {
      const socket = new SockJS('/sockjs')
      socket.onopen = () => opened((text) => socket.send(text))
      socket.onmessage = ({ data }) => echoed(data)
      socket.onclose = closed
    }),
}

function again(connect) {
  let send = () => {}
  const open = () =>
    connect(
      (how) => {
        send = how
      },
      () => {
        send = () => {}
        setTimeout(open, RECONNECT)
      },
    )
  open()
  return (text) => send(text)
}

/** Times of `Date.now()` at which echoes came. */
window.echoes = []
window.begin = (name) => {
  let number = 0
  const send = CLIENTS[name](() => window.echoes.push(Date.now()))
  setInterval(() => send(String(number++)), INTERVAL)
}
