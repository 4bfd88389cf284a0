/** Streams: events, and documents of scripts. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openStream } from './carriers.ts'
import { Client, newSession } from './client.ts'
import { atOnce, expectAck, expectEnd, expectRefused } from './expect.ts'
import { ask, open } from './wire.ts'

const TRANSPORTS = ['sse', 'forever-iframe'] as const

for (const transport of TRANSPORTS) {
  prove(
    '3.5',
    'A stream (also that of 3.6) MUST carry `Cache-Control: no-store, no-transform`, `X-Accel-Buffering: no` and ' +
      '`Referrer-Policy: no-referrer`.',
    async () => {
      const client = await newSession()
      const ticket = await client.ticket(transport)
      const { headers } = await openStream(transport, ticket, { 'Accept-Encoding': 'gzip, br' })
      expect(headers['cache-control']).toMatch(/no-store/)
      expect(headers['cache-control']).toMatch(/no-transform/)
      expect(headers['x-accel-buffering']).toBe('no')
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['content-encoding']).toBeUndefined()
    },
    { with: transport },
  )
}

prove(
  '3.5',
  'The answer is `text/event-stream`, and each packet is one event: `data: `, the packet, two line feeds.',
  async () => {
    const client = await newSession()
    const stream = await client.stream('sse')
    await client.send(1, 'a', 'line\nfeed', '\r\n', '\u2028', 'end')
    expect(await stream.feed.untilData('end')).toEqual(['a', 'line\nfeed', '\r\n', '\u2028', 'end'])
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream\b/)
    const events = stream.text.split('\n\n').filter((event) => event && !event.startsWith(':'))
    expect(events.length).toBe(stream.feed.packets.length)
    for (const event of events) expect(event).toMatch(/^data: \{[^\r\n]*\}$/)
  },
)

prove(
  '3.5',
  'There are no other fields; a server SHOULD begin with a comment, so that the headers are flushed.',
  async () => {
    const client = await newSession()
    const stream = await client.stream('sse')
    await stream.feed.field('ready')
    expect(stream.text).toMatch(/^:/)
    expect(stream.text).not.toMatch(/^(id|event|retry):/m)
  },
)

const HELLO =
  'On a WebSocket and on a stream, hello is the first thing, and MUST be sent at once. It has two parts, which the ' +
  'server MUST flush one after the other: a packet with `hello` and `ack`, then a packet with `ready`.'

prove(
  '4.7',
  HELLO,
  async () => {
    const client = await newSession()
    await client.send(1, 'early')
    const { feed } = await client.stream('sse')
    await feed.untilData('early')
    const [hello, ready] = feed.packets
    expect(Object.keys(hello!).toSorted()).toEqual(['ack', 'hello'])
    expectAck(hello!, 1, 1, 1)
    expect([ready!.ready, ready!.hello]).toEqual([1, undefined])
  },
  { with: 'SSE' },
)

prove(
  '4.7',
  HELLO,
  async () => {
    const client = await newSession()
    await client.exchange({ batch: [1, [['slow'], ['slow']]] })
    const { feed } = await client.stream('sse')
    await atOnce(feed.field('ready'))
    // The handlers are at work.
    expect(feed.packets[0]!.ack![1]).toBeLessThan(2)
    await feed.accepted(2)
  },
  { with: 'SSE, at once' },
)

const PADDED =
  'A stream of such a ticket SHOULD begin with `pad` bytes of padding, and a heartbeat on it (6.9) SHOULD bring as many; a ' +
  'server MAY bound both, at 4,096 or more.'

for (const [pad, least, most] of [
  [2_048, 2_048, 4_096],
  [1_000_000, 4_096, 1_000_000],
] as const) {
  prove(
    '3.4',
    PADDED,
    async () => {
      const client = await newSession()
      const ticket = await client.ticket('sse', {}, { pad, heartbeat: 1_000 })
      const stream = await openStream('sse', ticket)
      await stream.feed.field('ready')
      expect(stream.text.indexOf('data:')).toBeGreaterThanOrEqual(least)
      expect(stream.text.indexOf('data:')).toBeLessThan(most)
      const before = stream.text.length
      const heard = stream.feed.packets.length
      await stream.feed.until('a heartbeat', () => stream.feed.packets[heard])
      expect(stream.text.length - before).toBeGreaterThanOrEqual(least)
    },
    { with: `${pad} bytes`, slow: true },
  )
}

prove(
  '3.4',
  PADDED,
  async () => {
    const client = await newSession()
    const ticket = await client.ticket('forever-iframe', {}, { pad: 4_096 })
    const stream = await openStream('forever-iframe', ticket)
    await stream.script(1)
    // The scripts of the document itself are not counted.
    expect(stream.text.length).toBeGreaterThan(1_024 + 4_096)
  },
  { with: 'a document' },
)

prove('8', 'A stream that is under way has sent its status already.', async () => {
  const client = await newSession()
  const stream = await client.stream('sse')
  await stream.feed.field('ready')
  await client.send(1, 'close me')
  await stream.ended
  expectEnd(stream.feed.packets.at(-1)!, 'closed')
  expect(stream.feed.packets.at(-1)!.end).toEqual(['closed', 'as you wish', 'final', 4321])
})

prove(
  '3.6',
  'The answer is an HTML document that goes on for as long as the stream, and each packet is one script in it.',
  async () => {
    const client = await newSession()
    const stream = await client.stream('forever-iframe')
    expect(stream.headers['content-type']).toMatch(/^text\/html\b/)
    for (let number = 1; number <= 3; number++) {
      const before = stream.scripts
      await client.send(number, `message ${number}`)
      await stream.script(before + 1)
      await stream.includes(`message ${number}`)
    }
  },
)

prove(
  '3.6',
  'A packet in a script MUST NOT contain `<`, nor U+2028 or U+2029, other than escaped.',
  async () => {
    const client = await newSession()
    const stream = await client.stream('forever-iframe')
    await client.send(1, '</script><b>\u2028\u2029<!--', 'end mark')
    await stream.includes('end mark')
    expect(stream.text).not.toMatch(/<b>|<!--|[\u2028\u2029]/)
  },
)

prove(
  '3.6',
  'The first chunk SHOULD be padded to 1 KiB: WebKit shows nothing of a document below 512 bytes.',
  async () => {
    const client = await newSession()
    const response = await open(
      'GET',
      `/forever-iframe?ticket=${await client.ticket('forever-iframe')}`,
    )
    let bytes = 0
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length
      if (bytes >= 1_024) break
    }
    expect(bytes).toBeGreaterThanOrEqual(1_024)
  },
)

prove(
  '3.1',
  'A `GET` without an upgrade never creates a session, and neither acknowledges nor sends.',
  async () => {
    const client = new Client()
    const attach = encodeURIComponent(JSON.stringify(client.attach()))
    for (const below of [`?attach=${attach}`, `/sse?attach=${attach}&ticket=${client.key}`]) {
      expectRefused(await ask('GET', below), 'not-found')
      const body = JSON.stringify({ attach: client.attach() })
      expectRefused(await ask('GET', below, {}, body), 'not-found')
    }
    expectRefused(await client.exchange({}, { epoch: 'any' }), 'gone')
  },
)
