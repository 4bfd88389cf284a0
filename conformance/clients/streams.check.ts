/** Duties of a client: streams that a ticket opens (PROTOCOL.md 3.4 to 3.6, 9.1 and 9.2). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, has } from './program.ts'
import { FOREVER_IFRAME, SSE, messagesOf, streamScene } from './scenes.ts'
import { startServer } from './server.ts'
import { HELLO } from './wire.ts'

prove(
  '9.1',
  'A client MUST close its `EventSource` at the first `error`, because the browser would use the ticket again.',
  async () => {
    const server = await startServer()
    void new Client(server.url, SSE)
    const tickets: string[] = []
    for (let count = 1; count <= 3; count++) {
      const exchange = await server.exchange()
      const hello = exchange.attach.epoch && !exchange.packet.hello ? {} : { hello: HELLO }
      exchange.answer({ ...hello, ack: [0, 0, 0], ticket: `ticket-${count}` })
      const stream = await server.streams.next()
      tickets.push(stream.ticket)
      stream.end()
    }
    // A browser would come again after some seconds.
    await delay(4_000)
    expect(server.streams.all.map(({ ticket }) => ticket)).toEqual(tickets)
    expect(tickets).toEqual(['ticket-1', 'ticket-2', 'ticket-3'])
  },
  { skip: !has('sse') },
)

for (const transports of [SSE, FOREVER_IFRAME]) {
  const [name] = transports as [string]
  const proof = { with: name, skip: !has(name) }

  prove(
    '9.2',
    'While a stream lives, the client wants the `t` of its exchange.',
    async () => {
      const { server, client, asked } = await streamScene(transports)
      for (let number = 1; number <= 3; number++) {
        client.send({ data: number })
        const upload = await server.upload()
        expect(upload.attach.t).toBeGreaterThan(asked.attach.t)
        expect(upload.attach.want).toBeLessThanOrEqual(asked.attach.t)
        upload.answer({ ack: [number, number, 0] })
      }
    },
    proof,
  )

  prove(
    '9.2',
    'A client MUST ask for hello in the first exchange of each carrier, and wait for `ready` before it trusts a carrier.',
    async () => {
      const server = await startServer()
      const client = new Client(server.url, transports)
      const asked = await server.exchange()
      expect([asked.packet.hello, asked.packet.stream]).toEqual([1, name])
      asked.answer({ hello: HELLO, ack: [0, 0, 0], ticket: 'a-ticket' })
      const stream = await server.streams.next()
      expect([stream.transport, stream.ticket]).toEqual([name, 'a-ticket'])
      stream.send({ hello: HELLO, ack: [0, 0, 0] })
      await delay(500)
      expect(client.has('open')).toBe(false)
      stream.send({ ready: 1 })
      await client.event('open')
    },
    proof,
  )

  prove(
    '4.4',
    'A message comes out as it went in, on every carrier: a text as the same text, bytes as the same bytes.',
    async () => {
      const { server, client, stream } = await streamScene(transports)
      const entries = [['</script> \u2028 € \ud800'], ['AQID', 0, 1], [{ n: [null] }]]
      stream.send({ ack: [0, 0, 3], batch: [1, entries] })
      stream.send({ volatile: [['passing']] })
      expect(await client.untilMessages(4)).toEqual([
        '</script> \u2028 € \ud800',
        { bytes: 'AQID' },
        { n: [null] },
        'passing',
      ])
      client.send({ data: '€' }, { bytes: 'BAUG' })
      const upload = await server.upload()
      expect(upload.packet.ack).toEqual([3, ''])
      expect(messagesOf([upload.packet]).slice(0, 1)).toEqual([[1, '€']])
    },
    proof,
  )

  prove(
    '9.3',
    'A client MUST keep each message until it is accepted, and then drop it. It sends again from there on every new carrier.',
    async () => {
      const { server, client, asked, stream } = await streamScene(transports)
      client.send({ data: 'a' })
      const upload = await server.upload()
      stream.send({ ack: [0, 0, 1], batch: [1, [['down']]] })
      await client.untilMessages(1)
      stream.end()
      upload.cut()
      // The next request has the position, and the message again.
      const next = await server.upload()
      expect([next.attach.key, next.packet.ack]).toEqual([asked.attach.key, [1, '']])
      expect(messagesOf([next.packet])).toEqual([[1, 'a']])
      expect(next.attach.t).toBeGreaterThan(upload.attach.t)
    },
    proof,
  )

  prove(
    '9.1',
    'So does a packet that is not as section 4 says: with a field of another type, a kind that is not listed, or bytes as ' +
      'base64 on a WebSocket.',
    async () => {
      const { server, client, asked, stream } = await streamScene(transports)
      stream.send({ ack: [0, 0, 1], batch: [1, [['x', 0, 4]]] })
      const next = await server.exchange()
      expect(next.attach.key).toBe(asked.attach.key)
      expect(next.packet.ack).toEqual([0, ''])
      expect(client.messages).toEqual([])
    },
    proof,
  )
}
