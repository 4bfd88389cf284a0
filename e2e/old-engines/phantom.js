// Runs in PhantomJS itself: sends a lone surrogate, JSON and binary over each transport, and compares what comes back.
/* global phantom, require */
var page = require('webpage').create()
var args = require('system').args
var failed = 0

page.onConsoleMessage = function (line) {
  console.log(line)
  if (line.indexOf('✗') === 0) failed++
  if (line === 'done') phantom.exit(failed)
}
page.onError = function (message) {
  console.log('✗ ' + message)
  phantom.exit(1)
}
page.open(args[1], function (status) {
  if (status !== 'success') return phantom.exit(1)
  page.evaluate(function (transports) {
    var sent = ['\ud800 \u2028', { a: [1, null, '\r\n'] }, new Uint8Array([0, 10, 255])]
    var text = function (data) {
      return data.byteLength === undefined ? escape(JSON.stringify(data)) : [].join.call(data)
    }
    var next = function () {
      var transport = transports.shift()
      if (!transport) return console.log('done')
      var socket = window.rungs.connect('/rungs', { transports: [transport] })
      var received = []
      var finish = function (good) {
        clearTimeout(timer)
        console.log((good ? '✓ ' : '✗ ') + transport)
        socket.close()
        next()
      }
      var timer = setTimeout(function () {
        finish(false)
      }, 10000)
      socket.onMessage(function (data) {
        received.push(data)
        if (received.length === sent.length)
          finish(received.map(text).join() === sent.map(text).join())
      })
      sent.forEach(function (data) {
        socket.send(data)
      })
    }
    next()
  }, args.slice(2))
})
