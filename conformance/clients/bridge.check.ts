/** Duties of a client: the frame with the bridge (PROTOCOL.md 7). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { BRIDGE, EAVESDROPPER } from './bridge.ts'
import { Client, has } from './program.ts'
import { FOREVER_IFRAME, streamScene } from './scenes.ts'
import { startServer } from './server.ts'
import { HELLO } from './wire.ts'

const proof = { skip: !has('forever-iframe') }
const HTML = { 'Content-Type': 'text/html' }

prove(
  '7',
  'The bridge cannot say that it is loaded, for it knows no origin yet: the client waits for `load` of its frame.',
  async () => {
    const server = await startServer()
    server.serveBridge = (response) => {
      response.writeHead(200, HTML).write(BRIDGE)
      setTimeout(() => response.end(), 1_000)
    }
    const started = performance.now()
    const client = new Client(server.url, FOREVER_IFRAME)
    const exchange = await server.exchange()
    expect(performance.now() - started).toBeGreaterThan(990)
    exchange.answer({ hello: HELLO, ack: [0, 0, 0], ticket: 'a-ticket' })
    ;(await server.streams.next()).open()
    await client.event('open')
  },
  proof,
)

prove(
  '7',
  'With each of them the page transfers a `MessagePort`, which is for that question, exchange or stream alone.',
  async () => {
    const { server, client, stream } = await streamScene(FOREVER_IFRAME)
    const origin = server.requests.find(({ method }) => method === 'POST')!.headers['rungs-origin']
    expect(origin).toMatch(/^http:/)
    // Answers to exchanges and packets of the stream cross each other.
    for (let number = 1; number <= 5; number++) {
      client.send({ data: number })
      const upload = await server.upload()
      stream.send({ ack: [number - 1, number - 1, number], batch: [number, [[`down ${number}`]]] })
      upload.answer({ ack: [number, number, number] })
    }
    expect((await client.untilMessages(5)).at(-1)).toBe('down 5')
    expect(server.streams.all.length).toBe(1)
  },
  proof,
)

prove(
  '7',
  'Status 0 says that an exchange failed or was too late, or that the stream is over.',
  async () => {
    const { server, client, stream, asked } = await streamScene(FOREVER_IFRAME)
    stream.end()
    const again = await server.exchange()
    expect([again.packet.stream, again.attach.key]).toEqual(['forever-iframe', asked.attach.key])
    expect(again.attach.t).toBeGreaterThan(asked.attach.t)
    again.cut()
    const next = await server.exchange()
    next.answer({ hello: HELLO, ack: [0, 0, 0], ticket: 'another' })
    const opened = await server.streams.next()
    expect(opened.ticket).toBe('another')
    opened.open([0, 0, 1])
    opened.send({ batch: [1, [['goes on']]] })
    expect(await client.untilMessages(1)).toEqual(['goes on'])
  },
  proof,
)

prove(
  '7',
  'So the client asks `hello` first, and MUST remove a frame that does not answer it.',
  async () => {
    const server = await startServer()
    server.serveBridge = (response) => response.writeHead(200, HTML).end(EAVESDROPPER)
    void new Client(server.url, FOREVER_IFRAME)
    while (!server.heard.includes('"removed"')) await delay(50)
    expect(server.heard[0]).toBe('["hello"]')
    for (const text of server.heard) expect(['["hello"]', '"removed"']).toContain(text)
    expect(server.carriers).toEqual([])
  },
  { ...proof, with: 'a document of the same origin' },
)

const ONLY_THE_SERVER =
  "A client MUST name its server's origin as the one that its messages are for, so that no document of another origin in the " +
  'frame gets the key.'

prove(
  '7',
  ONLY_THE_SERVER,
  async () => {
    const server = await startServer()
    const elsewhere = await startServer()
    elsewhere.serveBridge = (response) => response.writeHead(200, HTML).end(EAVESDROPPER)
    server.serveBridge = (response) =>
      response.writeHead(302, { Location: `${elsewhere.url}/bridge` }).end()
    void new Client(server.url, FOREVER_IFRAME)
    while (elsewhere.requests.length === 0) await delay(50)
    await delay(2_000)
    expect(elsewhere.heard.filter((text) => text !== '"removed"')).toEqual([])
    expect(server.carriers).toEqual([])
  },
  { ...proof, with: 'another origin in the frame' },
)

prove(
  '9.1',
  'An answer that is no packet comes from some box on the way and counts as a failure of the carrier.',
  async () => {
    const server = await startServer()
    const { serveBridge } = server
    server.serveBridge = (response) => {
      server.serveBridge = serveBridge
      response.writeHead(404, HTML).end('<h1>There is nothing here</h1>')
    }
    const client = new Client(server.url, FOREVER_IFRAME)
    const exchange = await server.exchange()
    exchange.answer({ hello: HELLO, ack: [0, 0, 0], ticket: 'a-ticket' })
    ;(await server.streams.next()).open()
    await client.event('open')
  },
  { ...proof, with: 'in the place of the bridge' },
)
