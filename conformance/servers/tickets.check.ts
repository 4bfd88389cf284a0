/** Tickets: what they open, for whom, and how often. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openStream, refusedStream } from './carriers.ts'
import { Client, newSession } from './client.ts'
import { expectAck, expectRefused } from './expect.ts'

const TRANSPORTS = ['sse', 'forever-iframe'] as const

const RANDOM =
  'An exchange with `stream` is answered with `ticket`: 128 random bits or more, in characters that need no escape in a ' +
  'URL.'

prove('3.4', RANDOM, async () => {
  const client = await newSession()
  const tickets = [await client.ticket('sse'), await client.ticket('forever-iframe')]
  for (const ticket of tickets) expect(ticket).toMatch(/^[\w.~-]{22,}$/)
  expect(new Set(tickets).size).toBe(2)
  for (const secret of [client.key, client.epoch!]) expect(tickets.join()).not.toContain(secret)
})

prove(
  '3.4',
  RANDOM,
  async () => {
    const client = await newSession()
    const tickets: string[] = []
    for (let count = 0; count < 256; count++) tickets.push(await client.ticket('sse'))
    // Bits of a place in a ticket: by how many characters were seen there. A part that is fixed has none, and one that
    // counts has few.
    const shortest = Math.min(...tickets.map(({ length }) => length))
    const places = Array.from({ length: shortest }, (_, place) =>
      tickets.map((each) => each[place]),
    )
    const bits = places.reduce((sum, seen) => sum + Math.log2(new Set(seen).size), 0)
    // Of 64 characters, a few are not seen in 256 tickets.
    expect(bits).toBeGreaterThan(124)
    for (const [index, ticket] of tickets.slice(1).entries()) {
      const same = [...ticket].filter((character, place) => character === tickets[index]![place])
      expect(same.length).toBeLessThan(ticket.length / 2)
    }
  },
  { with: 'two in a row tell nothing of a third' },
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
      const ticket = await client.ticket(transport)
      const stream = await openStream(transport, ticket)
      expectRefused(await refusedStream(transport, ticket), 'not-found')
      // The stream that it has opened goes on.
      await client.send(1, 'still here')
      await stream.includes('still here')
      const [other] = TRANSPORTS.filter((each) => each !== transport)
      const foreign = await client.ticket(other!)
      expectRefused(await refusedStream(transport, foreign), 'not-found')
      expectRefused(await refusedStream(other!, foreign), 'not-found')
    },
    { with: transport },
  )

  prove(
    '3.4',
    'The stream goes on as the carrier `t` of that exchange, for its session, with its `want`, page and position.',
    async () => {
      const client = await newSession()
      const stream = await client.stream(transport)
      const { t } = client
      await client.exchange({}, { want: t })
      // It lives: only a higher mark ends it.
      await client.send(1, 'still here')
      await stream.includes('still here')
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
      const ticket = await client.ticket(transport)
      await client.exchange({}, { want: client.t + 1 })
      const refused = await refusedStream(transport, ticket)
      expectRefused(refused, 'superseded')
      expect(refused.headers['content-type']).toMatch(/^application\/json\b/)
      client.want = client.t
      const late = await client.ticket(transport)
      await client.exchange({ bye: [0] })
      await client.settledEnd()
      expectRefused(await refusedStream(transport, late), 'closed')
    },
    { with: transport },
  )
}

const CARRIER =
  'The stream goes on as the carrier `t` of that exchange, for its session, with its `want`, page and position.'

prove(
  '3.4',
  CARRIER,
  async () => {
    const client = await newSession()
    for (const number of [1, 2, 3]) {
      await client.send(number, number)
      await client.read()
    }
    const { feed } = await client.stream('sse', { ack: client.at(2) })
    expect(await feed.untilData(3)).toEqual([3])
    expect(feed.packets.some(({ end }) => end)).toBe(false)
  },
  { with: 'position' },
)

prove(
  '3.4',
  CARRIER,
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    const stream = await client.ticket('sse', {}, { want: client.t + 1 })
    await socket.closed
    await openStream('sse', stream)
    expectRefused(await client.exchange({}, { t: client.t - 1, want: 1 }), 'superseded')
  },
  { with: 'want' },
)

prove(
  '3.4',
  CARRIER,
  async () => {
    const [one, other] = [await newSession(), await newSession()]
    const stream = await one.stream('sse')
    expect((await stream.feed.field('hello')).id).toBe(one.hello!.id)
    await other.send(1, 'of another')
    await one.send(1, 'mine')
    expect(await stream.feed.untilData('mine')).toEqual(['mine'])
  },
  { with: 'its session' },
)

const AGAIN =
  'When the stream is opened, the checks of 6.4 are made again, from the session on: a page that has lost the session ' +
  'meanwhile is answered with `taken`, a `t` below the mark with `superseded`.'

for (const transport of TRANSPORTS) {
  prove(
    '3.4',
    AGAIN,
    async () => {
      const client = new Client()
      client.page = [0, 'former']
      await client.exchange()
      const ticket = await client.ticket(transport, { ack: [0, ''] })
      client.page = [1, 'later']
      const reader = await client.socket({}, { t: 1 })
      expectRefused(await refusedStream(transport, ticket), 'taken')
      // It was not the former page's again for a moment.
      reader.send({ batch: [1, [['mine']]] })
      expect(await reader.feed.untilData('mine')).toEqual(['mine'])
    },
    { with: `another page, ${transport}` },
  )

  prove(
    '3.4',
    AGAIN,
    async () => {
      const client = new Client()
      client.page = [0, 'a page']
      await client.exchange()
      const ticket = await client.ticket(transport)
      await client.exchange({ bye: [30] })
      expectRefused(await refusedStream(transport, ticket), 'superseded')
    },
    { with: `a page that said goodbye, ${transport}` },
  )
}

prove(
  '3.4',
  AGAIN,
  async () => {
    const client = await newSession()
    const ticket = await client.ticket('sse')
    for (const later of [1, 2, 3]) await client.socket({}, { t: client.t + later })
    expectRefused(await refusedStream('sse', ticket), 'superseded')
    expectAck((await client.exchange({}, { t: client.t + 5 })).packet, 0, 0, 0)
  },
  { with: 'three later readers' },
)
