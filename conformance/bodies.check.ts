/** Bodies and headers as a whole: encoded, too large, flooding, and names that are more than names elsewhere. */
import { createGzip, gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { Client, newSession } from './client.ts'
import { expectRefused, prove } from './prove.ts'
import { connect, drain, head, post } from './wire.ts'

prove(
  '3.2',
  'A body with a `Content-Encoding` other than `identity` is refused with `unsupported-encoding`, unread.',
  async () => {
    const client = await newSession()
    const body = JSON.stringify({ attach: client.attach(), batch: [1, [['x']]] })
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'nonsense']) {
      const answer = await post(gzipSync(body), { 'Content-Encoding': encoding })
      expectRefused(answer, 'unsupported-encoding')
    }
    const identity = await post(body, { 'Content-Encoding': 'identity' })
    expect(identity.packet.ack!.slice(1)).toEqual([1, 1, 1])
  },
)

prove(
  '3.2',
  'A body with a `Content-Encoding` other than `identity` is refused with `unsupported-encoding`, unread.',
  async () => {
    // A hundred megabytes of zeros that never end: the answer comes before them.
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

const BODY_TOO_LARGE =
  'A server MUST take bodies and frames of up to 6 × `maxMessage` + 120,000 bytes, and MUST refuse larger bodies with ' +
  '`too-large`.'

prove(
  '5',
  BODY_TOO_LARGE,
  async () => {
    const client = new Client()
    const { maxMessage } = (await client.exchange()).packet.hello!
    const body = JSON.stringify({ attach: client.attach(), batch: [1, [['x']]] })
    const most = 6 * maxMessage + 120_000
    const { packet } = await post(body + ' '.repeat(most - body.length))
    expect(packet.ack!.slice(1)).toEqual([1, 1, 1])
  },
  { with: 'the largest body' },
)

prove(
  '5',
  BODY_TOO_LARGE,
  async () => {
    const { maxMessage } = (await new Client().exchange()).packet.hello!
    const tooMuch = 20 * maxMessage + 1_000_000
    const declared = await connect()
    const said = drain(declared)
    // Only announced: it is refused without waiting for it.
    declared.write(head('POST', { 'Content-Length': String(tooMuch) }))
    expect(await said).toMatch(/^HTTP\/1\.1 413 [^]*"too-large"/)

    const chunked = await connect()
    const answer = drain(chunked)
    chunked.write(head('POST', { 'Transfer-Encoding': 'chunked' }))
    const chunk = `${(10_000).toString(16)}\r\n${' '.repeat(10_000)}\r\n`
    let answered = false
    void answer.then(() => (answered = true))
    for (let sent = 0; sent < tooMuch && !answered && chunked.writable; sent += 10_000) {
      if (!chunked.write(chunk)) await new Promise((resolve) => setImmediate(resolve))
    }
    // It may have been cut off before we could read why.
    expect(await answer).toMatch(/^$|^HTTP\/1\.1 413 /)
    expect((await newSession()).epoch).toBeDefined()
  },
  { with: 'larger ones' },
)

prove(
  '9',
  'A server MUST NOT let them change anything but the message that they are in.',
  async () => {
    const client = new Client()
    const attach = JSON.stringify(client.attach())
    const evil =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}'
    const { text } = await post(
      `{"attach":${attach},"__proto__":{"answer":"now","polluted":1},"constructor":{"prototype":{"polluted":1}},` +
        `"batch":[1,[[${evil}],["__proto__"],["constructor"],["toString"]]],"answer":"now"}`,
    )
    expect(text).toContain(evil)
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
