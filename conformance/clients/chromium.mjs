/**
 * Drives our own client in pages of Chromium, as conformance/README.md says: commands come as lines of JSON, and go to the page of
 * their client; what its socket tells goes back in the same way. `npm run build` makes the client.
 *
 *     node conformance/clients/chromium.mjs          dist/rungs.js
 *     node conformance/clients/chromium.mjs SCRIPT   another build of it
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { launch } from '../../bench/browser.mjs'

const { 2: path = new URL('../../dist/rungs.js', import.meta.url) } = process.argv
const script = readFileSync(path, 'utf8')

/** Runs in the page: `window.command` gets each command, `window.tell` takes what is reported. */
function drive() {
  let socket
  const encode = (data) =>
    data instanceof ArrayBuffer || ArrayBuffer.isView(data)
      ? { bytes: btoa(String.fromCharCode(...new Uint8Array(data))) }
      : { data }
  const decode = ({ data, bytes }) =>
    bytes === undefined ? data : Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0)).buffer
  const listOf = (messages = []) => messages.map(({ data }) => encode(data))
  const takeToken = (tokens) => {
    if (tokens.length === 0) throw new Error('no token is left')
    return tokens.shift()
  }

  function connect({ client, url, transports, token, tokens, resume = false }) {
    const report = (event, fields) => window.tell(JSON.stringify({ client, event, ...fields }))
    const auth = tokens ? () => takeToken(tokens) : token
    socket = window.rungs.connect(url, { transports, auth, resume, remember: false })
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
    if (command.do === 'connect') connect(command)
    if (command.do === 'close') socket.close(command.code, command.reason)
    if (command.do !== 'send') return
    const { client, times = 1, to } = command
    try {
      for (let count = 0; count < times; count++) socket.send(decode(command), to && { to })
    } catch (error) {
      window.tell(JSON.stringify({ client, event: 'refused', reason: error.type }))
    }
  }
}

const page = `<!doctype html><title>Conformance</title><body><script src="/rungs.js"></script><script>(${drive})()</script>`
const server = createServer(({ url }, response) => {
  const type = url === '/rungs.js' ? 'text/javascript' : 'text/html'
  response.writeHead(url === '/favicon.ico' ? 404 : 200, { 'Content-Type': type })
  response.end(url === '/rungs.js' ? script : page)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

const browser = await launch()
const report = (text) => process.stdout.write(`${text}\n`)

/** A page of its own, with storage of its own, for a client. */
async function openTab(connect) {
  const context = await browser.newContext()
  const tab = await context.newPage()
  // Texts both ways: Playwright's own encoding has limits that messages do not have.
  await tab.exposeFunction('tell', report)
  await tab.goto(`http://127.0.0.1:${server.address().port}/`)
  return { tab, connect }
}

/** Gives a command to a page. */
const pass = ({ tab }, line) => tab.evaluate((text) => window.command(JSON.parse(text)), line)

/** Commands about the page itself. */
const ACTS = {
  async reload({ tab, connect }) {
    await tab.reload()
    await pass({ tab }, connect)
  },
  leave: ({ tab }) => tab.goto('about:blank'),
  // Headless, a page neither freezes nor hides: the event is all that a page has of it.
  wake: ({ tab }) => tab.evaluate(() => void document.dispatchEvent(new Event('visibilitychange'))),
  end: ({ tab }) => tab.context().close(),
}

const tabs = new Map()
report('{"event":"ready"}')
for await (const line of createInterface({ input: process.stdin })) {
  const { client, do: name } = JSON.parse(line)
  if (name === 'connect') tabs.set(client, await openTab(line))
  const act = ACTS[name] ?? ((tab) => pass(tab, line))
  await act(tabs.get(client))
}
await browser.close()
server.close()
