/** Which pages may connect, and what the answers tell browsers. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openSocket, openStream, refusedStream, type StreamName } from './carriers.ts'
import { Client, batch, newSession } from './client.ts'
import { expectAck, expectNoEntry, expectRefused } from './expect.ts'
import { target, type Headers } from './wire.ts'

const OWN = target.origin
const FOREIGN = 'http://foreign.example'
/** The one that is allowed; README.md. */
const FRIEND = 'https://friend.example'

const REFUSED =
  'A server MUST refuse an exchange, stream or WebSocket whose `Origin` is neither its own nor one that it was told to ' +
  'allow with `origin-refused`.'

/** That a request with these headers is refused, whatever it is for, and has done nothing. */
async function expectRefusedEverywhere(headers: Headers, streams = true): Promise<void> {
  const client = await newSession()
  const fields = { batch: batch(1, 'x'), volatile: [['x']], bye: [0] }
  expectRefused(await client.exchange(fields, {}, headers), 'origin-refused')
  const socket = await openSocket(headers)
  socket.send({ attach: client.attach(), ...fields })
  await expectNoEntry(socket, 'origin-refused')
  if (streams) {
    const ticket = await client.ticket('sse')
    expectRefused(await refusedStream('sse', ticket, headers), 'origin-refused')
    const other = await client.ticket('forever-iframe')
    expectRefused(await refusedStream('forever-iframe', other, headers), 'origin-refused')
  }
  expectAck((await client.exchange()).packet, 0, 0, 0)
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
  'http://friend.example',
  `${FRIEND}:8443`,
  `${FRIEND}.foreign.example`,
  `${FRIEND}/`,
  'https://my.friend.example',
  'friend.example',
  'file://',
  'https://',
  '*',
  '',
  'nonsense',
]) {
  prove('3.7', REFUSED, () => expectRefusedEverywhere({ Origin: origin }), { with: origin })
}

prove('3.7', '`Origin: null` is refused, whatever is allowed.', () =>
  expectRefusedEverywhere({ Origin: 'null' }),
)

/** The headers by which a browser lets a page read an answer. */
function expectReadable(headers: object, origin: string): void {
  expect(headers).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: expect.stringMatching(/\bOrigin\b/i),
  })
}

const CORS =
  'Answers to exchanges, refusals and SSE streams carry `Access-Control-Allow-Origin` with the origin of the request, ' +
  '`Access-Control-Allow-Credentials: true`, and `Vary: Origin`; refused ones, too, so that a page can read why.'

for (const [what, origin] of [
  ['the own one', OWN],
  ['an allowed one', FRIEND],
] as const) {
  prove(
    '3.7',
    REFUSED,
    async () => {
      const headers = { Origin: origin, Cookie: 'user=alice' }
      const client = new Client()
      const { status, packet } = await client.exchange({}, {}, headers)
      expect([status, packet.end]).toEqual([200, undefined])
      const socket = await openSocket(headers)
      socket.send({ attach: client.attach() })
      await socket.feed.field('ready')
      const sse = await openStream('sse', await client.ticket('sse'), headers)
      await sse.feed.field('ready')
      const frame = await openStream(
        'forever-iframe',
        await client.ticket('forever-iframe'),
        headers,
      )
      await frame.script(2)
    },
    { with: `${what} gets in` },
  )

  prove(
    '3.7',
    CORS,
    async () => {
      const client = await newSession()
      const headers = { Origin: origin }
      expectReadable((await client.exchange({ answer: 'now' }, {}, headers)).headers, origin)
      expectReadable((await openStream('sse', await client.ticket('sse'), headers)).headers, origin)
      expectReadable((await client.exchange({ ack: 1 }, {}, headers)).headers, origin)
      expectReadable((await refusedStream('sse', 'none', headers)).headers, origin)
      const late = await client.ticket('sse')
      await client.exchange({}, { want: client.t + 1 })
      const superseded = await refusedStream('sse', late, headers)
      expectRefused(superseded, 'superseded')
      expectReadable(superseded.headers, origin)
    },
    { with: what },
  )
}

prove(
  '3.7',
  CORS,
  async () => {
    const client = await newSession()
    const headers = { Origin: FOREIGN }
    expectReadable((await client.exchange({}, {}, headers)).headers, FOREIGN)
    const ticket = await client.ticket('sse')
    expectReadable((await refusedStream('sse', ticket, headers)).headers, FOREIGN)
    // A cache must not give this to a page.
    expect((await client.exchange()).headers.vary).toMatch(/\bOrigin\b/i)
  },
  { with: 'a foreign one' },
)

const MISSING =
  "A request without `Origin` passes only if it has no `Cookie`; a stream may have one, because a browser's own `GET` " +
  'of the same origin has no `Origin`.'

prove('3.7', MISSING, () => expectRefusedEverywhere({ Cookie: 'user=alice' }, false), {
  with: 'refused',
})

for (const transport of ['sse', 'forever-iframe'] satisfies StreamName[]) {
  prove(
    '3.7',
    MISSING,
    async () => {
      const client = await newSession()
      const ticket = await client.ticket(transport)
      const stream = await openStream(transport, ticket, { Cookie: 'user=alice' })
      await client.send(1, 'to whoever reads')
      await stream.includes('to whoever reads')
    },
    { with: `passes, ${transport}` },
  )
}

prove(
  '3.7',
  "The server's own origin is the one whose host is that of the `Host` header, unless the server was told otherwise.",
  async () => {
    const host = 'other.example:8080'
    const ask = (origin: string) => new Client().exchange({}, {}, { Host: host, Origin: origin })
    expect((await ask(`http://${host}`)).status).toBe(200)
    expect((await ask(`https://${host}`)).status).toBe(200)
    expectRefused(await ask('http://other.example'), 'origin-refused')
    expectRefused(await ask(OWN), 'origin-refused')
  },
)
