/** Answers that nobody reads cost little: they are composed when the connection takes them. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { message, TestStore } from './store.ts'
import { List, until } from './list.ts'
import { startSite } from './site.ts'
import { raw, rest } from './wire.ts'

const MB = 1_048_576

const httpRequest = (url: string, body: string, headers = ''): string =>
  `POST ${new URL(url).pathname} HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`

/** The last request of a connection, which the server closes behind its answer. */
const lastRequest = (url: string, body: string): string =>
  httpRequest(url, body, 'Connection: close\r\n')

describe('answers that nobody reads', () => {
  test('are composed one at a time on a connection', async () => {
    const { url, client, hub } = await startSite({ maxBatch: 4 * MB, maxMessage: 4 * MB })
    const alice = client()
    await alice.exchange()
    await hub.broadcast('x'.repeat(3 * MB))
    const socket = await raw(url)
    socket.pause()
    const before = process.memoryUsage().arrayBuffers
    const requests = Array.from({ length: 16 }, () =>
      httpRequest(url, alice.body({ answer: 'now' })),
    )
    socket.write(requests.join(''))
    // A request behind those has been served when they have been, too.
    await alice.exchange({ volatile: [['after']] })
    await until(() => process.memoryUsage().arrayBuffers - before > MB)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * MB)
    socket.destroy()
  })

  test('come all, in their order, to a client that reads them', async () => {
    const { url, client, hub } = await startSite()
    const alice = client()
    await alice.exchange()
    await hub.broadcast('for you')
    const socket = await raw(url)
    const requests = Array.from({ length: 15 }, () =>
      httpRequest(url, alice.body({ answer: 'now' })),
    )
    socket.write(requests.join('') + lastRequest(url, alice.body({ answer: 'now' })))
    const answers = await rest(socket)
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(16)
    expect(answers.match(/for you/g)).toHaveLength(16)
  })

  test('of a poll behind another request wait for its turn', async () => {
    const { url, client, hub } = await startSite()
    const alice = client()
    await alice.exchange()
    const socket = await raw(url)
    const poll = (): string => alice.body({ answer: 'wait' }, { want: alice.t + 1 })
    socket.write(httpRequest(url, poll()) + lastRequest(url, poll()))
    await hub.broadcast('news')
    const answers = await rest(socket)
    expect(answers).toContain('superseded')
    expect(answers).toContain('news')
  })

  test('are bounded in number: a connection that asks without end is closed', async () => {
    const { url, client, logged } = await startSite()
    const alice = client()
    await alice.exchange()
    const socket = await raw(url)
    const wait = httpRequest(url, alice.body({ answer: 'wait' }))
    const now = Array.from({ length: 300 }, () => httpRequest(url, alice.body({ answer: 'now' })))
    socket.write(wait + now.join(''))
    await once(socket, 'close')
    await logged.find(
      ({ event, reason = '' }) => event === 'refused' && reason.includes('without end'),
    )
    expect((await client().exchange()).status).toBe(200)
  })

  test.each([
    ['waits for its turn', { answer: 'now' }],
    ['is held', { answer: 'wait' }],
    ['is a refusal', { answer: 'nonsense' }],
  ])('of a closed connection keep no session: the second one %s', async (_, fields) => {
    const { url, client, hub } = await startSite({ sessionTtl: 100 })
    const ended = new List<string>()
    hub.onClose(({ id }) => ended.push(id))
    const [alice, bob] = [client(), client()]
    await alice.exchange()
    const { id } = (await bob.exchange()).packet.hello!
    const socket = await raw(url)
    socket.write(httpRequest(url, alice.body({ answer: 'wait' })))
    socket.write(httpRequest(url, bob.body(fields)))
    // A request behind those has been served when they have been, too.
    await bob.exchange()
    socket.resetAndDestroy()
    expect(await ended.find((each) => each === id)).toBe(id)
  })

  test('are bounded for a session, and those of others are not', async () => {
    const { url, client, hub } = await startSite({ maxBatch: 4 * MB, maxMessage: 4 * MB })
    const alice = client()
    const { hello } = (await alice.exchange()).packet
    await hub.to({ session: hello!.id }).send('x'.repeat(4 * MB - 100))
    const sockets = await Promise.all(Array.from({ length: 40 }, () => raw(url)))
    for (const socket of sockets) {
      socket.pause()
      socket.write(httpRequest(url, alice.body({ answer: 'now' })))
    }
    let status = 200
    while (status === 200) ({ status } = await alice.exchange({ answer: 'none' }))
    expect(status).toBe(503)
    expect((await client().exchange()).status).toBe(200)
    for (const socket of sockets) socket.destroy()
    await until(() => sockets.every(({ closed }) => closed))
    while (status !== 200) ({ status } = await alice.exchange({ answer: 'none' }))
  })
})

test('a text whose characters are escaped counts as it is kept', () => {
  const store = new TestStore({ maxBufferedMessages: 100, maxBufferedBytes: 2_000 })
  const id = store.openSession('a'.repeat(16))
  const text = '\u0001'.repeat(200)
  expect(store.append([{ session: id }], message(text))).toEqual([])
  expect(store.append([{ session: id }], message(text))).toMatchObject([
    { end: { reason: 'overflow' } },
  ])
})
