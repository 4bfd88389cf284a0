/** Which pages may connect, and what the answers tell browsers. */
import { expect } from 'vitest'
import { Client, newSession, openSocket, openStream, refusedStream } from './client.ts'
import { expectClosed, expectRefused, prove } from './prove.ts'
import { ask, target, type Headers } from './wire.ts'

const OWN = target.origin
const FOREIGN = 'http://foreign.example'

const REFUSED =
  'A server MUST refuse an exchange, stream or WebSocket whose `Origin` is neither its own nor one that it was told to ' +
  'allow with `origin-refused`.'

/** That a request with these headers is refused, whatever it is for. */
async function expectNoEntry(headers: Headers, streams = true): Promise<void> {
  const client = await newSession()
  expectRefused(await client.exchange({ batch: [1, [['x']]] }, {}, headers), 'origin-refused')
  const socket = await openSocket(headers)
  socket.send({ attach: client.attach(), batch: [1, [['x']]] })
  await expectClosed(socket, 'origin-refused')
  if (streams) {
    const { packet } = await client.exchange({ stream: 'sse' })
    expectRefused(await refusedStream('sse', packet.ticket!, headers), 'origin-refused')
  }
  expect((await client.exchange()).packet.ack!.slice(1)).toEqual([0, 0, 0])
}

for (const origin of [
  FOREIGN,
  `${OWN}.foreign.example`,
  `${FOREIGN}/${target.host}`,
  `http://${target.host}@foreign.example`,
  `${OWN}/`,
  `http://${target.hostname}:1`,
  `ftp://${target.host}`,
  target.host,
  'file://',
  'https://',
  '*',
  'nonsense',
]) {
  prove('3.7', REFUSED, () => expectNoEntry({ Origin: origin }), { with: origin })
}

prove('3.7', '`Origin: null` is refused, whatever is allowed.', () =>
  expectNoEntry({ Origin: 'null' }),
)

prove(
  '3.7',
  "The server's own origin is the one whose host is that of the `Host` header, unless the server was told otherwise.",
  async () => {
    const headers = { Origin: OWN }
    const client = new Client()
    expect((await client.exchange({}, {}, headers)).status).toBe(200)
    const socket = await openSocket(headers)
    socket.send({ attach: client.attach() })
    await socket.feed.field('ready')
    const { packet } = await client.exchange({ stream: 'sse' })
    await (await openStream('sse', packet.ticket!, headers)).feed.field('ready')
  },
)

const MISSING =
  "A request without `Origin` passes only if it has no `Cookie`; a stream may have one, because a browser's own `GET` " +
  'of the same origin has no `Origin`.'

prove('3.7', MISSING, () => expectNoEntry({ Cookie: 'user=alice' }, false), { with: 'refused' })

prove(
  '3.7',
  MISSING,
  async () => {
    const client = await newSession()
    const { packet } = await client.exchange({ stream: 'sse' })
    const stream = await openStream('sse', packet.ticket!, { Cookie: 'user=alice' })
    await stream.feed.field('ready')
    const withBoth = await client.exchange({}, {}, { Cookie: 'user=alice', Origin: OWN })
    expect(withBoth.status).toBe(200)
  },
  { with: 'passes' },
)

prove(
  '3.7',
  'Answers to exchanges, refusals and SSE streams carry `Access-Control-Allow-Origin` with the origin of the request, ' +
    '`Access-Control-Allow-Credentials: true`, and `Vary: Origin`.',
  async () => {
    const client = new Client()
    const fine = await client.exchange({ stream: 'sse' }, {}, { Origin: OWN })
    const stream = await openStream('sse', fine.packet.ticket!, { Origin: OWN })
    const refused = await client.exchange({}, {}, { Origin: FOREIGN })
    for (const [{ headers }, origin] of [
      [fine, OWN],
      [stream, OWN],
      [refused, FOREIGN],
    ] as const) {
      expect(headers['access-control-allow-origin']).toBe(origin)
      expect(headers['access-control-allow-credentials']).toBe('true')
      expect(headers.vary).toMatch(/\bOrigin\b/i)
    }
    expect((await client.exchange()).headers.vary).toMatch(/\bOrigin\b/i)
  },
)

prove(
  '3.7',
  '`OPTIONS` is answered with 204 and allows no header and no method: no request of this protocol needs a preflight, ' +
    'and the header of the bridge (7) must not pass one.',
  async () => {
    for (const below of ['', '/sse', '/bridge', '/anything']) {
      for (const origin of [OWN, FOREIGN]) {
        const { status, headers } = await ask('OPTIONS', below, {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'rungs-origin, content-type',
        })
        expect(status).toBe(204)
        expect(headers['access-control-allow-headers']).toBeUndefined()
        expect(headers['access-control-allow-methods']).toBeUndefined()
      }
    }
  },
)

const BRIDGE =
  'A server MUST check `Rungs-Origin` like an `Origin` (3.7), and the request must come from its own origin: no other ' +
  'page can set the header, because that would need a preflight, which is never granted.'

for (const [what, headers] of [
  ['a foreign page around it', { Origin: OWN, 'Rungs-Origin': FOREIGN }],
  ['no page around it', { Origin: OWN, 'Rungs-Origin': '' }],
  ['null around it', { Origin: OWN, 'Rungs-Origin': 'null' }],
  ['a bridge elsewhere', { Origin: FOREIGN, 'Rungs-Origin': OWN }],
  ['without Origin', { 'Rungs-Origin': FOREIGN }],
] as const) {
  prove(
    '7',
    BRIDGE,
    async () => {
      const client = new Client()
      expectRefused(await client.exchange({}, {}, headers), 'origin-refused')
    },
    { with: what },
  )
}

prove(
  '7',
  BRIDGE,
  async () => {
    const headers = { Origin: OWN, 'Rungs-Origin': OWN }
    expect((await new Client().exchange({}, {}, headers)).status).toBe(200)
  },
  { with: 'allowed' },
)

const DOCUMENTS =
  'Both documents MUST carry a `Content-Security-Policy` that allows no script but their own and names in ' +
  '`frame-ancestors` who may frame them, `Cross-Origin-Embedder-Policy: require-corp`, and ' +
  '`Cross-Origin-Resource-Policy: cross-origin`.'

for (const which of ['bridge', 'stream'] as const) {
  prove(
    '7',
    DOCUMENTS,
    async () => {
      const client = await newSession()
      const { headers } =
        which === 'bridge' ? await ask('GET', '/bridge') : await client.stream('forever-iframe')
      expect(headers['content-type']).toMatch(/^text\/html\b/)
      const policy = String(headers['content-security-policy'])
      // What knows a nonce or a hash ignores 'unsafe-inline', which is for those that do not.
      expect(policy).toMatch(/script-src [^;]*('nonce-|'sha)/)
      expect(policy).not.toMatch(/unsafe-eval|script-src[^;]* (\*|https?:)/)
      expect(policy).toMatch(/frame-ancestors 'self'/)
      expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
      expect(headers['cross-origin-resource-policy']).toBe('cross-origin')
    },
    { with: which },
  )
}

prove(
  '9',
  'No callback name, origin or other text of a request may reach the documents of section 7.',
  async () => {
    const attack = encodeURIComponent('"><script>alert(1)</script>')
    for (const query of [`?callback=${attack}`, `?c=${attack}&origin=${attack}`, `?${attack}`]) {
      const { text } = await ask('GET', `/bridge${query}`, {
        Origin: FOREIGN,
        Referer: `${FOREIGN}/?${attack}`,
      })
      expect(text).not.toContain('alert(1)')
      expect(text).not.toContain('foreign.example')
    }
  },
)
