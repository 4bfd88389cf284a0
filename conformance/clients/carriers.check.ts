/** Duties of a client: packets and carriers (PROTOCOL.md 9.1, 9.2). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client } from './program.ts'
import { openScene } from './scenes.ts'
import { HELLO, startServer } from './server.ts'

const WEBSOCKET = ['websocket']
const LONG_POLL = ['long-poll']

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

prove('9.1', 'It MUST keep the key out of URLs, headers, logs and APIs.', async () => {
  const server = await startServer()
  for (const transport of ['websocket', 'long-poll', 'sse']) {
    const client = new Client(server.url, [transport])
    const carrier = transport === 'websocket' ? await server.channel() : await server.exchange()
    for (const { url, headers } of server.requests) {
      expect(`${url} ${JSON.stringify(headers)}`).not.toContain(carrier.attach.key)
    }
    client.close()
  }
})

const JUDGES = 'A client MUST judge an answer by its packet, not by its status.'

prove('9.1', JUDGES, async () => {
  const server = await startServer()
  const client = new Client(server.url, LONG_POLL)
  const exchange = await server.exchange()
  const answer = { hello: HELLO, ack: [0, 0, 1], batch: [1, [['for all that']]], ready: 1 }
  exchange.answer(answer, 503)
  expect(await client.untilMessages(1)).toEqual(['for all that'])
})

for (const [what, text] of [
  ['a page', '<html>Please log in</html>'],
  ['JSON of somebody else', '[1,2,3]'],
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

for (const [what, packet] of [
  ['a kind that is not listed', { batch: [1, [['x', 0, 16]]] }],
  ['bytes as base64', { batch: [1, [['AQID', 0, 1]]] }],
  ['a batch of another type', { batch: 'x' }],
  ['an acknowledgement of another type', { ack: ['0', 0, 0] }],
  ['an entry that is none', { batch: [1, ['x']] }],
] as const) {
  prove(
    '9.1',
    WRONG,
    async () => {
      const server = await startServer()
      const client = new Client(server.url, WEBSOCKET)
      const first = await server.channel()
      first.open()
      await client.event('open')
      first.send(packet)
      const second = await server.channel()
      expect(second.attach.key).toBe(first.attach.key)
      expect(second.attach.want).toBeGreaterThan(first.attach.t)
      second.open([0, 0, 1])
      second.send({ batch: [1, [['right']]] })
      expect(await client.untilMessages(1)).toEqual(['right'])
    },
    { with: what },
  )
}

const GOES_BY =
  'A client MUST go by the third element of an end, so that it knows what to do with types that are not in section 8.'

prove(
  '9.1',
  GOES_BY,
  async () => {
    const { server, client, channel: first } = await openScene()
    first.end({ end: ['a-new-type', 'why', 'reset'] })
    await client.event('reset')
    const second = await server.channel()
    expect(second.attach.key).not.toBe(first.attach.key)
    expect([second.attach.epoch, second.attach.t]).toEqual([undefined, 1])
  },
  { with: 'reset' },
)

prove(
  '9.1',
  GOES_BY,
  async () => {
    const { client, channel: first } = await openScene()
    first.end({ end: ['a-new-type', 'why', 'final'] })
    await client.event('closed')
  },
  { with: 'final' },
)

for (const then of ['retry', 'something-new']) {
  prove(
    '9.1',
    then === 'retry' ? GOES_BY : 'A third element that it does not know means `retry`.',
    async () => {
      const { server, client, channel: first } = await openScene()
      first.end({ end: ['a-new-type', 'why', then] })
      const second = await server.channel()
      expect(second.attach.key).toBe(first.attach.key)
      expect(second.attach.epoch).toBe(HELLO.epoch)
      expect([client.has('reset'), client.has('closed')]).toEqual([false, false])
    },
    { with: then },
  )
}

prove(
  '9.1',
  'A client that gets `unsupported-version` with a `version` that it speaks, too, MUST attach again with that one; ' +
    'otherwise the end is final.',
  async () => {
    const server = await startServer()
    const client = new Client(server.url, WEBSOCKET)
    const channel = await server.channel()
    channel.end({ end: ['unsupported-version', 'too new', 'final'], version: 0 }, 4_400)
    await client.event('closed')
  },
)

prove(
  '9.1',
  'A client MUST close its `EventSource` at the first `error`, because the browser would use the ticket again.',
  async () => {
    const server = await startServer()
    const client = new Client(server.url, ['sse'])
    const tickets: string[] = []
    for (let count = 1; count <= 3; count++) {
      const exchange = await server.exchange()
      const hello = exchange.attach.epoch && !exchange.packet.hello ? {} : { hello: HELLO }
      exchange.answer({ ...hello, ack: [0, 0, 0], ticket: `ticket-${count}` })
      const { ticket, response } = await server.streams.next()
      tickets.push(ticket)
      response.destroy()
    }
    expect(tickets).toEqual(['ticket-1', 'ticket-2', 'ticket-3'])
    client.close()
  },
)

prove(
  '9.1',
  'A client that gets `malformed` or `too-large` a second time for the same packet MUST end the session, and tell the ' +
    'application what was not delivered.',
  async () => {
    const { server, client, channel: first } = await openScene()
    client.send({ data: 'refused' })
    await first.packet('batch')
    first.end({ end: ['malformed', 'why', 'retry'] }, 4_400)
    const second = await server.channel()
    second.open()
    await second.packet('batch')
    second.end({ end: ['malformed', 'why', 'retry'] }, 4_400)
    const told = await Promise.race([client.event('reset'), client.event('closed')])
    expect([...told.unsent!, ...told.inDoubt!]).toEqual([{ data: 'refused' }])
  },
)

prove(
  '9.2',
  'A client MUST draw a higher `t` for every attach and exchange of a session, and keep every `t` that it still works with ' +
    'at or above `want`: carriers that race are both wanted, what was given up is not.',
  async () => {
    const server = await startServer()
    const client = new Client(server.url, LONG_POLL)
    let last = 0
    for (let count = 0; count < 6; count++) {
      const exchange = await server.exchange()
      expect(exchange.attach.t).toBeGreaterThan(last)
      expect(exchange.attach.want).toBeLessThanOrEqual(exchange.attach.t)
      last = exchange.attach.t
      // Of those that are not answered, every one is wanted.
      for (const other of server.carriers) {
        if (other.kind === 'exchange' && !other.isAnswered) {
          expect(other.attach.t).toBeGreaterThanOrEqual(exchange.attach.want)
        }
      }
      const hello = count === 0 ? { hello: HELLO } : {}
      exchange.answer({ ...hello, ack: [0, 0, count], batch: [count + 1, [[count]]], ready: 1 })
    }
    expect(await client.untilMessages(6)).toEqual([0, 1, 2, 3, 4, 5])
  },
)

prove(
  '9.2',
  'A client MUST NOT have more than one exchange with messages in flight; what is sent meanwhile goes into the next.',
  async () => {
    const server = await startServer()
    const client = new Client(server.url, LONG_POLL)
    ;(await server.exchange()).answer({ hello: HELLO, ack: [0, 0, 0], ready: 1 })
    await client.event('open')
    for (const data of ['a', 'b', 'c']) {
      client.send({ data })
      // Whether it would send another one has no sign.
      await delay(200)
    }
    const sending = server.carriers.filter(
      (carrier) => carrier.kind === 'exchange' && carrier.packet.batch && !carrier.isAnswered,
    )
    expect(sending.length).toBe(1)
    const [first] = sending
    if (first?.kind !== 'exchange') throw new Error('no exchange')
    expect(first.packet.batch).toEqual([1, [['a']]])
    first.answer({ ack: [1, 1, 0] })
    for (;;) {
      const next = await server.exchange()
      if (!next.packet.batch || next === first) continue
      expect(next.packet.batch).toEqual([2, [['b'], ['c']]])
      return
    }
  },
)

prove(
  '9.2',
  'A client MUST ask for hello in the first exchange of each carrier, and wait for `ready` before it trusts a carrier.',
  async () => {
    const server = await startServer()
    const client = new Client(server.url, WEBSOCKET)
    const channel = await server.channel()
    channel.send({ hello: HELLO, ack: [0, 0, 0] })
    await delay(500)
    expect(client.has('open')).toBe(false)
    channel.send({ ready: 1 })
    await client.event('open')
  },
  { with: 'WebSocket' },
)

prove(
  '9.2',
  'A client MUST ask for hello in the first exchange of each carrier, and wait for `ready` before it trusts a carrier.',
  async () => {
    const server = await startServer()
    const client = new Client(server.url, LONG_POLL)
    const first = await server.exchange()
    expect([first.attach.epoch, first.packet.hello]).toEqual([undefined, 1])
    first.answer({ hello: HELLO, ack: [0, 0, 0], ready: 1 })
    await client.event('open')
    expect((await server.exchange()).attach.epoch).toBe(HELLO.epoch)
  },
  { with: 'exchange' },
)

prove(
  '9.2',
  'After an answer that brings nothing and does not wait, a client MUST pause before it polls again.',
  async () => {
    const server = await startServer()
    const client = new Client(server.url, ['short-poll'])
    ;(await server.exchange()).answer({ hello: HELLO, ack: [0, 0, 0], ready: 1 })
    const until = performance.now() + 2_000
    let polls = 0
    for (; performance.now() < until; polls++) {
      ;(await server.exchange()).answer({ ack: [0, 0, 0], ready: 1 })
    }
    expect(polls).toBeLessThan(40)
    client.close()
  },
)
