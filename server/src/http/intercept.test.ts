import { once } from 'node:events'
import { createServer, request as send, type IncomingMessage, type Server } from 'node:http'
import { expect, test } from 'vitest'
import { List } from '../../test/list.ts'
import { listen } from '../../test/site.ts'
import { ask, raw, rest } from '../../test/wire.ts'
import { intercept } from './intercept.ts'

/** A server of which `/ours` is intercepted. */
function setup(before?: (server: Server) => void): { server: Server; restore: () => void } {
  const server = createServer()
  before?.(server)
  const restore = intercept(server, {
    onRequest(request, response) {
      if (request.url !== '/ours') return false
      request.resume().on('end', () => response.end('ours'))
      return true
    },
    onUpgrade(request, socket) {
      if (request.url !== '/ours') return false
      socket.end('HTTP/1.1 101 Ours\r\n\r\n')
      return true
    },
  })
  return { server, restore }
}

const upgrade = async (origin: string, path: string): Promise<string> => {
  const socket = await raw(origin)
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  )
  return rest(socket)
}

test.each(['before', 'after'])(
  'listeners that were added %s the interceptor get neither requests nor upgrades that it serves',
  async (when) => {
    const seen = new List<string>()
    const add = (server: Server): void => {
      server.on('request', ({ url }, response) => {
        seen.push(`request ${url}`)
        response.end('theirs')
      })
      server.on('upgrade', ({ url }, socket) => {
        seen.push(`upgrade ${url}`)
        socket.end('HTTP/1.1 101 Theirs\r\n\r\n')
      })
    }
    const { server } = setup(when === 'before' ? add : undefined)
    if (when === 'after') add(server)
    const origin = await listen(server)
    expect((await ask('GET', `${origin}/ours`)).text).toBe('ours')
    expect((await ask('GET', `${origin}/theirs`)).text).toBe('theirs')
    expect(await upgrade(origin, '/ours')).toContain('101 Ours')
    expect(await upgrade(origin, '/theirs')).toContain('101 Theirs')
    expect(seen.items).toEqual(['request /theirs', 'upgrade /theirs'])
  },
)

test('a client that waits for 100 Continue gets it from the interceptor, if there is another checkContinue listener', async () => {
  const { server } = setup()
  const theirs = new List<IncomingMessage>()
  server.on('checkContinue', (request, response) => {
    theirs.push(request)
    response.writeContinue()
    request.resume().on('end', () => response.end('theirs'))
  })
  const origin = await listen(server)
  for (const path of ['/ours', '/theirs']) {
    const request = send(origin + path, { method: 'POST', headers: { Expect: '100-continue' } })
    request.flushHeaders()
    await once(request, 'continue')
    request.end('body')
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(`/${String((await once(response, 'data'))[0])}`).toBe(path)
  }
  expect(theirs.items).toHaveLength(1)
})

test('an upgrade that nobody serves is answered 404, also with several interceptors', async () => {
  const { server } = setup(
    (made) => void intercept(made, { onRequest: () => false, onUpgrade: () => false }),
  )
  const origin = await listen(server)
  expect(await upgrade(origin, '/nobody')).toContain('404')
})

test('a restored server has the emit that it had before', () => {
  const plain = setup()
  plain.restore()
  expect(Object.hasOwn(plain.server, 'emit')).toBe(false)
  expect(plain.server.listenerCount('upgrade')).toBe(0)

  const emit = (): boolean => true
  const wrapped = setup((server) => {
    server.emit = emit
  })
  wrapped.restore()
  expect(wrapped.server.emit).toBe(emit)
})

test('a restored server keeps an emit that someone else put over the interceptor, which only passes on', async () => {
  const { server, restore } = setup()
  const { emit } = server
  const wrapper = (...args: Parameters<typeof emit>): boolean =>
    Reflect.apply(emit, server, args) as boolean
  server.emit = wrapper as typeof emit
  server.on('request', (_, response) => response.end('theirs'))
  restore()
  expect(server.emit).toBe(wrapper)
  const origin = await listen(server)
  expect((await ask('GET', `${origin}/ours`)).text).toBe('theirs')
})

test.each(['/ours', '/theirs'])(
  'an offer of h2c for %s is declined by serving the request, with its body and the requests behind it',
  async (path) => {
    const { server } = setup()
    const bodies = new List<string>()
    server.on('request', (request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += String(chunk)))
      request.on('end', () => {
        bodies.push(body)
        response.end('theirs')
      })
    })
    const socket = await raw(await listen(server))
    const offer = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n`
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${offer}Content-Length: 4\r\n\r\nbody`)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    const answers = await rest(socket)
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    expect(answers).not.toContain('404')
    expect(bodies.items).toEqual(path === '/theirs' ? ['body', ''] : [])
  },
)
