/** In the browser: every client, and the time that its first message takes. */

/** Milliseconds after which a client counts as never usable. */
const LIMIT = 20_000

/** Each connects and sends as soon as it may; `echoed` is called with what comes back, `failed` if it gives up. */
const CLIENTS = {
  /** The yardstick for one round trip. */
  fetch(echoed, failed) {
    fetch('/', { method: 'POST', body: 'hi' })
      .then((answer) => answer.text())
      .then(echoed, failed)
  },

  /** The yardstick for three: TCP, the upgrade, the message. */
  websocket(echoed, failed) {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/`)
    socket.onopen = () => socket.send('hi')
    socket.onmessage = ({ data }) => echoed(data)
    socket.onclose = failed
  },

  rungs(echoed) {
    const socket = rungs.connect('/rungs')
    socket.onMessage(echoed)
    socket.send('hi')
    window.socket = socket
  },

  'socket.io': (echoed) => socketIO({}, echoed),
  'socket.io, WebSocket only': (echoed) => socketIO({ transports: ['websocket'] }, echoed),

  sockjs(echoed, failed) {
    const socket = new SockJS('/sockjs')
    socket.onopen = () => socket.send('hi')
    socket.onmessage = ({ data }) => echoed(data)
    socket.onclose = failed
  },

  signalr(echoed, failed) {
    const connection = new signalR.HubConnectionBuilder()
      .withUrl('/signalr')
      .configureLogging(signalR.LogLevel.None)
      .build()
    connection.on('echo', echoed)
    connection.start().then(() => connection.send('echo', 'hi'), failed)
  },
}

function socketIO(options, echoed) {
  const socket = io(options)
  socket.on('echo', echoed)
  // Sent as soon as it is connected.
  socket.emit('echo', 'hi')
}

/** After this the browser has a connection in its pool, as a page in use has. */
window.warm = async () => {
  await (await fetch('/warm', { cache: 'no-store' })).text()
}

/** Milliseconds from the call of `connect` to the first echo; `failed` or `never` instead of them. */
window.measure = (name) =>
  new Promise((resolve) => {
    const begin = performance.now()
    const echoed = (data) => {
      const ms = performance.now() - begin
      if (data !== 'hi') throw new Error(`an echo of something else: ${data}`)
      resolve({ ms, transport: window.socket?.transport })
    }
    setTimeout(resolve, LIMIT, { never: true })
    CLIENTS[name](echoed, () => resolve({ failed: true }))
  })

/** Resolves with the transport of Rungs once it has been one of these for so many milliseconds, or with what there is. */
window.settled = (names, steady, limit) =>
  new Promise((resolve) => {
    const { socket } = window
    let timer
    const done = () => {
      off()
      clearTimeout(last)
      resolve(socket.transport)
    }
    const look = () => {
      clearTimeout(timer)
      if (names.includes(socket.transport)) timer = setTimeout(done, steady)
    }
    const off = socket.onTransport(look)
    const last = setTimeout(done, limit)
    look()
  })
