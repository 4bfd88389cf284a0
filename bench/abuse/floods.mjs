/** The floods: each gets the port of the server and a signal that ends it. A connection reads what comes, unless it says so. */
import { setTimeout as sleep } from 'node:timers/promises'
import { attach, dial, exchange, frame, newSelf, openSocket, pourAgain } from './wire.mjs'

const PING = 9
/** Entries of the largest list that is taken (PROTOCOL.md 5). */
const MANY = 20_000
/** Sessions of the room that one session writes to. */
const CROWD = 300

const reading = (socket) => socket.resume()
const both = (...works) => Promise.all(works)

/** The same bytes over and over, on a WebSocket that reads. */
const onSocket = (bytes) => (port, signal) =>
  pourAgain(
    async () => reading(await openSocket(port, newSelf())),
    () => bytes,
    signal,
  )

/** Exchanges over and over on a connection that is kept alive: `pipelined` of them at a time, each when the last is answered. */
const exchanges =
  (next, pipelined = 1) =>
  async (port, signal) => {
    while (!signal.aborted) {
      const socket = await dial(port)
      const round = () => socket.write(Array.from({ length: pipelined }, next).join(''))
      let answers = 0
      socket.on('data', (chunk) => {
        answers += String(chunk).split('HTTP/1.1 ').length - 1
        if (answers < pipelined || signal.aborted) return
        answers = 0
        round()
      })
      signal.addEventListener('abort', () => socket.destroy())
      round()
      if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve))
      await sleep(1)
    }
  }

const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth)
const manyEntries = Array.from({ length: MANY }, () => '[0]').join()

/** Batches with numbers that go on. @param {string} user decides what the server does with them */
const batches = (user) => (port, signal) => {
  let first = 1
  return pourAgain(
    async () => {
      first = 1
      return reading(await openSocket(port, newSelf(user)))
    },
    () => {
      const bytes = frame(`{"batch":[${first},[${manyEntries}]],"ack":[0,""]}`)
      first += MANY
      return bytes
    },
    signal,
  )
}

/** A body of so many bytes in chunks of one. */
async function tinyChunks(port, signal) {
  const bytes = 'POST /rungs HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
  const chunks = '1\r\nx\r\n'.repeat(10_000)
  const open = async () => {
    const socket = reading(await dial(port))
    socket.write(bytes)
    return socket
  }
  await both(...Array.from({ length: 4 }, () => pourAgain(open, () => chunks, signal)))
}

/** A message of 6 MB in the own log, then exchanges on connections that nobody reads. */
async function unreadAnswers(port, signal) {
  const self = newSelf('big')
  const first = await fetch(`http://127.0.0.1:${port}/rungs`, {
    method: 'POST',
    body: attach(self, { batch: [1, [[990_000]]] }),
  })
  self.epoch = (await first.json()).hello.epoch
  const polls = () =>
    Array.from({ length: 15 }, () => exchange(attach(self, { answer: 'now' }))).join('')
  while (!signal.aborted) {
    const sockets = await both(...Array.from({ length: 8 }, () => dial(port)))
    for (const socket of sockets) {
      socket.pause()
      socket.write(polls())
    }
    await sleep(100)
    for (const socket of sockets) socket.destroy()
  }
}

/** WebSockets that are sent much and read nothing. */
async function unreadSockets(port, signal) {
  const echo = 'x'.repeat(50_000)
  const one = async () => {
    let first = 1
    const open = async () => {
      first = 1
      const socket = await openSocket(port, newSelf())
      socket.pause()
      return socket
    }
    await pourAgain(open, () => frame(`{"batch":[${first++},[["${echo}"]]]}`), signal)
  }
  await both(...Array.from({ length: 4 }, one))
}

/** Many connections that never finish what they began, as long as the server keeps them. */
const slowly = (beginning) => async (port, signal) => {
  const sockets = []
  while (!signal.aborted) {
    for (let i = 0; i < 10 && sockets.length < 1_000; i++) {
      const socket = reading(await dial(port))
      socket.write(beginning)
      sockets.push(socket)
    }
    for (const socket of sockets) if (!socket.destroyed) socket.write('x')
    await sleep(50)
  }
  for (const socket of sockets) socket.destroy()
}

/** A room of sessions that read and acknowledge, and one that makes the handler write to all of them. */
async function amplified(port, signal) {
  const crowd = await both(
    ...Array.from({ length: CROWD }, async () => {
      const socket = await openSocket(port, newSelf('room'))
      let tail = ''
      socket.on('data', (chunk) => {
        const text = tail + chunk.toString('latin1')
        // A batch says the number of its first message.
        const batch = [...text.matchAll(/"batch":\[(\d+),\[((?:\[0\],?)+)\]\]/g)].at(-1)
        tail = text.slice(batch ? batch.index + batch[0].length : 0)
        if (!batch) return
        const last = Number(batch[1]) + batch[2].match(/0/g).length - 1
        socket.write(frame(`{"ack":[${last},""]}`))
      })
      return socket
    }),
  )
  await both(exchanges(loudly(), 1)(port, signal), sleepUntil(signal))
  // Without a goodbye they would be sessions that do not read, of which the server ends those whose log is full.
  await both(...crowd.map(leave))
}
/** Says goodbye, and goes on reading until the server has closed. */
async function leave(socket) {
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(frame('{"bye":[0,1000,"left"]}'))
  await closed
}
const sleepUntil = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve))
const loudly = () => () => {
  const self = newSelf('loud')
  return exchange(
    `${attach(self)}\n{"batch":[1,[${Array.from({ length: 2_000 }, () => '[0]').join()}]]}`,
  )
}

/** An exchange of a new session each time. */
const fresh =
  (fields = {}) =>
  () =>
    exchange(attach(newSelf(), fields))
const poll = (self, fields) => () => exchange(attach(self, fields))

export const FLOODS = {
  probes: onSocket(frame('{"probe":1}')),
  'probes by exchange': exchanges(poll(newSelf(), { probe: 1 }), 8),
  'within: 1': exchanges(poll(newSelf(), { answer: 'wait', within: 1 }), 8),
  'ping frames': onSocket(frame('x', PING)),
  'empty packets': onSocket(frame('{}')),
  'batches of 20,000': batches(''),
  'deep nesting': exchanges(
    () => exchange(`${attach(newSelf())}\n{"batch":[1,[[${nested(30_000)}]]]}`),
    4,
  ),
  'chunks of a byte': tinyChunks,
  'attach and bye: [60]': exchanges(fresh({ bye: [60] }), 8),
  attach: exchanges(fresh(), 8),
  'unread answers': unreadAnswers,
  'unread WebSockets': unreadSockets,
  amplification: amplified,
  'slow heads': slowly('POST /rungs HTTP/1.1\r\nHost: a\r\nX: '),
  'slow bodies': slowly('POST /rungs HTTP/1.1\r\nHost: a\r\nContent-Length: 16000\r\n\r\n'),
}
