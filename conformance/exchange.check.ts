/** URLs and verbs, and the three answers of an exchange. */
import { expect } from 'vitest'
import { Client, newSession, openSocket } from './client.ts'
import { expectRefused, prove } from './prove.ts'
import { ask, connect, drain, head, post } from './wire.ts'

prove('3.1', 'A slash after it changes nothing.', async () => {
  const { status } = await ask('POST', '/', {}, JSON.stringify({ attach: new Client().attach() }))
  expect(status).toBe(200)
  const socket = await openSocket({}, '/')
  socket.send({ attach: new Client().attach() })
  await socket.feed.field('ready')
})

prove(
  '3.1',
  'A `GET` of the path itself without an upgrade is refused with `not-found`: it is a WebSocket whose handshake some ' +
    'box changed on its way.',
  async () => expectRefused(await ask('GET', '', { 'Sec-WebSocket-Version': '13' }), 'not-found'),
)

for (const [method, below] of [
  ['PUT', ''],
  ['DELETE', ''],
  ['PATCH', ''],
  ['POST', '/sse'],
  ['POST', '/forever-iframe'],
  ['POST', '/bridge'],
] as const) {
  prove(
    '3.1',
    'Any other method on these paths is refused with `method-not-allowed`, and the answer names the allowed ones in ' +
      '`Allow`.',
    async () => {
      const answer = await ask(method, below, {}, '{}')
      expectRefused(answer, 'method-not-allowed')
      expect(answer.headers.allow).toMatch(below ? /GET/ : /POST/)
    },
    { with: `${method} ${below}` },
  )
}

for (const below of ['/nothing', '/sse/deeper', '/../secret', '/%2e%2e/secret']) {
  prove(
    '3.1',
    'Anything else below the path is refused with `not-found`.',
    async () => {
      for (const method of ['GET', 'POST']) {
        const answer = await ask(method, below)
        expect(answer.status).toBe(404)
      }
    },
    { with: below },
  )
}

prove(
  '3.1',
  'Answers to exchanges and all refusals are one packet, as `application/json` in UTF-8.',
  async () => {
    const answers = [
      await new Client().exchange(),
      await post('nonsense'),
      await ask('GET', '/sse?ticket=none'),
    ]
    for (const { headers, text } of answers) {
      expect(headers['content-type']).toMatch(/^application\/json\b/)
      expect(JSON.parse(text)).toBeTypeOf('object')
    }
  },
)

prove(
  '3.1',
  'They MUST carry `Cache-Control: no-store, no-transform` and `X-Content-Type-Options: nosniff`.',
  async () => {
    for (const { headers } of [await new Client().exchange(), await post('nonsense')]) {
      expect(headers['cache-control']).toMatch(/no-store/)
      expect(headers['cache-control']).toMatch(/no-transform/)
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
  },
)

for (const type of [undefined, 'text/plain;charset=UTF-8', 'application/json', 'image/png']) {
  prove(
    '3.2',
    'A server MUST NOT look at the `Content-Type`.',
    async () => {
      const headers = type === undefined ? {} : { 'Content-Type': type }
      expect((await new Client().exchange({}, {}, headers)).status).toBe(200)
    },
    { with: String(type) },
  )
}

prove('3.2', '`none`, or no `answer`: nothing.', async () => {
  const client = await newSession()
  for (const fields of [{}, { answer: 'none' }]) {
    const { packet } = await client.exchange({ ...fields, batch: [1, [['x']]] })
    expect(packet.batch).toBeUndefined()
    expect(packet.ready).toBeUndefined()
    expect(packet.ack!.slice(1)).toEqual([1, 1, 1])
  }
})

prove('3.2', '`now`: what there is after the position in `ack`.', async () => {
  const client = await newSession()
  await client.send(1, 'a', 'b', 'c')
  expect((await client.exchange({ answer: 'now' })).packet.batch).toEqual([
    1,
    [['a'], ['b'], ['c']],
  ])
  const later = await client.exchange({ answer: 'now', ack: [2, ''] })
  expect(later.packet.batch).toEqual([3, [['c']]])
  const last = await client.exchange({ answer: 'now', ack: [3, ''] })
  expect(last.packet.batch).toBeUndefined()
})

prove('3.2', 'The answers of `now` and `wait` carry `ready` as well.', async () => {
  const client = await newSession()
  await client.send(1, 'a')
  for (const answer of ['now', 'wait']) {
    expect((await client.exchange({ answer })).packet.ready).toBe(1)
  }
})

const WAIT_ENDS =
  'A server MUST answer an exchange that waits as soon as there is a message after its position, a volatile message, ' +
  'or news of what is accepted.'

prove(
  '3.2',
  WAIT_ENDS,
  async () => {
    const client = await newSession()
    await client.send(1, 'a')
    const { packet } = await client.exchange({ answer: 'wait', accepted: 1 })
    expect(packet.batch).toEqual([1, [['a']]])
    const waiting = client.exchange({ answer: 'wait', ack: [1, ''], accepted: 2 })
    await client.send(2, 'b')
    expect((await waiting).packet.batch).toEqual([2, [['b']]])
  },
  { with: 'a message' },
)

prove(
  '3.2',
  WAIT_ENDS,
  async () => {
    const client = await newSession()
    const waiting = client.exchange({ answer: 'wait', accepted: 1 })
    await client.send(1, 'volatile')
    const { packet } = await waiting
    expect(packet.volatile).toEqual([['volatile']])
    expect(packet.batch).toBeUndefined()
  },
  { with: 'a volatile message' },
)

prove(
  '3.2',
  WAIT_ENDS,
  async () => {
    const client = await newSession()
    const waiting = client.exchange({ answer: 'wait', accepted: 0 })
    // Whom it is for is not there, so nothing comes down.
    await client.exchange({ batch: [1, [['hi', ['friend of nobody']]]] })
    const { packet } = await waiting
    expect(packet.ack!.slice(1)).toEqual([1, 1, 0])
    expect(packet.batch).toBeUndefined()
  },
  { with: 'news of what is accepted' },
)

prove(
  '3.2',
  "News of what is accepted is any number above the client's own, which it says in `accepted`; without the field it is 0.",
  async () => {
    const client = await newSession()
    await client.send(1, 'a')
    for (const accepted of [0, undefined]) {
      const { packet } = await client.exchange({ answer: 'wait', ack: [1, ''], accepted })
      expect(packet.ack!.slice(1)).toEqual([1, 1, 1])
      expect(packet.batch).toBeUndefined()
    }
  },
)

prove(
  '3.2',
  'If its session ends meanwhile or its place is taken, the answer is an end (8).',
  async () => {
    const client = await newSession()
    const parked = client.exchange({ answer: 'wait' })
    await client.exchange({}, { want: client.t + 1 })
    expectRefused(await parked, 'superseded')
    const waiting = client.exchange({ answer: 'wait' }, { want: client.t + 1 })
    await client.exchange({ bye: [0, 4001, 'over'] }, { want: client.t })
    expectRefused(await waiting, 'closed')
    expect((await waiting).packet.end!.slice(1)).toEqual(['over', 'final', 4001])
  },
)

prove(
  '8',
  'The application or the client closed the session; reason and code are theirs.',
  async () => {
    const client = await newSession()
    const answer = await client.send(1, 'close me')
    expectRefused(answer, 'closed')
    expect(answer.packet.end!.slice(1)).toEqual(['as you wish', 'final', 4321])
  },
  { with: 'by the application, in the answer to the message that made it do so' },
)

prove('3.2', 'Nothing of a body that was cut is processed.', async () => {
  const client = await newSession()
  const body = JSON.stringify({ attach: client.attach(), batch: [1, [['cut']]] })
  const socket = await connect()
  const said = drain(socket)
  // Only one byte is missing, and no packet needs it.
  socket.end(head('POST', { 'Content-Length': String(body.length + 1) }) + body)
  expect(await said).not.toContain(' 200 ')
  const { packet } = await client.exchange({ answer: 'now' })
  expect(packet.ack!.slice(1)).toEqual([0, 0, 0])
})
