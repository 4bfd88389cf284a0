// @ts-check
/** The page's end of the numbered traffic, as `window.trial`: the same for Rungs, Socket.IO and SockJS. */
import { diagnose } from '../../dist/diagnose.min.mjs'
import { connect } from '../../dist/rungs.min.mjs'
import { createEnd } from '../traffic/end.js'

/** @import { ResetEvent, Socket, StateEvent, TransportEvent } from '../../src/types.ts' */

/** Folder of the page, which a proxy may have put below a prefix. */
const BASE = location.pathname.replace(/[^/]*$/, '')
/** Milliseconds until a client that does not connect again by itself is made anew. */
const RECONNECT = 1_000
/** Milliseconds between two words of greeting. */
const AGAIN = 500

/** @param {string} src */
const load = (src) =>
  new Promise((/** @type {(value?: undefined) => void} */ done, failed) => {
    const script = document.createElement('script')
    script.src = BASE + src
    script.onload = () => done()
    script.onerror = () => failed(new Error(`${src} does not load`))
    document.head.append(script)
  })

/**
 * Clients, each of which says when it can send, and answers the function that sends, and that names the transport.
 *
 * @typedef {{ send(data: string | Uint8Array): void, transport(): string | null }} Client
 * @typedef {{ opened(): void, received(text: string): void }} Listener
 */

/** Events of the socket of Rungs. */
const log = {
  /** @type {StateEvent[]} */ states: [],
  /** @type {TransportEvent[]} */ changes: [],
  /** @type {ResetEvent[]} */ resets: [],
}

/** @type {Socket | undefined} */
let socket

/** @type {Record<string, (listener: Listener) => Client>} */
const CLIENTS = {
  rungs({ opened, received }) {
    const own = /** @type {Socket} */ (connect(`${BASE}rungs`))
    socket = own
    own.onMessage((text) => received(String(text)))
    own.onState((event) => log.states.push(event))
    own.onTransport((event) => log.changes.push(event))
    own.onReset((event) => log.resets.push(event))
    opened()
    return { send: (data) => own.send(data), transport: () => own.transport }
  },
  'socket.io'({ opened, received }) {
    const own = /** @type {any} */ (window).io({ path: `${BASE}socket.io` })
    own.on('echo', received)
    own.on('connect', opened)
    return {
      send: (data) => own.emit('echo', data),
      transport: () => own.io.engine?.transport?.name ?? null,
    }
  },
  sockjs({ opened, received }) {
    /** @type {any} */
    let own
    const open = () => {
      own = new /** @type {any} */ (window).SockJS(`${BASE}sockjs`)
      own.onopen = opened
      own.onmessage = (/** @type {{ data: string }} */ { data }) => received(data)
      own.onclose = () => setTimeout(open, RECONNECT)
    }
    open()
    return {
      send(data) {
        // Between two connections there is nothing to send with: the message is lost.
        if (own.readyState === 1) own.send(data)
      },
      transport: () => own.transport ?? null,
    }
  },
}

/**
 * Connects, and says hello until that is answered.
 *
 * @param {string} name of the client
 * @param {string} id of this page's traffic
 */
async function begin(name, id) {
  if (name !== 'rungs') await load(`${name}.js`)
  const began = performance.now()
  /** @type {number | null} */
  let usable = null
  let hellos = 0
  /** Bytes that the server says it has got. @type {number[]} */
  const large = []
  const client = CLIENTS[name]?.({
    opened: () => queueMicrotask(() => usable === null && client?.send(`${id} hello`)),
    received(text) {
      if (text === 'hello') {
        hellos++
        usable ??= Math.round(performance.now() - began)
      } else if (text.startsWith('large ')) large.push(Number(text.slice(6)))
      else end.receive(Number(text))
    },
  })
  if (!client) throw new Error(`there is no client ${name}`)
  const end = createEnd((number) => client.send(`${id} ${number}`))
  window.trial = {
    end,
    client,
    large,
    get usable() {
      return usable
    },
    /** Says hello until that is answered: the server knows then where to send. */
    async hello() {
      const wanted = hellos + 1
      while (hellos < wanted) {
        client.send(`${id} hello`)
        await new Promise((done) => setTimeout(done, AGAIN))
      }
    },
    sendLarge: (bytes) => client.send(new Uint8Array(bytes)),
    diagnose: () => diagnose(`${BASE}rungs`),
    report: () => ({
      ...log,
      attempts: socket?.attempts ?? [],
      state: socket?.state ?? null,
      transport: client.transport(),
      sent: end.sent,
      counts: end.tally.counts,
    }),
  }
}

window.begin = begin
