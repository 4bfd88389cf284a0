/** Deployments as they are: paths, limits, HTTP/2, proxies without WebSocket, and people who look what is there. */
import { once } from 'node:events'
import { connect, createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { text as readText } from 'node:stream/consumers'
import type { Down } from 'rungs/protocol'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { attach } from '../src/hub.ts'
import { startSite } from './site.ts'
import { batch } from './client.ts'
import { ask } from './wire.ts'

afterEach(() => void vi.restoreAllMocks())

test.each([
  ['/rüngs', '/r%C3%BCngs'],
  ['/a/梯子', '/a/%E6%A2%AF%E5%AD%90'],
])('a path that is not ASCII is served as browsers ask for it: %s', async (path, asked) => {
  const { url, client, server } = await startSite({ path })
  expect(new URL(url).pathname).toBe(asked)
  const alice = client()
  expect((await alice.exchange()).status).toBe(200)
  await alice.socket()
  expect(server.listening).toBe(true)
})

test.each(['/a/../b', '/a/./b', '/a\\b', '/a"b', '/\ud800'])(
  'the path %j, which no browser asks for, is refused',
  async (path) => {
    await expect(startSite({ path })).rejects.toMatchObject({ type: 'invalid-option' })
  },
)

describe('a message limit above the buffers', () => {
  test.each([{ maxMessage: 20_000_000 }, { maxMessage: 2_000, maxBufferedBytes: 1_999 }])(
    'is refused: %j',
    async (options) => {
      await expect(startSite(options)).rejects.toMatchObject({
        type: 'invalid-option',
        message: expect.stringMatching(/maxMessage.*maxBufferedBytes/),
      })
    },
  )

  test('is none if the application has not set it, and what fits no buffer throws at the call', async () => {
    const { hub, client } = await startSite({ maxBufferedBytes: 2_000 })
    expect(() => hub.broadcast('x'.repeat(3_000))).toThrow(/maxBufferedBytes \(2000\)/)
    const alice = client()
    await alice.exchange()
    await hub.broadcast('x'.repeat(1_900))
    expect((await alice.exchange({ answer: 'now' })).packet.batch?.[0]).toBe(1)
  })
})

/** A hub on a server for HTTP/2 without TLS, and a connection to it. */
async function startHttp2() {
  const server = createHttp2Server()
  const hub = attach(server, { log: () => {} })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const origin = `http://127.0.0.1:${port}`
  const session = connect(origin)
  onTestFinished(async () => {
    session.destroy()
    server.close()
    await hub.close()
  })
  const exchange = async (page: string, fields: object = {}): Promise<Down> => {
    const stream = session.request({ ':method': 'POST', ':path': '/rungs', origin: page })
    const attachFields = { version: 1, key: '0123456789abcdef0123456789abcdef', t: 1, want: 1 }
    stream.end(JSON.stringify({ attach: attachFields, ...fields }))
    return JSON.parse(await readText(stream)) as Down
  }
  return { server, hub, origin, session, exchange }
}

describe('in HTTP/2', () => {
  test(':authority is the host of the own origin', async () => {
    const { origin, exchange } = await startHttp2()
    expect(await exchange(origin)).toMatchObject({ hello: { version: 1 } })
    expect(await exchange('http://evil.example')).toMatchObject({
      end: ['origin-refused', expect.any(String), 'final'],
    })
  })

  test('a stream is not written to while its client does not read, and brings all of it later', async () => {
    const { server, hub, origin, session, exchange } = await startHttp2()
    const { ticket } = await exchange(origin, { stream: 'sse' })
    const begun = once(server, 'stream') as Promise<[ServerHttp2Stream]>
    const stream = session.request({ ':path': `/rungs/sse?ticket=${ticket}` })
    const [own] = await begun
    stream.setEncoding('utf8')
    await once(stream, 'data')
    stream.pause()
    const messages = Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(30_000)}`)
    for (const message of [...messages, 'last']) void hub.broadcast(message)
    await new Promise((resolve) => setImmediate(resolve))
    expect(own.writableLength).toBeLessThan(200_000)
    const chunks: string[] = []
    for await (const chunk of stream.resume()) {
      chunks.push(String(chunk))
      if (String(chunk).includes('last')) break
    }
    const text = chunks.join('')
    for (const i of messages.keys()) expect(text).toContain(`"${i} xxx`)
  })
})

describe('a GET of the path', () => {
  test('in a tab is answered with a page for people, without scripts', async () => {
    const { url } = await startSite()
    for (const query of ['', '/', '?<script>alert(1)</script>']) {
      const { status, headers, text } = await ask('GET', url + query, {
        Accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      })
      expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store, no-transform',
      })
      expect(text).toContain('A Rungs server lives here')
      expect(text).not.toMatch(/<script|alert/)
    }
    expect((await ask('GET', url)).packet.end![0]).toBe('not-found')
  })

  test('that is a WebSocket without its upgrade is refused, and the operator hears of it', async () => {
    const { url, logged } = await startSite()
    // nginx with a bare `proxy_pass` lets these pass, and takes `Upgrade` away.
    const handshake = {
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AQIDBAUGBwgJCgsMDQ4PEA==',
    }
    expect((await ask('GET', url, handshake)).packet.end![0]).toBe('not-found')
    expect((await ask('GET', url, handshake)).packet.end![0]).toBe('not-found')
    expect(logged.items).toMatchObject([
      { level: 'warn', event: 'refused', reason: expect.stringContaining('Upgrade') },
      { level: 'debug', event: 'refused' },
    ])
  })

  test('says for a while that such a handshake came, for the browser tells its page nothing', async () => {
    const { url } = await startSite()
    expect((await ask('GET', url)).packet.end![1]).toMatch(/^this path/)
    await ask('GET', url, { 'Sec-WebSocket-Version': '13' })
    expect((await ask('GET', url)).packet.end![1]).toMatch(/^upgrade-removed: /)
  })
})

test('without the option log, warnings go to the console, once a minute a kind, errors, and nothing else', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const others = (['log', 'info', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(() => {}),
  )
  const { url, client, hub } = await startSite({ log: undefined } as never)
  for (const origin of ['https://a.example', 'https://b.example', 'https://c.example']) {
    const alice = client()
    alice.headers = { Origin: origin }
    await alice.exchange()
  }
  await ask('GET', url, { 'Sec-WebSocket-Version': '13' })
  await client().exchange()
  expect(warn.mock.calls).toEqual([
    ['rungs: refused:', expect.stringMatching(/^origin-refused: .*https:\/\/a\.example/)],
    ['rungs: refused:', expect.stringMatching(/^not-found: .*Upgrade/)],
  ])
  expect(others.flatMap(({ mock }) => mock.calls)).toEqual([])
  expect(error.mock.calls).toEqual([])
  hub.onMessage(() => {
    throw new Error('a slip of the application')
  })
  await client().exchange({ batch: batch(1, 'x') })
  expect(error.mock.calls).toEqual([
    ['rungs: handler-failed:', new Error('a slip of the application')],
  ])
})
