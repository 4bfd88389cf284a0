// The bridge frame: makes exchanges and holds the stream for the page around it. It talks to that page alone, pins
// its origin at the first word, and never posts to '*'. ES5, for the oldest browsers.
;(function () {
  var path = location.pathname.replace(/\/bridge$/, '')
  var origin = ''
  var requests = {}
  var frame

  function tell(message) {
    parent.postMessage(message, origin)
  }

  function post(id, body, patience) {
    var request = new XMLHttpRequest()
    var done = function () {
      delete requests[id]
      tell(['answer', id, request.status, request.responseText])
    }
    requests[id] = request
    request.open('POST', path)
    // The server checks it like an Origin header. Only a page of the server's own origin can set it.
    request.setRequestHeader('Rungs-Origin', origin)
    request.timeout = patience
    request.onload = request.onerror = request.ontimeout = done
    request.send(body)
  }

  function abort(id) {
    if (requests[id]) requests[id].abort()
    delete requests[id]
  }

  function open(ticket) {
    // A new stream takes the place of the one before, whose end is nobody's business any more.
    if (frame) {
      frame.onload = null
      frame.parentNode.removeChild(frame)
    }
    frame = document.createElement('iframe')
    frame.style.display = 'none'
    // A document that has loaded is a stream that has ended.
    frame.onload = function () {
      tell(['end'])
    }
    frame.src = path + '/forever-iframe?ticket=' + encodeURIComponent(ticket)
    ;(document.body || document.documentElement).appendChild(frame)
  }

  window.rungsPacket = function (text) {
    tell(['packet', text])
  }

  addEventListener('message', function (event) {
    var data = event.data
    if (event.source !== parent || event.origin === 'null' || (origin && event.origin !== origin)) return
    origin = event.origin
    if (!data || typeof data[1] === 'object') return
    if (data[0] === 'post') post(Number(data[1]), String(data[2]), Number(data[3]))
    else if (data[0] === 'abort') abort(Number(data[1]))
    else if (data[0] === 'stream') open(String(data[1]))
  })
})()
