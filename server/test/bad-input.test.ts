/** Whatever comes in: a clear answer, no crash, no growth, and nobody else notices. */
import { once } from 'node:events'
import { Agent, request as send } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batch, openSocket, randomKey, type Socket } from './client.ts'
import { List } from './list.ts'
import { heapUsed } from './memory.ts'
import { startSite, type Site, type SiteOptions } from './site.ts'
import { ask, post, raw, rest } from './wire.ts'

afterEach(() => void vi.useRealTimers())

interface World extends Site {
  /** Another session still works, and the hub has logged no error. */
  unharmed(): Promise<void>
}

async function setup(options: SiteOptions = {}): Promise<World> {
  const site = await startSite(options)
  site.hub.onMessage((data, session) => session.send(data))
  const witness = await site.client().socket()
  let said = 0
  return {
    ...site,
    async unharmed() {
      witness.send({ ack: [said, ''], batch: batch(++said, said) })
      expect((await witness.messages(said)).at(-1)).toBe(said)
      expect(site.logged.items.filter(({ level }) => level === 'error')).toEqual([])
    },
  }
}

/** Bodies that are no packet with an attach, and the end that answers them. */
const BODIES: [name: string, body: string | Uint8Array, type?: string][] = [
  ['nothing', ''],
  ['spaces', '   '],
  ['no JSON', 'hello'],
  ['half of a packet', '{"attach":{"version":1,"key":"'],
  ['a list', '[]'],
  ['a number', '7'],
  ['null', 'null'],
  ['no attach', '{}'],
  ['an attach that is none', '{"attach":7}'],
  ['two packets', '{}{}'],
  ['very deep', '['.repeat(200_000)],
  ['invalid UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22])],
  ['a byte order mark in UTF-16', Buffer.from('\ufeff{}', 'utf16le')],
  ['zeros', new Uint8Array(10_000)],
  ['another version', '{"attach":{"version":2}}', 'unsupported-version'],
  ['a form', 'attach=%7B%7D&key=1'],
]

describe('a body of', () => {
  test.each(BODIES)('%s is refused', async (_, body, type = 'malformed') => {
    const { url, unharmed } = await setup()
    const { status, packet } = await post(url, body)
    expect([status, packet.end![0]]).toEqual([400, type])
    await unharmed()
  })

  test('more than allowed is refused, by its length or when it is seen', async () => {
    const { url, unharmed } = await setup({ maxMessage: 1_000 })
    const body = 'x'.repeat(6 * 1_000 + 120_001)
    expect((await post(url, body)).packet.end![0]).toBe('too-large')
    const chunked = send(url, { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } })
    chunked.on('error', () => {})
    chunked.write(body)
    const [response] = (await once(chunked, 'response')) as [{ statusCode: number }]
    expect(response.statusCode).toBe(413)
    chunked.destroy()
    await unharmed()
  })

  test('a message that is too large is refused, its neighbours in the packet too', async () => {
    const { client, unharmed } = await setup({ maxMessage: 1_000 })
    const alice = client()
    const { status, packet } = await alice.send(1, 'fits', 'x'.repeat(1_001))
    expect([status, packet.end![0], packet.end![2]]).toEqual([413, 'too-large', 'final'])
    expect((await alice.send(1, 'fits')).packet.ack!.slice(1)).toEqual([1, 1, 1])
    await unharmed()
  })

  test('a bomb is not unpacked', async () => {
    const { url, client, unharmed } = await setup()
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    expect(bomb.length).toBeLessThan(60_000)
    const { status, packet } = await post(url, bomb, { 'Content-Encoding': 'gzip' })
    expect([status, packet.end![0]]).toEqual([415, 'unsupported-encoding'])
    expect((await post(url, gzipSync(client().body()))).status).toBe(400)
    await unharmed()
  })

  test('half, and then nothing, is nothing', async () => {
    const { url, client, logged, unharmed } = await setup()
    const body = client().body({ batch: batch(1, 'hi') })
    const socket = await raw(url)
    socket.write(
      `POST /rungs HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`,
    )
    socket.end()
    await logged.find(({ event, reason }) => event === 'refused' && reason!.includes('cut'))
    expect(logged.items.filter(({ event }) => event === 'session-opened')).toHaveLength(1)
    await unharmed()
  })
})

describe('a request', () => {
  test('of no HTTP is answered by Node, or not at all', async () => {
    const { url, unharmed } = await setup()
    for (const text of [
      '\r\n\r\n',
      'hello\r\n\r\n',
      '\u0016\u0003\u0001\u0000',
      'POST /rungs\r\n\r\n',
    ]) {
      const socket = await raw(url)
      socket.end(text)
      expect(await rest(socket)).toMatch(/^(HTTP\/1\.1 400.*)?/)
    }
    await unharmed()
  })

  test('with a flood of headers is answered 431', async () => {
    const { url, unharmed } = await setup()
    const socket = await raw(url)
    socket.write('POST /rungs HTTP/1.1\r\nHost: x\r\n')
    for (let i = 0; i < 3_000; i++) socket.write(`X-Flood-${i}: ${'x'.repeat(20)}\r\n`)
    expect(await rest(socket)).toContain('HTTP/1.1 431')
    await unharmed()
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'TRACE'])('by %s is refused', async (method) => {
    const { url, unharmed } = await setup()
    const { status, headers } = await ask(method, url)
    expect([status, headers['allow']]).toEqual([405, 'GET, POST'])
    expect((await ask(method, `${url}/sse`)).headers['allow']).toBe('GET')
    await unharmed()
  })

  test.each([
    '/other',
    '/sse/x',
    '/..%2f',
    '/%00',
    '/assets/bridge.js',
    '/__proto__',
    '/constructor',
  ])('for %s finds nothing', async (below) => {
    const { url, unharmed } = await setup()
    for (const method of ['GET', 'POST']) {
      expect(
        (await ask(method, url + below, {}, method === 'POST' ? '{}' : undefined)).status,
      ).toBe(404)
    }
    await unharmed()
  })

  test('whose client goes away while it is looked at leaves nothing behind', async () => {
    const asked = new List<() => void>()
    const { url, client, hub, logged } = await setup({
      authenticate: (_, token) =>
        token ? new Promise((resolve) => asked.push(() => resolve('alice'))) : '',
    })
    const transports = new List<unknown>()
    hub.onMessage((_, session) => transports.push(session.transport))
    const alice = client()
    alice.token = 'slow'
    const request = send(url, { method: 'POST' }).on('error', () => {})
    request.end(alice.body({ answer: 'wait' }))
    await asked.count(1)
    request.destroy()
    const socket = await openSocket(url)
    socket.send(alice.body())
    await asked.count(2)
    socket.cut()
    await logged.count(1)
    for (const letIn of asked.items) letIn()
    const answer = alice.exchange({ batch: batch(1, 'hi') })
    const [, , letIn] = await asked.count(3)
    letIn!()
    expect((await answer).status).toBe(200)
    expect(transports.items).toEqual([null])
  })
})

describe('numbers', () => {
  test('out of order: lower ones are known, higher ones are a gap', async () => {
    const { client, hub, unharmed } = await setup()
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const alice = client()
    await alice.send(1, 'a', 'b')
    expect((await alice.send(1, 'other', 'other')).packet.ack!.slice(1, 3)).toEqual([2, 2])
    for (const first of [4, 1_000, 2 ** 53 - 2]) {
      const { status, packet } = await alice.send(first, 'gap')
      expect([status, packet.end![0], packet.end![2]]).toEqual([409, 'gap', 'retry'])
    }
    expect((await alice.send(2, 'b', 'c')).packet.ack!.slice(1, 3)).toEqual([3, 3])
    expect(seen.filter((data) => typeof data === 'string')).toEqual(['a', 'b', 'c'])
    await unharmed()
  })

  test('on a WebSocket, a gap ends it; the session goes on', async () => {
    const { client, unharmed } = await setup()
    const alice = client()
    const socket = await alice.socket()
    socket.send({ batch: batch(2, 'gap') })
    socket.send({ batch: batch(1, 'never seen: it is for nobody') })
    expect(await socket.closed).toEqual([4_409, 'gap'])
    expect((await alice.exchange()).packet.ack!.slice(1)).toEqual([0, 0, 0])
    await unharmed()
  })

  test('an acknowledgement of what was never sent is lost', async () => {
    const { client, unharmed } = await setup()
    const alice = client()
    const socket = await alice.socket()
    socket.send({ ack: [1, ''] })
    expect(await socket.end()).toEqual(['lost', expect.any(String), 'reset'])
    expect((await alice.exchange({ ack: [2 ** 53 - 1, ''] })).status).toBe(410)
    await unharmed()
  })
})

describe('a WebSocket', () => {
  const FIRST: readonly (readonly [
    name: string,
    frame: string | Uint8Array,
    code: number,
    reason: string,
  ])[] = [
    ...BODIES.filter(([, body]) => typeof body === 'string' && body.length < 1_000).map(
      ([name, body, type = 'malformed']) => [name, body, 4_400, type] as const,
    ),
    ['bytes', new Uint8Array([1]), 4_400, 'malformed'],
    ['a packet without attach', '{"batch":[1,[["hi"]]]}', 4_400, 'malformed'],
  ]

  test.each(FIRST)('whose first frame is %s is refused', async (_, frame, code, reason) => {
    const { url, unharmed } = await setup()
    const socket = await openSocket(url)
    socket.send(frame)
    expect((await socket.end())[0]).toBe(reason)
    expect(await socket.closed).toEqual([code, reason])
    await unharmed()
  })

  const LATER: readonly (readonly [name: string, (socket: Socket) => void, code: number])[] = [
    ['no JSON', (socket) => socket.send('hello'), 4_400],
    ['a list', (socket) => socket.send('[]'), 4_400],
    ['bytes that nobody announced', (socket) => socket.send(new Uint8Array([1])), 4_400],
    [
      'a text where bytes were announced',
      (socket) => {
        socket.send({ batch: [1, [[0, 0, 5]]] })
        socket.send({ ack: [0, ''] })
      },
      4_400,
    ],
    [
      'a message that is too large',
      (socket) => socket.send({ batch: batch(1, 'x'.repeat(1_001)) }),
      4_413,
    ],
    [
      'bytes that are too many',
      (socket) => {
        socket.send({ batch: [1, [[0, 0, 5]]] })
        socket.send(new Uint8Array(1_001))
      },
      4_413,
    ],
    ['more than any packet', (socket) => socket.send('x'.repeat(126_001)), 1_009],
  ]

  test.each(LATER)(
    'that sends %s is closed, and what comes behind it is for nobody',
    async (_, act, code) => {
      const { hub, client, unharmed } = await setup({ maxMessage: 1_000 })
      const seen: unknown[] = []
      hub.onMessage((data) => seen.push(data))
      const alice = client()
      const socket = await alice.socket()
      act(socket)
      socket.send({ batch: batch(1, 'behind it'), volatile: [['behind it']] })
      expect((await socket.closed)[0]).toBe(code)
      expect(seen).toEqual([])
      expect((await alice.exchange()).status).toBe(200)
      await unharmed()
    },
  )

  test('with invalid UTF-8 is closed with 1007, with a frame of no kind with 1002', async () => {
    const { url, unharmed } = await setup()
    for (const [frame, code] of [
      [[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28], 1_007],
      [[0x83, 0x80, 0, 0, 0, 0], 1_002],
      [[0x81, 0x02, 0x7b, 0x7d], 1_002],
    ] as const) {
      const socket = await raw(url)
      socket.write(
        'GET /rungs HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      )
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(String(answer)).toContain('101')
      socket.write(Uint8Array.from(frame))
      const [closed] = (await once(socket, 'data')) as [Buffer]
      expect([closed[0], closed.readUInt16BE(2)]).toEqual([0x88, code])
      socket.destroy()
    }
    await unharmed()
  })

  test.each([
    ['without a key', 'Sec-WebSocket-Version: 13', 400],
    [
      'of another version',
      'Sec-WebSocket-Version: 7\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      400,
    ],
  ])('%s is no WebSocket', async (_, headers, status) => {
    const { url, unharmed } = await setup()
    const socket = await raw(url)
    socket.write(
      `GET /rungs HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n\r\n`,
    )
    expect(await rest(socket)).toContain(`HTTP/1.1 ${status}`)
    await unharmed()
  })

  test('of somebody else, that nobody listens to, ends; a reset connection does not end the process', async () => {
    const { url, unharmed } = await setup()
    const upgrade =
      'GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const polite = await raw(url)
    polite.write(upgrade)
    expect(await rest(polite)).toContain('HTTP/1.1 404')
    for (let i = 0; i < 20; i++) {
      const rude = await raw(url)
      rude.write(upgrade)
      rude.resetAndDestroy()
    }
    await unharmed()
  })
})

describe('names that JavaScript has a meaning for', () => {
  const VALUE =
    '{"__proto__":{"polluted":"a"},"constructor":{"prototype":{"polluted":"b"}},"list":[{"__proto__":{"polluted":"c"}},[]],"":{"toString":null}}'

  test('arrive as they were sent, at every level and on every way, and change nothing', async () => {
    const { url, hub, client, unharmed } = await setup()
    const seen: string[] = []
    hub.onMessage((data, session) => {
      seen.push(JSON.stringify(data))
      session.data.last = data
    })
    const alice = client()
    const inject = (text: string): string =>
      text.replace('{', `{"__proto__":{"answer":"now","polluted":"d"},`)
    await alice.exchange()
    const attach = inject(
      JSON.stringify({ version: 1, key: alice.key, epoch: alice.epoch, t: ++alice.t, want: 1 }),
    )
    const answer = await post(
      url,
      inject(`{"attach":${attach},"batch":[1,[[${VALUE}]]],"answer":"now"}`),
    )
    expect(answer.text).toContain(`"batch":[1,[[${VALUE}]]]`)
    const socket = await alice.socket({ ack: [1, ''] })
    socket.send(`{"__proto__":{"bye":[0]},"batch":[2,[[${VALUE}]]]}`)
    await socket.messages(1)
    expect(JSON.stringify(socket.entries[0]![1])).toBe(VALUE)
    expect(seen).toEqual([VALUE, VALUE])
    for (const name of ['polluted', 'answer', 'bye']) expect(name in {}).toBe(false)
    expect(Object.keys(Object.prototype)).toEqual([])
    await unharmed()
  })

  test('may be names of rooms, users and sessions', async () => {
    const { hub, client, unharmed } = await setup({ authenticate: (_, token) => token ?? '' })
    const alice = client()
    alice.token = '__proto__'
    hub.onOpen((session) => session.join('constructor'))
    const { hello } = (await alice.exchange()).packet
    await hub.to({ room: 'toString' }, { user: 'valueOf' }, { session: '__proto__' }).send('nobody')
    await hub.to({ room: 'constructor' }).send('room')
    await hub.to({ user: '__proto__' }).send('user')
    await hub.to({ session: hello!.id }).send('session')
    expect((await alice.exchange({ answer: 'now' })).packet.batch).toEqual([
      1,
      [['room'], ['user'], ['session']],
    ])
    await unharmed()
  })
})

describe('memory', () => {
  const MB = 1_048_576
  /** Requests on connections that are used again, so many at a time. */
  async function many(
    url: string,
    count: number,
    body: (i: number) => string,
  ): Promise<List<number>> {
    const agent = new Agent({ keepAlive: true, maxSockets: 50 })
    const statuses = new List<number>()
    for (let i = 0; i < count; i++) {
      const text = body(i)
      send(
        url,
        { method: 'POST', agent, headers: { 'Content-Length': Buffer.byteLength(text) } },
        (response) => {
          response.resume().on('end', () => statuses.push(response.statusCode!))
        },
      ).end(text)
      if (i % 500 === 499) await statuses.count(i + 1)
    }
    await statuses.count(count)
    agent.destroy()
    return statuses
  }

  test('of 10,000 sessions with fresh keys from one client returns after they have died', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
    const { url, hub, client } = await setup({ maxSessions: 20_000, log: () => {} })
    const ended = new List<unknown>()
    hub.onClose(() => ended.push(0))
    const attach = (): string =>
      JSON.stringify({ attach: { version: 1, key: randomKey(), t: 1, want: 1 } })
    await many(url, 1_000, attach)
    vi.advanceTimersByTime(11_000)
    await ended.count(1_000)
    vi.advanceTimersByTime(300_000)
    const before = await heapUsed()
    await many(url, 10_000, attach)
    const grown = (await heapUsed()) - before
    expect(grown).toBeGreaterThan(3 * MB)
    vi.advanceTimersByTime(11_000)
    await ended.count(11_000)
    ended.items.length = 0
    // The ends are remembered for a lifetime.
    vi.advanceTimersByTime(300_000)
    expect((await heapUsed()) - before).toBeLessThan(grown / 2)
    expect((await client().exchange()).status).toBe(200)
  }, 60_000)

  test('does not grow by what is refused', async () => {
    const { url, client, unharmed } = await setup({ log: () => {} })
    const alice = client()
    await alice.exchange()
    const bodies = [
      ...BODIES.map(([, body]) => body).filter(
        (body) => typeof body === 'string' && body.length < 1_000,
      ),
      alice.body({}, { epoch: 'other' }),
      alice.body({ batch: batch(7, 'gap') }),
      alice.body({ ack: [7, ''] }),
      alice.body({ attach: { version: 1, key: randomKey(), epoch: 'none', t: 1, want: 1 } }),
    ]
    const round = (count: number): Promise<unknown> =>
      many(url, count, (i) => String(bodies[i % bodies.length]))
    await round(1_000)
    const before = await heapUsed()
    await round(4_000)
    expect((await heapUsed()) - before).toBeLessThan(4 * MB)
    await unharmed()
  }, 60_000)
})
