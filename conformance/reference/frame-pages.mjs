/** The documents of the forever iframe: the bridge, and the stream in it (PROTOCOL.md 7). */
import { randomBytes } from 'node:crypto'

/** Only the own script runs, and only pages that may connect may frame the document. */
export const documentHeaders = (nonce, origins) => ({
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    `default-src 'none'; script-src 'nonce-${nonce}'; connect-src 'self'; frame-src 'self'; ` +
    `base-uri 'none'; frame-ancestors ${["'self'", ...origins].join(' ')}`,
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'cross-origin',
})

export const documentWith = (nonce, script) =>
  `<!doctype html><meta charset="utf-8"><title>Rungs</title><script nonce="${nonce}">${script}</script>\n`

/** Makes exchanges and holds the stream for the page around it. Takes nothing from its URL but its own path. */
function bridge() {
  const path = location.pathname.replace(/\/bridge$/, '')
  let origin
  let frame

  function exchange(port, body, timeout) {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.setRequestHeader('Rungs-Origin', origin)
    request.timeout = timeout
    request.onloadend = () => finish(port, [request.status, request.responseText])
    port.onmessage = () => {
      request.onloadend = null
      request.abort()
      port.close()
    }
    request.send(body)
  }

  function openStream(port, ticket) {
    frame?.remove()
    const opened = document.createElement('iframe')
    frame = opened
    opened.hidden = true
    opened.name = 'rungs-bridge'
    opened.onload = () => finish(port, [0, ''])
    opened.src = `${path}/forever-iframe?ticket=${encodeURIComponent(ticket)}`
    window.rungsPacket = (packet) => port.postMessage([200, packet])
    port.onmessage = () => {
      opened.remove()
      port.close()
    }
    document.documentElement.append(opened)
  }

  function finish(port, answer) {
    port.postMessage(answer)
    port.close()
  }

  window.addEventListener('message', ({ source, origin: sender, data, ports: [port] }) => {
    if (source !== window.parent || sender === 'null') return
    origin ??= sender
    if (sender !== origin || !port || !Array.isArray(data)) return
    if (data[0] === 'hello') finish(port, [200, 'bridge'])
    if (data[0] === 'post') exchange(port, String(data[1]), Number(data[2]))
    if (data[0] === 'stream') openStream(port, String(data[1]))
  })
}

export function serveBridge({ origins }, response) {
  const nonce = randomBytes(16).toString('base64')
  response.writeHead(200, documentHeaders(nonce, origins))
  response.end(documentWith(nonce, `(${bridge})()`))
}
