/** The server's own origin where a proxy rewrites `Host`: the browser's word, and what a WebSocket without it may do. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openSocket } from './carriers.ts'
import { Client, batch, newSession } from './client.ts'
import { expectEnd, expectNoEntry, expectRefused } from './expect.ts'
import type { Headers } from './wire.ts'

const APP = 'https://app.example'
const DEV = 'http://localhost:5173'
const PLAIN = 'http://app.example'
/** What a proxy makes of the host. */
const UPSTREAM = 'upstream.example:3000'

const from = (origin: string, site?: string): Headers => ({
  Origin: origin,
  Host: UPSTREAM,
  Cookie: 'user=alice',
  ...(site === undefined ? {} : { 'Sec-Fetch-Site': site }),
})
const vouched = (origin: string): Headers => from(origin, 'same-origin')

const ask = (headers: Headers) => new Client().exchange({ batch: batch(1, 'x') }, {}, headers)

/** A session that a page made for which its browser has vouched. */
async function ownSession(origin: string): Promise<Client> {
  const client = new Client()
  expect((await client.exchange({}, {}, vouched(origin))).status).toBe(200)
  return client
}

const OWN =
  'A request with `Sec-Fetch-Site: same-origin` whose `Origin` is of https or a loopback host comes from the ' +
  "server's own origin, whatever `Host` says."

for (const origin of [APP, `${APP}:8443`, DEV, 'http://127.0.0.1:8080', 'http://[::1]:8080']) {
  prove(
    '3.7',
    OWN,
    async () => {
      expect((await ask(vouched(origin))).status).toBe(200)
      const socket = await openSocket(vouched(origin))
      socket.send({ attach: new Client().attach() })
      await socket.feed.field('ready')
    },
    { with: origin },
  )
}

prove(
  '3.7',
  OWN,
  async () => {
    expectRefused(await ask(vouched(PLAIN)), 'origin-refused')
    expectRefused(await ask(vouched('null')), 'origin-refused')
    const around = { ...vouched(APP), 'Rungs-Origin': 'https://evil.example' }
    expectRefused(await ask(around), 'origin-refused')
    expect((await ask({ ...vouched(APP), 'Rungs-Origin': APP })).status).toBe(200)
  },
  { with: 'and no other' },
)

prove(
  '3.7',
  "With any other `Sec-Fetch-Site`, `Host` makes no origin the server's own.",
  async () => {
    for (const site of ['cross-site', 'same-site', 'none']) {
      const headers = { Host: 'app.example', 'Sec-Fetch-Site': site }
      for (const origin of [APP, PLAIN]) {
        expectRefused(await ask({ ...headers, Origin: origin }), 'origin-refused')
        const socket = await openSocket({ ...headers, Origin: origin })
        socket.send({ attach: (await ownSession(APP)).attach() })
        await expectNoEntry(socket, 'origin-refused')
      }
    }
  },
)

const JOINS =
  'Without it, a WebSocket whose `Origin` is of https or a loopback host, and would be refused, may join a session that a ' +
  'request with the same `Origin` and `Sec-Fetch-Site: same-origin` has made.'

for (const origin of [APP, DEV]) {
  prove(
    '3.7',
    JOINS,
    async () => {
      for (const epoch of [true, false]) {
        const client = await ownSession(origin)
        const socket = await openSocket(from(origin))
        socket.send({ attach: client.attach(epoch ? {} : { epoch: undefined }) })
        expect((await socket.feed.field('hello')).id).toBe(client.hello?.id)
      }
    },
    { with: origin },
  )
}

prove(
  '3.7',
  JOINS,
  async () => {
    for (const [client, origin] of [
      [await newSession(), APP],
      [await ownSession(APP), `${APP}:8443`],
      [await ownSession(APP), PLAIN],
      [await ownSession(DEV), APP],
    ] as const) {
      const socket = await openSocket(from(origin))
      socket.send({ attach: client.attach(), batch: batch(1, 'x') })
      await expectNoEntry(socket, 'origin-refused')
      expect((await client.exchange()).packet.ack?.slice(0, 2)).toEqual([0, 0])
    }
  },
  { with: 'and no other session' },
)

prove(
  '3.7',
  'A server that has no session for such a WebSocket refuses it with `retry` as third element of the end, because the ' +
    'exchange that makes the session may still be on its way; it MAY wait a second for it.',
  async () => {
    const client = new Client()
    const socket = await openSocket(from(APP))
    socket.send({ attach: client.attach(), batch: batch(1, 'x') })
    await socket.closed
    const [type, , then] = socket.feed.packets.at(-1)?.end ?? []
    expect([type, then]).toEqual(['origin-refused', 'retry'])
    expect(socket.feed.packets.length).toBe(1)
    // There is no session of the key, also not one that has ended.
    expect((await client.exchange({}, {}, vouched(APP))).packet.ack?.slice(0, 2)).toEqual([0, 0])
    const again = await openSocket(from(APP))
    again.send({ attach: client.attach() })
    await again.feed.field('ready')
  },
)

prove(
  '3.7',
  'All else that is wrong with the first frame, or with the session, is answered with `origin-refused` as well, before ' +
    'any authentication: a foreign page must learn nothing.',
  async () => {
    const client = await newSession()
    for (const packet of [
      '{',
      '{"attach":{"version":2}}',
      JSON.stringify({ attach: client.attach({ token: 'refuse' }) }),
    ]) {
      const socket = await openSocket(from('https://evil.example'))
      socket.sendRaw(packet)
      await socket.closed
      expectEnd(socket.feed.packets.at(-1) ?? {}, 'origin-refused')
    }
  },
)
