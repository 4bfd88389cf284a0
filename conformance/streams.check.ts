/** Tickets, and the streams that they open. */
import { expect } from 'vitest'
import { newSession, openStream, refusedStream, ticketOf } from './client.ts'
import { expectRefused, prove } from './prove.ts'
import { open } from './wire.ts'

const TRANSPORTS = ['sse', 'forever-iframe'] as const

prove(
  '3.4',
  'An exchange with `stream` is answered with `ticket`: 128 random bits or more, in characters that need no escape in ' +
    'a URL.',
  async () => {
    const client = await newSession()
    const tickets = [await ticketOf(client, 'sse'), await ticketOf(client, 'forever-iframe')]
    for (const ticket of tickets) expect(ticket).toMatch(/^[\w.~-]{22,}$/)
    expect(new Set(tickets).size).toBe(2)
    expect(tickets.join()).not.toContain(client.key)
  },
)

for (const transport of TRANSPORTS) {
  prove(
    '3.4',
    'A ticket that is unknown, used or old, or of another transport, is refused with `not-found`; the attempt uses it up.',
    async () => {
      const client = await newSession()
      for (const unknown of ['', 'nothing', '../../x', client.key, client.epoch!]) {
        expectRefused(await refusedStream(transport, unknown), 'not-found')
      }
      const ticket = await ticketOf(client, transport)
      await (await openStream(transport, ticket)).feed.until('hello', () => true)
      expectRefused(await refusedStream(transport, ticket), 'not-found')
      const [other] = TRANSPORTS.filter((each) => each !== transport)
      const foreign = await ticketOf(client, other!)
      expectRefused(await refusedStream(transport, foreign), 'not-found')
      expectRefused(await refusedStream(other!, foreign), 'not-found')
    },
    { with: transport },
  )

  prove(
    '3.5',
    'A stream (also that of 3.6) MUST carry `Cache-Control: no-cache, no-transform` and `X-Accel-Buffering: no`.',
    async () => {
      const client = await newSession()
      const { headers } = await client.stream(transport)
      expect(headers['cache-control']).toMatch(/no-cache/)
      expect(headers['cache-control']).toMatch(/no-transform/)
      expect(headers['x-accel-buffering']).toBe('no')
      expect(headers['content-encoding']).toBeUndefined()
    },
    { with: transport },
  )

  prove(
    '3.4',
    'The stream goes on as the carrier `t` of that exchange, for its session, with its `want`, page and position.',
    async () => {
      const client = await newSession()
      const stream = await client.stream(transport)
      const t = client.t
      await client.exchange({}, { want: t })
      // It lives: only a higher mark ends it.
      await client.send(1, 'still here')
      await stream.feed.until('a packet', () => stream.text.includes('still here') || undefined)
      await client.exchange({}, { want: t + 1 })
      await stream.ended
      expect(stream.text).toContain('superseded')
    },
    { with: `t, ${transport}` },
  )

  prove(
    '3.5',
    'A stream that is refused is answered with the status of its end, and the packet as JSON.',
    async () => {
      const client = await newSession()
      const ticket = await ticketOf(client, transport)
      await client.exchange({}, { want: client.t + 1 })
      expectRefused(await refusedStream(transport, ticket), 'superseded')
      const late = await ticketOf(client, transport, client.t + 1)
      await client.exchange({ bye: [0] }, { want: client.t })
      const refused = await refusedStream(transport, late)
      expect([refused.status, refused.packet.end?.[0]]).toEqual([
        410,
        expect.stringMatching(/gone|closed/),
      ])
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
    await client.send(1, 'a', 'line\nfeed', 'end')
    await stream.feed.untilData('end')
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream\b/)
    const events = stream.text.split('\n\n').filter((event) => event && !event.startsWith(':'))
    expect(events.length).toBe(stream.feed.packets.length)
    for (const event of events) expect(event).toMatch(/^data: \{.*\}$/)
  },
)

prove(
  '4.6',
  'On a WebSocket and on a stream it has two parts, which the server MUST flush one after the other: a packet with ' +
    '`hello` and `ack`, then a packet with `ready`.',
  async () => {
    const client = await newSession()
    await client.send(1, 'early')
    const { feed } = await client.stream('sse')
    await feed.untilData('early')
    const [hello, ready] = feed.packets
    expect(Object.keys(hello!).toSorted()).toEqual(['ack', 'hello'])
    expect(ready!.ready).toBe(1)
  },
  { with: 'SSE' },
)

prove(
  '3.5',
  'There are no other fields; a server SHOULD begin with a comment, so that the headers are flushed.',
  async () => {
    const client = await newSession()
    const stream = await client.stream('sse')
    await stream.feed.field('ready')
    expect(stream.text).not.toMatch(/^(id|event|retry):/m)
  },
)

prove('8', 'A stream that is under way has sent its status already.', async () => {
  const client = await newSession()
  const stream = await client.stream('sse')
  await stream.feed.field('ready')
  await client.send(1, 'close me')
  await stream.ended
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
      const before = stream.feed.packets.length
      await client.send(number, `message ${number}`)
      await stream.feed.until('a script', () => stream.feed.packets.length > before || undefined)
      await stream.feed.until('it', () => stream.text.includes(`message ${number}`) || undefined)
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
    await stream.feed.until('the end', () => stream.text.includes('end mark') || undefined)
    expect(stream.text).not.toMatch(/<b>|<!--|[\u2028\u2029]/)
  },
)

prove(
  '3.6',
  'The first chunk SHOULD be padded to 1 KiB: WebKit shows nothing of a document below 512 bytes.',
  async () => {
    const client = await newSession()
    const { packet } = await client.exchange({ stream: 'forever-iframe' })
    const response = await open('GET', `/forever-iframe?ticket=${packet.ticket}`)
    let bytes = 0
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length
      if (bytes >= 1_024) break
    }
    expect(bytes).toBeGreaterThanOrEqual(1_024)
  },
)

prove(
  '6.3',
  'On every carrier it sends what is after the position in `ack` of the attach, in order.',
  async () => {
    const client = await newSession()
    await client.send(1, 'a', 'b', 'c')
    const { feed } = await client.stream('sse', { ack: [1, ''] })
    expect(await feed.untilData('c')).toEqual(['b', 'c'])
  },
  { with: 'SSE' },
)
