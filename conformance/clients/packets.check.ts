/** Duties of a client: the key, and which packets it takes (PROTOCOL.md 2 and 9.1). */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client } from './program.ts'
import { LONG_POLL, WEBSOCKET, openScene, streamScene, SSE } from './scenes.ts'
import { startServer } from './server.ts'
import { HELLO, type Fields } from './wire.ts'

const DRAWS =
  'A client MUST draw the key from a cryptographic random source, MUST NOT fall back to a weaker one, and MUST NOT use a key ' +
  'for a second session.'

prove('9.1', DRAWS, async () => {
  const keys = new Set<string>()
  for (let count = 0; count < 5; count++) {
    // The goodbye of the one before may still be on its way.
    const server = await startServer()
    const client = new Client(server.url, WEBSOCKET)
    const { key, epoch, t, want } = (await server.channel()).attach
    expect(key).toMatch(/^[0-9a-z]{16,64}$/)
    expect([epoch, t, want]).toEqual([undefined, 1, 1])
    keys.add(key)
    client.close()
  }
  expect(keys.size).toBe(5)
})

// In every test, `rules.ts` looks for keys in every request.
prove('9.1', 'It MUST keep the key out of URLs, headers, logs and APIs.', async () => {
  const { server, client, asked } = await streamScene(SSE)
  client.send({ data: 'up' })
  await server.upload()
  expect(server.requests.length).toBeGreaterThanOrEqual(3)
  for (const { url, headers } of server.requests) {
    expect(`${url} ${JSON.stringify(headers)}`).not.toContain(asked.attach.key)
  }
})

prove(
  '3.2',
  "The request SHOULD be what browsers call a simple request: no header of its own but the bridge's (7), and a `Content-Type` " +
    'that needs no preflight.',
  async () => {
    const server = await startServer()
    void new Client(server.url, LONG_POLL)
    const { request } = await server.exchange()
    const type = request.headers['content-type'] ?? 'text/plain'
    expect(type).toMatch(/^(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)/)
    expect(server.requests.map(({ method }) => method)).toEqual(['POST'])
  },
)

const JUDGES = 'A client MUST judge an answer by its packet, not by its status.'

for (const status of [503, 404, 401]) {
  prove(
    '9.1',
    JUDGES,
    async () => {
      const server = await startServer()
      const client = new Client(server.url, LONG_POLL)
      const exchange = await server.exchange()
      const answer = { hello: HELLO, ack: [0, 0, 1], batch: [1, [['for all that']]], ready: 1 }
      exchange.answer(answer, status)
      expect(await client.untilMessages(1)).toEqual(['for all that'])
    },
    { with: String(status) },
  )
}

for (const [what, text] of [
  ['a page', '<html>Please log in</html>'],
  ['JSON of somebody else', '[1,2,3]'],
  ['an object of somebody else', '{"message":"Forbidden"}'],
  ['half a packet', '{"hello":{"version":1'],
  ['nothing', ''],
] as const) {
  prove(
    '9.1',
    'An answer that is no packet comes from some box on the way and counts as a failure of the carrier.',
    async () => {
      const server = await startServer()
      const client = new Client(server.url, LONG_POLL)
      const first = await server.exchange()
      first.answer(text)
      const second = await server.exchange()
      expect(second.attach.key).toBe(first.attach.key)
      expect(second.attach.t).toBeGreaterThan(first.attach.t)
      expect(client.has('open')).toBe(false)
    },
    { with: what },
  )
}

const WRONG =
  'So does a packet that is not as section 4 says: with a field of another type, a kind that is not listed, or bytes as ' +
  'base64 on a WebSocket.'

/** Terms under which silence opens no other carrier. */
const QUIET = { heartbeat: 60_000 }

/** Packets that a client refuses on a WebSocket. */
const WRONG_PACKETS: readonly (readonly [what: string, packet: Fields | string])[] = [
  ['a kind that is not listed', { batch: [1, [['x', 0, 16]]] }],
  ['a kind that is not listed, volatile', { volatile: [['x', 0, 32]] }],
  ['a frame that is no bytes', { batch: [1, [[0, 0, 4]]] }],
  ['bytes as base64', { batch: [1, [['AQID', 0, 1]]] }],
  ['bytes as base64, volatile', { volatile: [['AQID', 0, 1]] }],
  ['a part of bytes as base64', { batch: [1, [['AQID', 0, 9, 0, 3]]] }],
  ['a batch of another type', { batch: 'x' }],
  ['a batch without entries', { batch: [1, []] }],
  ['a batch of three elements', { batch: [1, [['x']], 1] }],
  ['a batch that begins at 0', { batch: [0, [['x']]] }],
  ['an entry that is none', { batch: [1, ['x']] }],
  ['an entry without data', { batch: [1, [[]]] }],
  ['an entry of four elements', { batch: [1, [['x', 0, 0, 0]]] }],
  ['a part that is no text', { batch: [1, [[1, 0, 8, 0, 1]]] }],
  ['a peer of another type', { batch: [1, [['x', 7]]] }],
  ['an acknowledgement of texts', { ack: ['0', 0, 0] }],
  ['an acknowledgement of two numbers', { ack: [0, 0] }],
  ['an acknowledgement with a fraction', { ack: [0, 0, 0.5] }],
  ['an acknowledgement of null', { ack: null }],
  ['an end of two elements', { end: ['gone', 'unknown'] }],
  ['a tag of another type', { batch: [1, [['x']]], tag: 1 }],
  ['a list instead of a packet', '[]'],
  ['no JSON', '{"ack":[0,0,0]'],
]

for (const [what, packet] of WRONG_PACKETS) {
  prove(
    '9.1',
    WRONG,
    async () => {
      const { server, client, channel: first } = await openScene(QUIET)
      first.send(packet)
      const second = await server.channel()
      expect(second.attach.key).toBe(first.attach.key)
      expect(second.attach.want).toBeGreaterThan(first.attach.t)
      second.open([0, 0, 1])
      second.send({ batch: [1, [['right']]] })
      expect(await client.untilMessages(1)).toEqual(['right'])
      expect([client.has('reset'), client.has('closed')]).toEqual([false, false])
    },
    { with: what },
  )
}

for (const [what, packet] of [
  ['an acknowledgement', { ack: [1, 1, 0] }],
  ['messages', { ack: [0, 0, 1], batch: [1, [['x']]] }],
  ['volatile messages', { volatile: [['x']] }],
  ['ready', { ack: [1, 1, 0], ready: 1 }],
] as const) {
  prove(
    '9.1',
    "A packet that comes before the carrier's hello, and is no end, fails the carrier, too: nothing in it counts.",
    async () => {
      const server = await startServer()
      const client = new Client(server.url, WEBSOCKET)
      client.send({ data: 'once' })
      const first = await server.channel()
      first.send(packet)
      const second = await server.channel()
      expect(second.attach.t).toBeGreaterThan(first.attach.t)
      second.open([0, 0, 0], QUIET)
      // The message was not accepted, and goes up again.
      expect((await second.packet('batch')).batch).toEqual([1, [['once']]])
      expect([client.has('message'), client.has('reset')]).toEqual([false, false])
    },
    { with: what },
  )
}

prove(
  '2',
  'A receiver MUST ignore fields of objects that it does not know, so fields that may be ignored can be added to this version.',
  async () => {
    const { client, channel } = await openScene({ newer: { than: 'this' }, features: [] })
    channel.send({ ack: [0, 0, 1], newer: [1, 2], batch: [1, [['taken']]] })
    expect(await client.untilMessages(1)).toEqual(['taken'])
    expect(channel.isClosed).toBe(false)
  },
)

for (const [what, misbehave] of [
  ['a frame that nothing has announced', ['', true]],
  ['a text where a frame was announced', ['{"ack":[0,0,1]}', false]],
] as const) {
  prove(
    '9.1',
    WRONG,
    async () => {
      const { server, client, channel: first } = await openScene(QUIET)
      const [text, isFrame] = misbehave
      if (isFrame) first.sendFrame(Buffer.from([1]))
      else first.send({ batch: [1, [[0, 0, 5]]] })
      if (text) first.send(text)
      const second = await server.channel()
      second.open([0, 0, 1])
      second.send({ batch: [1, [[0, 0, 5]]] }, Buffer.from([9]))
      expect(await client.untilMessages(1)).toEqual([{ bytes: 'CQ==' }])
    },
    { with: what },
  )
}
