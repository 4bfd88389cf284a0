/** Bad input of every kind gets a clear answer, crashes nothing, and harms nobody else. */
import { once } from 'node:events'
import { request as send } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { batch, openSocket } from './client.ts'
import { BODIES, setupWatched } from './harm.ts'
import { List } from './list.ts'
import { ask, post, raw, rest } from './wire.ts'

describe('an exchange whose body is', () => {
  test.each(BODIES)('%s is refused', async (_, body, type = 'malformed') => {
    const { url, unharmed } = await setupWatched()
    const { status, packet } = await post(url, body)
    expect([status, packet.end![0]]).toEqual([400, type])
    await unharmed()
  })

  test('too large is refused, by its length or when it is read', async () => {
    const { url, unharmed } = await setupWatched({ maxMessage: 1_000 })
    const body = 'x'.repeat(16_384 + '\n'.length + 80_000 + 1)
    expect((await post(url, body)).packet.end![0]).toBe('too-large')
    const chunked = send(url, { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } })
    chunked.on('error', () => {})
    chunked.write(body)
    const [response] = (await once(chunked, 'response')) as [{ statusCode: number }]
    expect(response.statusCode).toBe(413)
    chunked.destroy()
    await unharmed()
  })

  test('a packet with a message that is too large is refused, with all other messages', async () => {
    const { client, unharmed } = await setupWatched({ maxMessage: 1_000 })
    const alice = client()
    const { status, packet } = await alice.send(1, 'fits', 'x'.repeat(1_001))
    expect([status, packet.end![0], packet.end![2]]).toEqual([413, 'too-large', 'final'])
    expect((await alice.send(1, 'fits')).packet.ack).toEqual([1, 1, 1, 0, 'fits'.length])
    await unharmed()
  })

  test('a compressed bomb is refused, and not unpacked', async () => {
    const { url, client, unharmed } = await setupWatched()
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    expect(bomb.length).toBeLessThan(60_000)
    const { status, packet } = await post(url, bomb, { 'Content-Encoding': 'gzip' })
    expect([status, packet.end![0]]).toEqual([415, 'unsupported-encoding'])
    expect((await post(url, gzipSync(client().body()))).status).toBe(400)
    await unharmed()
  })

  test('cut is not processed', async () => {
    const { url, client, logged, unharmed } = await setupWatched()
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
  test('a request that is not HTTP is answered by Node, or not at all', async () => {
    const { url, unharmed } = await setupWatched()
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
    const { url, unharmed } = await setupWatched()
    const socket = await raw(url)
    socket.write('POST /rungs HTTP/1.1\r\nHost: x\r\n')
    for (let i = 0; i < 3_000; i++) socket.write(`X-Flood-${i}: ${'x'.repeat(20)}\r\n`)
    expect(await rest(socket)).toContain('HTTP/1.1 431')
    await unharmed()
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'TRACE'])(
    'with the method %s is refused',
    async (method) => {
      const { url, unharmed } = await setupWatched()
      const { status, headers } = await ask(method, url)
      expect([status, headers['allow']]).toEqual([405, 'GET, POST'])
      expect((await ask(method, `${url}/sse`)).headers['allow']).toBe('GET')
      await unharmed()
    },
  )

  test.each([
    '/other',
    '/sse/x',
    '/..%2f',
    '/%00',
    '/assets/bridge.js',
    '/__proto__',
    '/constructor',
  ])('for the path %s is answered 404', async (below) => {
    const { url, unharmed } = await setupWatched()
    for (const method of ['GET', 'POST']) {
      expect(
        (await ask(method, url + below, {}, method === 'POST' ? '{}' : undefined)).status,
      ).toBe(404)
    }
    await unharmed()
  })

  test('whose client goes away while it is authenticated leaves nothing behind', async () => {
    const asked = new List<() => void>()
    const { url, client, hub, logged } = await setupWatched({
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

describe('numbers of messages', () => {
  test('below the next one are ignored, above it they are a gap', async () => {
    const { client, hub, unharmed } = await setupWatched()
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const alice = client()
    await alice.send(1, 'a', 'b')
    expect((await alice.send(1, 'other', 'other')).packet.ack!.slice(0, 2)).toEqual([2, 2])
    for (const first of [4, 1_000, 2 ** 53 - 2]) {
      const { status, packet } = await alice.send(first, 'gap')
      expect([status, packet]).toEqual([200, { ack: expect.any(Array), gap: 1 }])
      expect(packet.ack!.slice(0, 2)).toEqual([2, 2])
    }
    expect((await alice.send(2, 'b', 'c')).packet.ack!.slice(0, 2)).toEqual([3, 3])
    expect(seen.filter((data) => typeof data === 'string')).toEqual(['a', 'b', 'c'])
    await unharmed()
  })

  test('numbers that leave a gap are not taken by a WebSocket, which goes on', async () => {
    const { client, unharmed } = await setupWatched()
    const alice = client()
    const socket = await alice.socket()
    socket.send({ batch: batch(2, 'gap') })
    expect(await socket.packets.find(({ gap }) => gap === 1)).toEqual({ ack: [0, 0, 0], gap: 1 })
    socket.send({ batch: batch(1, 'what was missing', 'and the rest') })
    await socket.accepted(2)
    expect(await socket.messages(2)).toEqual(['what was missing', 'and the rest'])
    await unharmed()
  })

  test('numbers that were never sent cannot be acknowledged', async () => {
    const { client, unharmed } = await setupWatched()
    const alice = client()
    const socket = await alice.socket()
    socket.send({ ack: [1, ''] })
    expect(await socket.end()).toEqual(['lost', expect.any(String), 'reset'])
    expect((await alice.exchange({ ack: [2 ** 53 - 1, ''] })).status).toBe(410)
    await unharmed()
  })
})

describe('names like __proto__', () => {
  const VALUE =
    '{"__proto__":{"polluted":"a"},"constructor":{"prototype":{"polluted":"b"}},"list":[{"__proto__":{"polluted":"c"}},[]],"":{"toString":null}}'

  test('are data in messages, at every level and on every carrier', async () => {
    const { url, hub, client, unharmed } = await setupWatched()
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

  test('may be the names of rooms, users and sessions', async () => {
    const { hub, client, unharmed } = await setupWatched({
      authenticate: (_, token) => token ?? '',
    })
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
