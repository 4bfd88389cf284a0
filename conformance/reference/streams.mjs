/** Streams: what a ticket opens, as server-sent events or as a document of scripts (PROTOCOL.md 3.4 to 3.6). */
import { randomBytes } from 'node:crypto'
import { COMMON_HEADERS } from './answers.mjs'
import { documentHeaders, documentWith } from './frame-pages.mjs'
import { corsHeaders } from './origins.mjs'
import { StreamReader } from './reader.mjs'

/** Characters after which a document ends, because a browser keeps all of it while it loads. */
const MAX_DOCUMENT = 4_000_000

/** Characters of padding at most, whatever a client asks for. */
const MAX_PADDING = 4_096

/** How a transport writes: its headers, what comes first, and one packet. */
const FORMATS = {
  sse: (request) => ({
    headers: { ...corsHeaders(request), 'Content-Type': 'text/event-stream' },
    prologue: ':\n\n',
    encode: (packet) => `data: ${packet}\n\n`,
    padding: (length) => `:${' '.repeat(length)}\n\n`,
  }),
  'forever-iframe': (request, origins) => {
    const nonce = randomBytes(16).toString('base64')
    return {
      headers: documentHeaders(nonce, origins),
      prologue: documentWith(nonce, SHOW).padEnd(1_024),
      encode: (packet) => `<script nonce="${nonce}">show(${literal(packet)})</script>\n`,
      padding: (length) => ' '.repeat(length),
    }
  },
}

/** The script of the document: it gives a packet to the bridge, and removes the node that brought it. */
const SHOW = `function show(packet) {
  document.currentScript.remove()
  parent.rungsPacket(packet)
}`

/** A text as JavaScript that ends neither its script nor its line. */
const literal = (text) =>
  JSON.stringify(text).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Serves a stream of a page that may connect. */
export function serveStream({ sessions, origins }, transport, url, request, response) {
  const ticket = sessions.takeTicket(url.searchParams.get('ticket') ?? '', transport)
  const { attach, position } = ticket
  const session = sessions.admit(attach, undefined, position, true)
  const { headers, prologue, encode, padding } = FORMATS[transport](request, origins)
  const pad = attach.pad ? padding(Math.min(attach.pad, MAX_PADDING)) : ''
  response.writeHead(200, { ...COMMON_HEADERS, 'X-Accel-Buffering': 'no', ...headers })
  response.write(prologue + pad)
  let length = 0
  const sink = {
    frames: false,
    pad: () => response.write(pad),
    write(packet) {
      const text = encode(packet)
      response.write(text)
      length += text.length
      if (transport === 'forever-iframe' && length > MAX_DOCUMENT) response.end()
    },
    end(end) {
      sink.write(JSON.stringify(end.packet))
      response.end()
    },
    drop: () => response.destroy(),
  }
  const reader = new StreamReader(session, attach, position, sink)
  response.on('close', () => session.removeReader(reader))
  session.addReader(reader)
}
