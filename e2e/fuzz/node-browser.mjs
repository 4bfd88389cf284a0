// @ts-check
/** The part of a browser that the client needs, for Node: requests by `http`, streams, and WebSockets by `ws`. */
import { setMaxListeners } from 'node:events'
import { Agent, get, request as send } from 'node:http'
import { WebSocket as NodeWebSocket } from 'ws'

/** @import { ClientRequest } from 'node:http' */

const agent = new Agent({ keepAlive: true })

class XMLHttpRequest {
  status = 0
  responseText = ''
  timeout = 0
  withCredentials = false
  onprogress = () => {}
  onloadend = () => {}
  #url = ''
  /** @type {ClientRequest | undefined} */
  #request

  /** @param {string} _ the method, always POST @param {string} url */
  open(_, url) {
    this.#url = url
  }

  /** @param {string} body */
  send(body) {
    const headers = { 'Content-Length': Buffer.byteLength(body) }
    const sent = send(this.#url, { method: 'POST', agent, headers })
    this.#request = sent
    let isDone = false
    const finish = (status = 0) => {
      if (isDone) return
      isDone = true
      clearTimeout(timer)
      this.status = status
      if (!status) this.responseText = ''
      this.onloadend()
    }
    const timer = setTimeout(() => sent.destroy(), this.timeout || 2 ** 31 - 1)
    sent.on('error', () => finish())
    sent.on('close', () => finish())
    sent.on('response', (response) => {
      response.setEncoding('utf8').on('data', (chunk) => {
        this.responseText += chunk
        this.onprogress()
      })
      response.on('end', () => finish(response.statusCode))
    })
    sent.end(body)
  }

  abort() {
    this.#request?.destroy()
  }
}

class WebSocket extends NodeWebSocket {
  /** @param {string} url @param {string | string[]} [protocols] */
  constructor(url, protocols) {
    super(url, protocols)
    // A browser does not throw if a page that has let go of its socket does not listen to errors any more.
    this.on('error', () => {})
  }
}

class EventSource {
  onmessage = (/** @type {{ data: string }} */ _) => {}
  onerror = () => {}
  /** @type {() => void} */
  close

  /** @param {string} url */
  constructor(url) {
    this.close = readStream(url, {
      before: 'data: ',
      after: '\n\n',
      onPacket: (data) => this.onmessage({ data }),
      onEnd: () => this.onerror(),
    })
  }
}

/**
 * Reads packets from a stream. Returns the function that ends it.
 *
 * @param {string} url
 * @param {{ before: string, after: string, onPacket(text: string): void, onEnd(): void }} how
 */
export function readStream(url, { before, after, onPacket, onEnd }) {
  let isClosed = false
  let text = ''
  const end = () => {
    if (!isClosed) onEnd()
  }
  const sent = get(url, { agent: false }, (response) => {
    if (response.statusCode !== 200) return end()
    response.setEncoding('utf8').on('data', (chunk) => {
      const pieces = (text + chunk).split(after)
      text = pieces.pop() ?? ''
      for (const piece of pieces) {
        const at = piece.indexOf(before)
        if (at >= 0 && !isClosed) onPacket(piece.slice(at + before.length))
      }
    })
    response.on('close', end)
    return undefined
  })
  sent.on('error', end)
  return () => {
    isClosed = true
    sent.destroy()
  }
}

/** Puts it in place. Page events never happen. */
export function installBrowser() {
  const window = new EventTarget()
  // One for each client of the process.
  setMaxListeners(0, window)
  const globals = {
    XMLHttpRequest,
    EventSource,
    WebSocket,
    window,
    addEventListener: window.addEventListener.bind(window),
    removeEventListener: window.removeEventListener.bind(window),
    navigator: { userAgent: 'node' },
    document: { hidden: false, createElement: () => ({ href: '' }) },
  }
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  }
}
