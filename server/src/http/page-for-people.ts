/** The page for a person who opens the hub's path in a tab (PROTOCOL.md 3.1). */
import type { ServerResponse } from 'node:http'
import { NO_STORE } from './responses.ts'

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Rungs</title>
<h1>A Rungs server lives here</h1>
<p>This address is for programs: pages connect to it with the client <code>rungs</code>, by WebSocket or plain HTTP.
<p>That you see this page shows that a plain <code>GET</code> gets through. If a page cannot connect all the same, look at
<code>socket.attempts</code> in the page, at the warnings of the server, or run <code>diagnose()</code> of <code>rungs/diagnose</code>.
</html>
`

/** Sends the page. No part of a request reaches it. */
export function sendPageForPeople(response: ServerResponse): void {
  response.writeHead(404, {
    ...NO_STORE,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(PAGE),
    'Content-Security-Policy':
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  })
  response.end(PAGE)
}
