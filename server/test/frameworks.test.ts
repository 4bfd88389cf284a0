import { createServer, type RequestListener, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { onTestFinished, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { attach } from '../src/hub.ts'
import { Client, batch, openSocket } from './client.ts'
import { listen } from './site.ts'

const HELLO = 'hello from the framework'

/** Each makes a server whose own route answers {@link HELLO}. `early` is called before the framework listens to it. */
const frameworks: Readonly<Record<string, (early: (server: Server) => void) => Promise<Server>>> = {
  'bare Node': async (early) => withListener(early, (_, response) => response.end(HELLO)),
  Express: async (early) => {
    const app = express()
    app.get('/hello', (_, response) => void response.send(HELLO))
    return withListener(early, app)
  },
  Koa: async (early) => {
    const app = new Koa()
    app.use((context) => {
      if (context.path === '/hello') context.body = HELLO
    })
    return withListener(early, app.callback())
  },
  Hono: async (early) => {
    const app = new Hono()
    app.get('/hello', (context) => context.text(HELLO))
    return withListener(early, getRequestListener(app.fetch))
  },
  Fastify: async (early) => {
    const app = fastify()
    app.get('/hello', () => HELLO)
    early(app.server)
    await app.ready()
    return app.server
  },
}

function withListener(early: (server: Server) => void, listener: RequestListener): Server {
  const server = createServer()
  early(server)
  server.on('request', listener)
  return server
}

/** Attaches a hub that echoes, and is closed when the test is over. */
function echo(server: Server): void {
  const hub = attach(server)
  hub.onMessage((data, session) => session.send(data))
  onTestFinished(() => hub.close())
}

for (const [name, make] of Object.entries(frameworks)) {
  for (const early of [true, false]) {
    test(`a hub attached ${early ? 'before' : 'after'} ${name} serves what is below its path, and the framework the rest`, async () => {
      const server = await make((made) => early && echo(made))
      if (!early) echo(server)
      const origin = await listen(server)

      expect(await (await fetch(`${origin}/hello`)).text()).toBe(HELLO)

      const client = new Client(`${origin}/rungs`)
      const { status, packet } = await client.exchange({
        batch: batch(1, 'by exchange'),
        answer: 'now',
      })
      expect([status, packet.batch]).toEqual([200, [1, [['by exchange']]]])

      const socket = await client.socket({ ack: [1, ''] })
      socket.send(JSON.stringify({ batch: batch(2, 'by WebSocket') }))
      const echoed = await socket.packets.find((down) => down.batch !== undefined)
      expect(echoed.batch).toEqual([2, [['by WebSocket']]])
    })
  }
}

test('an upgrade of another path reaches another WebSocket server beside the hub', async () => {
  const server = createServer()
  echo(server)
  const other = new WebSocketServer({ server, path: '/other' })
  other.on('connection', (webSocket) => webSocket.send('{"end":["other","server","retry"]}'))
  onTestFinished(() => void other.close())
  const origin = await listen(server)

  const foreign = await openSocket(`${origin}/other`)
  expect(await foreign.packets.find(() => true)).toMatchObject({
    end: ['other', 'server', 'retry'],
  })
  const socket = await new Client(`${origin}/rungs`).socket()
  expect(socket.packets.items[0]).toHaveProperty('hello')
})

test('an upgrade that neither the hub nor anybody else serves is answered 404', async () => {
  const server = createServer()
  echo(server)
  const origin = await listen(server)
  await expect(openSocket(`${origin}/nowhere`)).rejects.toThrow('404')
})

test.each<[string, unknown]>([
  ['an application of Express', express()],
  ['one of Koa', new Koa()],
  ['one of Fastify', fastify()],
  ['one of Hono', new Hono()],
  ['a port', 8080],
  ['nothing', undefined],
  ['options', { path: '/rungs' }],
])('%s is no server, and whoever passes it is told so', (_, notAServer) => {
  expect(() => attach(notAServer as Server)).toThrow(
    expect.objectContaining({
      type: 'invalid-option',
      message: expect.stringContaining('pass the HTTP server itself'),
    }),
  )
})
