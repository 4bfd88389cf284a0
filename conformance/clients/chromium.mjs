/**
 * Drives our own client in a page of Chromium, as conformance/README.md says: commands come as lines of JSON, and go to the page;
 * what its sockets tell goes back in the same way. `npm run build` makes the client.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { launch } from '../../bench/browser.mjs'

const script = readFileSync(new URL('../../dist/rungs.js', import.meta.url), 'utf8')

/** Runs in the page: `window.command` gets each command, `window.tell` takes what is reported. */
function drive() {
  const sockets = new Map()
  const encode = (data) =>
    data instanceof ArrayBuffer || ArrayBuffer.isView(data)
      ? { bytes: btoa(String.fromCharCode(...new Uint8Array(data))) }
      : { data }
  const decode = ({ data, bytes }) =>
    bytes === undefined ? data : Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0)).buffer
  const listOf = (messages = []) => messages.map(({ data }) => encode(data))

  function connect({ client, url, transports, token }) {
    const report = (event, fields) => window.tell(JSON.stringify({ client, event, ...fields }))
    const socket = window.rungs.connect(url, { transports, auth: token, remember: false })
    sockets.set(client, socket)
    socket.onMessage((data) => report('message', encode(data)))
    socket.onReset(({ unsent, inDoubt }) =>
      report('reset', { unsent: listOf(unsent), inDoubt: listOf(inDoubt) }),
    )
    socket.onState(({ state, reason, unsent, inDoubt }) => {
      if (state === 'open') report('open')
      if (state === 'closed') {
        report('closed', { reason, unsent: listOf(unsent), inDoubt: listOf(inDoubt) })
      }
    })
  }

  window.command = (command) => {
    const socket = sockets.get(command.client)
    if (command.do === 'connect') connect(command)
    if (command.do === 'close') socket.close(command.code, command.reason)
    if (command.do !== 'send') return
    try {
      socket.send(decode(command))
    } catch (error) {
      window.tell(JSON.stringify({ client: command.client, event: 'refused', reason: error.type }))
    }
  }
}

const page = `<!doctype html><title>Conformance</title><script src="/rungs.js"></script><script>(${drive})()</script>`
const server = createServer(({ url }, response) => {
  const type = url === '/rungs.js' ? 'text/javascript' : 'text/html'
  response.writeHead(url === '/favicon.ico' ? 404 : 200, { 'Content-Type': type })
  response.end(url === '/rungs.js' ? script : page)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

const browser = await launch()
const tab = await browser.newPage()
// Texts both ways: Playwright's own encoding has limits that messages do not have.
const report = (text) => process.stdout.write(`${text}\n`)
await tab.exposeFunction('tell', report)
await tab.goto(`http://127.0.0.1:${server.address().port}/`)
report('{"event":"ready"}')
for await (const line of createInterface({ input: process.stdin })) {
  await tab.evaluate((text) => window.command(JSON.parse(text)), line)
}
await browser.close()
server.close()
