// The stream frame. Every chunk of it is a script that calls p with a packet (PROTOCOL.md 3.6). ES5, for old browsers.
function p(text) {
  var script = document.currentScript
  // Scripts that stay would fill the document with two nodes a message.
  if (script) script.parentNode.removeChild(script)
  parent.rungsPacket(text)
}
