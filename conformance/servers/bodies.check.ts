/** Bodies as a whole: several packets, encoded, cut, too large, flooding, and names that are more than names elsewhere. */
import { createGzip, gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession, terms } from './client.ts'
import { atOnce, expectAck, expectRefused } from './expect.ts'
import { connect, drain, heard, head, post } from './wire.ts'

const IN_ORDER =
  'Packets behind it are what later frames of a WebSocket would be, and are processed in order.'

prove('3.2', IN_ORDER, async () => {
  const client = new Client()
  const { packet } = await client.lines([
    { attach: client.attach(), batch: batch(1, 'a'), volatile: [['b']] },
    { batch: batch(2, 'c') },
    { batch: batch(3, 'd'), volatile: [['e']] },
  ])
  expect(packet.ack![0]).toBe(3)
  await client.settled(3)
  const all = ['a', 'b', 'c', 'd', 'e']
  await client.settled(3)
  expect(await client.readData()).toEqual(all)
})

prove(
  '3.2',
  IN_ORDER,
  async () => {
    const client = await newSession()
    await client.send(1, 'a')
    await client.read()
    const ack = client.at(1)
    const { packet } = await client.lines([
      { attach: client.attach(), answer: 'now' },
      { ack, batch: batch(3, 'after a gap') },
    ])
    expect(packet.gap).toBe(1)
    // The position of the second packet was taken.
    expect(await client.readData()).toEqual([])
  },
  { with: 'acknowledgements' },
)

prove(
  '3.3',
  '`attach`, `answer`, `accepted`, `within`, `hello` and `stream` mean nothing in later packets; they are checked and ' +
    'ignored.',
  async () => {
    const client = await newSession()
    const stranger = new Client()
    await client.send(1, 'a')
    const ignored = { answer: 'now', accepted: 9, within: 1, hello: 1, stream: 'sse' }
    const { packet } = await client.lines([
      { attach: client.attach() },
      { attach: stranger.attach(), ...ignored },
    ])
    expect(Object.keys(packet)).toEqual(['ack'])
    expectRefused(await stranger.exchange({}, { epoch: 'any' }), 'gone')
    const wrong = [{ attach: client.attach() }, { answer: 'never' }]
    expectRefused(await client.lines(wrong), 'malformed')
  },
  { with: 'exchange' },
)

const STAND = 'Steps 10 to 13, and the packets before it, stand.'

for (const [what, refused] of [
  ['malformed', '{"batch":[1.5,[["x"]]]}'],
  ['not JSON', '{"batch":[2,[["x"]]'],
  ['not an object', '[]'],
  ['empty', ''],
] as const) {
  prove(
    '6.4',
    STAND,
    async () => {
      const client = await newSession()
      const first = JSON.stringify({
        attach: client.attach({ t: 9, want: 9 }),
        batch: batch(1, 'stands'),
      })
      const behind = JSON.stringify({ batch: batch(2, 'never'), volatile: [['never']] })
      expectRefused(await post([first, refused, behind].join('\n')), 'malformed')
      expectRefused(await client.exchange({}, { t: 8, want: 1 }), 'superseded')
      client.t = 10
      await client.settled(1)
      expect(await client.readData()).toEqual(['stands'])
      expectAck((await client.exchange()).packet, 1, 1, 1)
    },
    { with: `behind it ${what}` },
  )
}

prove(
  '3.2',
  'A server authenticates and admits the client (6.4) by the first packet, and SHOULD read no more of the body before ' +
    'that.',
  async () => {
    const socket = await connect()
    const refused = heard(socket, /^HTTP\/1\.1 401 [^]*"unauthorized"/)
    const line = JSON.stringify({ attach: new Client().attach({ token: 'refuse' }) })
    // The rest never comes.
    socket.write(`${head('POST', { 'Content-Length': '60000' })}${line}\n`)
    expect(await atOnce(refused)).toMatch(/\r\ncontent-type: application\/json/i)
  },
)

const ENCODED =
  'A body with a `Content-Encoding` other than `identity` is refused with `unsupported-encoding`, unread.'

prove('3.2', ENCODED, async () => {
  const client = await newSession()
  const body = JSON.stringify({ attach: client.attach(), batch: batch(1, 'x') })
  for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'nonsense']) {
    const answer = await post(gzipSync(body), { 'Content-Encoding': encoding })
    expectRefused(answer, 'unsupported-encoding')
  }
  const identity = await post(body, { 'Content-Encoding': 'identity' })
  expect(identity.packet.ack![0]).toBe(1)
})

prove(
  '3.2',
  ENCODED,
  async () => {
    // A megabyte of zeros that never ends: the answer comes before it.
    const socket = await connect()
    const said = drain(socket)
    socket.write(head('POST', { 'Content-Encoding': 'gzip', 'Transfer-Encoding': 'chunked' }))
    const zip = createGzip()
    zip.end(Buffer.alloc(1_000_000))
    for await (const chunk of zip) {
      const { length } = chunk as Buffer
      socket.write(`${length.toString(16)}\r\n`)
      socket.write(chunk as Buffer)
      socket.write('\r\n')
    }
    expect(await said).toMatch(/^HTTP\/1\.1 415 /)
  },
  { with: 'a bomb' },
)

prove('3.2', 'Nothing of a packet that was cut is processed.', async () => {
  const client = await newSession()
  const first = JSON.stringify({ attach: client.attach() })
  const second = JSON.stringify({ batch: batch(1, 'cut') })
  const body = `${first}\n${second}`
  const socket = await connect()
  const said = drain(socket)
  // Only one byte is missing, and no packet needs it.
  socket.end(head('POST', { 'Content-Length': String(body.length + 1) }) + body)
  expect(await said).not.toContain(' 200 ')
  expectAck((await client.exchange()).packet, 0, 0, 0)
})

const LARGEST =
  'A server MUST take packets and frames of `maxBatch` + 20,000 bytes, and MUST refuse larger ones with `too-large`.'

/** A packet of so many bytes. White space is part of JSON (RFC 8259, 2). */
const padded = (packet: object, bytes: number): string => {
  const text = JSON.stringify(packet)
  return text.replace(/}$/, `${' '.repeat(bytes - text.length)}}`)
}

prove(
  '5',
  LARGEST,
  async () => {
    const client = await newSession()
    const most = client.hello!.maxBatch + 20_000
    const first = padded({ attach: client.attach() }, 16_384)
    const { packet } = await post(`${first}\n${padded({ batch: batch(1, 'x') }, most)}`)
    expect(packet.ack![0]).toBe(1)
  },
  { with: 'the largest body of two' },
)

prove(
  '5',
  LARGEST,
  async () => {
    const client = await newSession()
    const most = client.hello!.maxBatch + 20_000
    const first = JSON.stringify({ attach: client.attach() })
    const answer = await post(`${first}\n${padded({ batch: batch(1, 'x') }, most + 1)}`)
    expectRefused(answer, 'too-large')
    expectAck((await client.exchange()).packet, 0, 0, 0)
  },
  { with: 'one byte more' },
)

prove(
  '3.2',
  'The first is the attach packet: it has `attach`, and at most 16,384 bytes.',
  async () => {
    const client = await newSession()
    const fits = padded({ attach: client.attach(), batch: batch(1, 'x') }, 16_384)
    expect((await post(fits)).status).toBe(200)
    const larger = padded({ attach: client.attach(), batch: batch(2, 'y') }, 16_385)
    expectRefused(await post(larger), 'too-large')
    expectRefused(await post(`${larger}\n{}`), 'too-large')
    await client.settled(1)
    expectAck((await client.exchange()).packet, 1, 1, 1)
  },
)

prove('5', 'It SHOULD refuse a body by its `Content-Length`, without reading.', async () => {
  const { maxBatch, maxMessage } = await terms()
  const socket = await connect()
  const refused = heard(socket, /^HTTP\/1\.1 413 [^]*"too-large"/)
  const length = String(20 * Math.max(maxBatch, maxMessage) + 1_000_000)
  socket.write(head('POST', { 'Content-Length': length }))
  expect(await atOnce(refused)).toMatch(/\r\ncontent-type: application\/json/i)
})

prove(
  '5',
  LARGEST,
  async () => {
    const client = await newSession()
    const tooMuch = 20 * client.hello!.maxBatch + 1_000_000
    for (const first of ['', `${JSON.stringify({ attach: client.attach() })}\n`]) {
      const socket = await connect()
      const said = drain(socket)
      let isAnswered = false
      void said.then(() => (isAnswered = true))
      socket.write(head('POST', { 'Transfer-Encoding': 'chunked' }))
      if (first) socket.write(`${first.length.toString(16)}\r\n${first}\r\n`)
      const chunk = `${(10_000).toString(16)}\r\n${' '.repeat(10_000)}\r\n`
      for (let sent = 0; sent < tooMuch && !isAnswered && socket.writable; sent += 10_000) {
        if (!socket.write(chunk)) await new Promise((resolve) => setImmediate(resolve))
      }
      // The connection may have been cut off before we could read why.
      expect(await said).toMatch(/^$|^HTTP\/1\.1 413 /)
    }
    expect((await newSession()).epoch).toBeDefined()
  },
  { with: 'a body without end' },
)

prove(
  '10',
  'A server MUST NOT let them change anything but the message that they are in.',
  async () => {
    const client = new Client()
    const attach = JSON.stringify(client.attach())
    const evil =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}'
    await post(
      `{"attach":${attach},"__proto__":{"answer":"now","polluted":1},"constructor":{"prototype":{"polluted":1}},` +
        `"batch":[1,[[${evil}],["__proto__"],["constructor"],["toString"]]]}`,
    )
    await client.settled(4)
    expect((await client.exchange({ answer: 'now' })).text).toContain(evil)
    // Fields that are only inherited are not there.
    const bare = await post(`{"__proto__":{"attach":${JSON.stringify(new Client().attach())}}}`)
    expectRefused(bare, 'malformed')
    const wrapped = await post(`{"attach":{"__proto__":${JSON.stringify(new Client().attach())}}}`)
    expectRefused(wrapped, 'unsupported-version')
    const later = await new Client().exchange()
    expect(later.packet).not.toHaveProperty('polluted')
    expect(later.packet.batch).toBeUndefined()
  },
)

prove(
  '5',
  "| headers of a request | the server's choice, 16 KiB say | status 431, or the connection is closed |",
  async () => {
    for (const [method, flood] of [
      ['POST', `X-Flood: ${'x'.repeat(1_000_000)}\r\n`],
      [
        'GET',
        Array.from({ length: 20_000 }, (_, n) => `X-Flood-${n}: ${'x'.repeat(40)}\r\n`).join(''),
      ],
    ] as const) {
      const socket = await connect()
      const said = drain(socket)
      socket.write(
        head(method, { Connection: 'close', 'Content-Length': '0' }).replace(/\r\n$/, flood),
      )
      expect(await said).toMatch(/^$|^HTTP\/1\.1 4\d\d /)
    }
    expect((await newSession()).epoch).toBeDefined()
  },
)
