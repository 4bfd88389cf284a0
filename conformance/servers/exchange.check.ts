/** URLs and verbs, and what an exchange is answered. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openSocket } from './carriers.ts'
import { Client, batch, newSession } from './client.ts'
import { expectAck, expectRefused } from './expect.ts'
import { ask, post } from './wire.ts'

prove('3.1', 'A slash after it changes nothing.', async () => {
  const { status } = await ask('POST', '/', {}, JSON.stringify({ attach: new Client().attach() }))
  expect(status).toBe(200)
  const socket = await openSocket({}, '/')
  socket.send({ attach: new Client().attach() })
  await socket.feed.field('ready')
})

prove(
  '3.1',
  'A query of an exchange or a WebSocket means nothing, and a server MUST ignore it.',
  async () => {
    const query = `?ticket=x&answer=now&key=${'0'.repeat(32)}&token=refuse&EIO=4`
    const client = new Client()
    const attach = client.attach()
    const { status, packet } = await ask('POST', query, {}, JSON.stringify({ attach }))
    expect([status, packet.batch]).toEqual([200, undefined])
    const socket = await openSocket({}, query)
    socket.send({ attach: client.attach() })
    expect((await socket.feed.field('hello')).id).toBe(packet.hello!.id)
  },
)

prove(
  '3.1',
  'A `GET` of the path itself without an upgrade is refused with `not-found`: it is a WebSocket whose handshake some ' +
    'box changed on its way, or a person who looks what is there.',
  async () => {
    for (const below of ['', '/', '?key=x']) {
      const headers = {
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      }
      expectRefused(await ask('GET', below, headers), 'not-found')
    }
    const { status } = await ask('GET', '', { Accept: 'text/html' })
    expect(status).toBe(404)
  },
)

for (const [method, below] of [
  ['PUT', ''],
  ['DELETE', ''],
  ['PATCH', ''],
  ['POST', '/sse'],
  ['POST', '/forever-iframe'],
  ['POST', '/bridge'],
  ['PUT', '/sse'],
] as const) {
  prove(
    '3.1',
    'Any other method on these paths is refused with `method-not-allowed`, and the answer names the allowed ones in ' +
      '`Allow`.',
    async () => {
      const answer = await ask(method, below, {}, '{}')
      expectRefused(answer, 'method-not-allowed')
      expect(answer.headers.allow).toMatch(below ? /\bGET\b/ : /\bPOST\b/)
      expect(answer.headers.allow).not.toMatch(new RegExp(`\\b${method}\\b`))
    },
    { with: `${method} ${below}` },
  )
}

prove(
  '3.1',
  'Anything else below the path is refused with `not-found`, whatever the method.',
  async () => {
    for (const below of ['/nothing', '/sse/deeper', '/bridge/x', '/sse2']) {
      for (const method of ['GET', 'POST', 'PUT', 'OPTIONS', 'DELETE']) {
        expectRefused(await ask(method, below, {}, '{}'), 'not-found')
      }
    }
  },
)

prove(
  '3.1',
  'Anything else below the path is refused with `not-found`, whatever the method.',
  async () => {
    const client = new Client()
    const body = JSON.stringify({ attach: client.attach() })
    for (const below of ['/x', '/sse2', '//', '/bridge/x', '/../secret', '/%2e%2e/secret']) {
      expect((await ask('POST', below, {}, body)).status).toBe(404)
    }
    expectRefused(await client.exchange({}, { epoch: 'any' }), 'gone')
  },
  { with: 'they make no session' },
)

prove(
  '3.1',
  'Anything else below the path is refused with `not-found`, whatever the method.',
  async () => {
    for (const below of ['/nothing', '/sse', '/bridge']) {
      await expect(openSocket({}, below)).rejects.toThrow(/server response: 404/)
    }
  },
  { with: 'upgrades' },
)

prove(
  '3.1',
  '`OPTIONS` is answered with 204 and allows no header and no method: no request of this protocol needs a preflight, ' +
    'and the header of the bridge (7) must not pass one.',
  async () => {
    for (const below of ['', '/sse', '/forever-iframe', '/bridge']) {
      for (const origin of ['http://foreign.example', 'https://friend.example']) {
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

prove(
  '3.1',
  'Answers to exchanges and all refusals are one packet, as `application/json` in UTF-8.',
  async () => {
    const answers = [
      await new Client().exchange(),
      await post('nonsense'),
      await ask('GET', '/sse?ticket=none'),
      await ask('PUT', ''),
    ]
    for (const { headers, text } of answers) {
      expect(headers['content-type']).toMatch(/^application\/json\b/)
      expect(JSON.parse(text)).toBeTypeOf('object')
    }
  },
)

prove(
  '3.1',
  'They MUST carry `Cache-Control: no-store, no-transform`, `X-Content-Type-Options: nosniff` and ' +
    '`Referrer-Policy: no-referrer`.',
  async () => {
    const answers = [
      await new Client().exchange(),
      await new Client().exchange({ answer: 'now' }, {}, { Origin: 'http://foreign.example' }),
      await post('nonsense'),
      await ask('GET', '/sse?ticket=none'),
      await ask('GET', '/nothing'),
    ]
    for (const { headers } of answers) {
      expect(headers['cache-control']).toMatch(/no-store/)
      expect(headers['cache-control']).toMatch(/no-transform/)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toBe('no-referrer')
    }
  },
)

prove(
  '3.1',
  'A server MUST NOT encode the content of any answer or stream (`Content-Encoding`): compression holds bytes back.',
  async () => {
    const headers = { 'Accept-Encoding': 'gzip, deflate, br, zstd' }
    const client = await newSession()
    await client.send(1, 'x'.repeat(10_000))
    const answers = [
      await client.exchange({ answer: 'now' }, {}, headers),
      await ask('GET', `/sse?ticket=${await client.ticket('sse')}x`, headers),
    ]
    for (const answer of answers) expect(answer.headers['content-encoding']).toBeUndefined()
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
  await client.send(1, 'x')
  for (const fields of [{}, { answer: 'none' }]) {
    const { packet } = await client.exchange({ ...fields, batch: batch(1, 'x') })
    expect([packet.batch, packet.ready]).toEqual([undefined, undefined])
    expectAck(packet, 1, 1, 1)
  }
})

prove('3.2', '`now`: what there is after the position in `ack`.', async () => {
  const client = await newSession()
  for (const number of [1, 2, 3]) {
    await client.send(number, number)
    await client.read()
  }
  expect(await client.readData()).toEqual([1, 2, 3])
  expect(await client.read(client.at(2))).toMatchObject([{ number: 3, data: 3 }])
  const last = await client.exchange({ answer: 'now', ack: client.at(3) })
  expect(last.packet.batch).toBeUndefined()
})

prove(
  '3.2',
  'Every answer that is not an end carries `ack`, but for the answer to a goodbye, which is `{}`.',
  async () => {
    const client = await newSession()
    for (const fields of [
      {},
      { answer: 'none' },
      { answer: 'now' },
      { probe: 1 },
      { stream: 'sse' },
    ]) {
      expectAck((await client.exchange(fields)).packet, 0, 0, 0)
    }
    expect((await client.exchange({ bye: [30] })).packet).toEqual({})
    const other = await newSession()
    expect(
      (await other.exchange({ answer: 'now', batch: batch(1, 'x'), bye: [0] })).packet,
    ).toEqual({})
  },
)

prove('3.2', 'The answers of `now` and `wait` carry `ready` as well.', async () => {
  const client = await newSession()
  await client.send(1, 'a')
  for (const answer of ['now', 'wait']) {
    expect((await client.exchange({ answer })).packet.ready).toBe(1)
  }
})

prove(
  '3.2',
  'An answer carries `hello` if the attach had no epoch or the packet asked for it with `hello`, and not otherwise.',
  async () => {
    const client = new Client()
    const first = await client.exchange()
    expect(first.packet.hello).toBeDefined()
    const again = await client.exchange({}, { epoch: undefined })
    expect(again.packet.hello).toEqual(first.packet.hello)
    for (const fields of [{ hello: 1 }, { hello: 1, answer: 'now' }]) {
      expect((await client.exchange(fields)).packet.hello).toEqual(first.packet.hello)
    }
    for (const fields of [{}, { answer: 'now' }, { stream: 'sse' }, { batch: batch(1, 'a') }]) {
      expect((await client.exchange(fields)).packet.hello).toBeUndefined()
    }
  },
)

const TICKET = '`stream` asks for a ticket (3.4).'

prove(
  '3.2',
  TICKET,
  async () => {
    const client = await newSession()
    await client.send(1, 'a')
    const { packet } = await client.exchange({ stream: 'sse', answer: 'now' })
    expect([packet.batch, packet.ready]).toEqual([[1, [['a']]], 1])
    expect(packet.ticket).toMatch(/./)
    expect((await client.exchange({ answer: 'now' })).packet.ticket).toBeUndefined()
  },
  { with: 'beside `now`' },
)

for (const fields of [
  { stream: 'sse' },
  { stream: 'forever-iframe' },
  { bye: [0] },
  { bye: [30] },
]) {
  prove(
    '3.2',
    'An exchange with `wait` and `stream`, or with `wait` and `bye`, is refused with `malformed`.',
    async () => {
      const client = await newSession()
      const packet = { attach: client.attach(), answer: 'wait', batch: batch(1, 'x'), ...fields }
      expectRefused(await client.lines([packet]), 'malformed')
      expectAck((await client.exchange()).packet, 0, 0, 0)
    },
    { with: JSON.stringify(fields) },
  )
}
