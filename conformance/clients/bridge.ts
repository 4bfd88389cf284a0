/** The documents of the forever iframe, as the server of the suite has them (PROTOCOL.md 3.6 and 7). */
import type { ServerResponse } from 'node:http'

/** Runs in the bridge. Exchanges and streams go to the server of the suite, where tests answer them. */
function bridge(): void {
  const path = location.pathname.replace(/\/bridge$/, '')
  let origin: string | undefined
  let frame: HTMLIFrameElement | undefined

  function exchange(port: MessagePort, body: string, timeout: number): void {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.setRequestHeader('Rungs-Origin', origin!)
    request.timeout = timeout
    request.onloadend = () => port.postMessage([request.status, request.responseText])
    port.onmessage = () => request.abort()
    request.send(body)
  }
  function openStream(port: MessagePort, ticket: string): void {
    frame?.remove()
    const opened = document.createElement('iframe')
    frame = opened
    opened.addEventListener('load', () => port.postMessage([0, '']))
    opened.src = `${path}/forever-iframe?ticket=${encodeURIComponent(ticket)}`
    Object.assign(window, { show: (packet: string) => port.postMessage([200, packet]) })
    port.onmessage = () => opened.remove()
    document.body.append(opened)
  }
  window.addEventListener('message', ({ source, origin: sender, data, ports: [port] }) => {
    if (source !== window.parent || !port) return
    origin ??= sender
    const [verb, text, timeout] = data as [string, string, number]
    if (verb === 'hello') port.postMessage([200, 'bridge'])
    if (verb === 'post') exchange(port, text, timeout)
    if (verb === 'stream') openStream(port, text)
  })
}

/** Runs in a document that is not the bridge. Tells the server of the suite what it hears, and when it is removed. */
function eavesdrop(): void {
  const tell = (text: unknown): void =>
    void fetch('/heard', { method: 'PUT', body: JSON.stringify(text), keepalive: true })
  window.addEventListener('message', ({ data }) => tell(data))
  window.addEventListener('pagehide', () => tell('removed'))
}

const documentOf = (script: () => void): string =>
  `<!doctype html><title>Frame</title><body><script>(${script})()</script>`

export const BRIDGE = documentOf(bridge)
export const EAVESDROPPER = documentOf(eavesdrop)

/** Begins the document of a stream. */
export function beginDocument(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
  response.write('<!doctype html><title>Stream</title>'.padEnd(1_024))
}

/** A packet as a script of the document. */
export const scriptOf = (packet: string): string =>
  `<script>parent.show(${JSON.stringify(packet).replaceAll('<', '\\u003c')})</script>\n`
