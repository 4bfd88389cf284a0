// The bridge frame makes exchanges, and holds the stream, for the page around it (PROTOCOL.md 7). This script hears that page
// alone, pins its origin with the first message, and answers on the port that came with a question. ES5, for old browsers.
;(function () {
  var path = location.pathname.replace(/\/bridge$/, '')
  var origin = ''
  var frame

  /** Sends the last answer on a port. A port that stayed open would be kept for as long as the page. */
  function answer(port, data) {
    port.postMessage(data)
    port.close()
  }

  function exchange(port, body, patience) {
    var request = new XMLHttpRequest()
    request.open('POST', path)
    // The server checks this header like Origin. Only a page of the server's own origin can set it.
    request.setRequestHeader('Rungs-Origin', origin)
    request.timeout = patience
    request.onload = request.onerror = request.ontimeout = function () {
      answer(port, [request.status, request.responseText])
    }
    port.onmessage = function () {
      request.abort()
      port.close()
    }
    request.send(body)
  }

  function closeStream() {
    if (!frame) return
    frame.onload = null
    frame.parentNode.removeChild(frame)
    frame = undefined
  }

  function openStream(port, ticket) {
    // A new stream takes the place of the one before.
    closeStream()
    var opened = document.createElement('iframe')
    opened.style.display = 'none'
    // An application that a service worker answers with does not start in a frame of this name.
    opened.name = 'rungs-bridge'
    // A document that has loaded is a stream that has ended.
    opened.onload = function () {
      answer(port, [0, ''])
    }
    window.rungsPacket = function (text) {
      port.postMessage([200, text])
    }
    port.onmessage = function () {
      if (frame === opened) closeStream()
      port.close()
    }
    opened.src = path + '/forever-iframe?ticket=' + encodeURIComponent(ticket)
    frame = opened
    ;(document.body || document.documentElement).appendChild(frame)
  }

  addEventListener('message', function (event) {
    var data = event.data
    var port = event.ports && event.ports[0]
    if (event.source !== parent || event.origin === 'null' || (origin && event.origin !== origin)) return
    origin = event.origin
    if (!port || !data || typeof data[1] === 'object') return
    if (data[0] === 'hello') answer(port, [200, 'bridge'])
    else if (data[0] === 'post') exchange(port, String(data[1]), Number(data[2]))
    else if (data[0] === 'stream') openStream(port, String(data[1]))
  })
})()
