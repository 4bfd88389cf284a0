/** What is secret, who may come in, and what that lets them do. */
import type { IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { MemoryStore } from '../src/store/memory-store.ts'
import { batch, openSocket, openStream, randomKey } from './client.ts'
import { List } from './list.ts'
import { startSite } from './site.ts'
import { ask, post } from './wire.ts'

afterEach(() => void vi.useRealTimers())

const STREAMS = ['sse', 'forever-iframe'] as const

describe('the key', () => {
  test('is in no URL, log event, answer or object of the application', async () => {
    const seen: unknown[] = []
    const { hub, client, server, logged } = await startSite({
      authenticate: (_, token) => token ?? '',
      relay: (session) => {
        seen.push(session)
        return false
      },
    })
    const urls = new List<string>()
    server.on('request', ({ url }: IncomingMessage) => urls.push(url!))
    hub.onOpen((session) => seen.push(session))
    hub.onMessage((data, session) => {
      seen.push(data, session, session.data)
      if (data === 'bad') throw new Error('broken')
      return session.send(data)
    })
    hub.onClose((...args) => seen.push(...args))
    const alice = client()
    alice.token = 'the token'
    const socket = await alice.socket({ batch: batch(1, 'a') })
    const streams = [await alice.stream('sse'), await alice.stream('forever-iframe')]
    const answers = [
      await alice.exchange({ batch: [2, [['b', ['bob']]]], answer: 'now' }),
      await alice.exchange({ ack: [99, ''] }),
      await alice.exchange({}, { epoch: 'other' }),
      await alice.exchange({}, { key: alice.key.toUpperCase() }),
      await alice.exchange({}, { t: 1 }),
      await alice.send(9, 'gap'),
      await alice.send(3, 'bad'),
      await alice.exchange(),
    ]
    await socket.closed
    const said = [
      ...answers.map(({ text, headers }) => text + inspect(headers)),
      ...streams.map(({ text, response }) => text + inspect(response.headers)),
      ...socket.packets.items.map((packet) => JSON.stringify(packet)),
      ...urls.items,
    ].join('\n')
    const known = inspect([logged.items, seen], { depth: 20, showHidden: true, getters: true })
    for (const secret of [alice.key, alice.key.toUpperCase(), 'the token']) {
      expect(said).not.toContain(secret)
      expect(inspect(logged.items, { depth: 20 })).not.toContain(secret)
    }
    // The token, on the other hand, is what this application calls its users.
    for (const secret of [alice.key, alice.key.toUpperCase()]) expect(known).not.toContain(secret)
    expect(urls.items.length).toBeGreaterThan(8)
    expect(logged.items.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['session-opened', 'refused', 'handler-failed', 'session-ended']),
    )
  })

  test('is worth something, the public id is not', async () => {
    const { client } = await startSite()
    const alice = client()
    const { hello } = (await alice.exchange()).packet
    expect((await client().exchange({}, { key: hello!.id })).packet.end![0]).toBe('malformed')
  })
})

describe('a GET', () => {
  test.each(STREAMS)(
    'of %s without a ticket that was asked for creates nothing',
    async (transport) => {
      const store = new MemoryStore()
      const contact = vi.spyOn(store, 'admit')
      const { url } = await startSite({ store })
      for (const query of [
        '',
        '?ticket=',
        '?ticket=guess',
        `?ticket=${randomKey()}`,
        '?key=' + randomKey(),
      ]) {
        const { status, packet } = await ask('GET', `${url}/${transport}${query}`)
        expect([status, packet.end![0]]).toEqual([404, 'not-found'])
      }
      expect(contact).not.toHaveBeenCalled()
    },
  )

  test('acknowledges nothing beyond what its exchange did, and carries nothing up', async () => {
    const { hub, url, client } = await startSite()
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const alice = client()
    const { hello } = (await alice.exchange()).packet
    for (const data of [1, 2, 3]) await hub.to({ session: hello!.id }).send(data)
    const ticket = await alice.ticket('sse', { ack: [1, ''] })
    const query = new URLSearchParams({ ticket, ack: '[3,""]', batch: '[1,[["x"]]]' })
    const stream = await openStream(url, 'sse', String(query).slice('ticket='.length))
    await stream.messages(2)
    expect(stream.entries).toEqual([
      [2, 2],
      [3, 3],
    ])
    expect((await alice.exchange({ ack: [1, ''], answer: 'now' })).packet.batch).toEqual([
      2,
      [[2], [3]],
    ])
    expect(seen).toEqual([])
  })

  test('of a session that ended, by a ticket from before, revives nothing', async () => {
    const { url, client } = await startSite()
    const alice = client()
    const ticket = await alice.ticket('sse')
    await alice.exchange({ bye: [0, 1_000, 'gone home'] })
    const { status, packet } = await ask('GET', `${url}/sse?ticket=${ticket}`)
    expect([status, packet.end]).toEqual([410, ['closed', 'gone home', 'final', 1_000]])
  })

  test('of the path itself, or the bridge, creates nothing', async () => {
    const { hub, url } = await startSite()
    const opened = new List<unknown>()
    hub.onOpen(() => opened.push(1))
    expect((await ask('GET', url)).status).toBe(404)
    expect((await ask('GET', `${url}/bridge`)).status).toBe(200)
    expect(opened.items).toEqual([])
  })
})

describe('a ticket', () => {
  test('is random, and needs no escape in a URL', async () => {
    const { client } = await startSite()
    const alice = client()
    const tickets = [await alice.ticket('sse'), await alice.ticket('sse')]
    expect(new Set(tickets).size).toBe(2)
    for (const ticket of tickets) expect(ticket).toMatch(/^[\w-]{22}$/)
  })

  test.each(STREAMS)('is for one use of %s', async (transport) => {
    const { url, client } = await startSite()
    const alice = client()
    const ticket = await alice.ticket(transport)
    await openStream(url, transport, ticket)
    expect((await ask('GET', `${url}/${transport}?ticket=${ticket}`)).status).toBe(404)
  })

  test('is for one transport, and used up by another', async () => {
    const { url, client } = await startSite()
    const ticket = await client().ticket('sse')
    expect((await ask('GET', `${url}/forever-iframe?ticket=${ticket}`)).status).toBe(404)
    expect((await ask('GET', `${url}/sse?ticket=${ticket}`)).status).toBe(404)
  })

  test('is good for 30 s', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const { url, client } = await startSite()
    const alice = client()
    const tickets = [await alice.ticket('sse'), await alice.ticket('sse')]
    vi.advanceTimersByTime(29_999)
    await openStream(url, 'sse', tickets[0]!)
    vi.advanceTimersByTime(1)
    expect((await ask('GET', `${url}/sse?ticket=${tickets[1]}`)).status).toBe(404)
  })

  test('is for what its client still wants', async () => {
    const { url, client } = await startSite()
    const alice = client()
    const ticket = await alice.ticket('sse')
    await alice.exchange({}, { want: 2 })
    expect((await ask('GET', `${url}/sse?ticket=${ticket}`)).packet.end![0]).toBe('superseded')
  })
})

describe('an attach or exchange', () => {
  test('with an epoch never creates', async () => {
    const { hub, url, client } = await startSite()
    const opened = new List<unknown>()
    hub.onOpen(() => opened.push(1))
    const alice = client()
    alice.epoch = 'from before'
    const { status, packet } = await alice.exchange({ batch: batch(1, 'hi') })
    expect([status, packet.end]).toEqual([410, ['gone', 'unknown', 'reset']])
    const socket = await openSocket(url)
    socket.send(alice.body())
    expect(await socket.end()).toEqual(['gone', 'unknown', 'reset'])
    expect(opened.items).toEqual([])
  })

  test('is bound to the user of the first contact', async () => {
    const { url, client } = await startSite({ authenticate: (_, token) => token ?? '' })
    const alice = client()
    alice.token = 'alice'
    await alice.exchange()
    for (const token of ['bob', '', undefined]) {
      const { status, packet } = await alice.exchange(
        { batch: batch(1, 'stolen'), answer: 'now' },
        { token },
      )
      expect([status, packet.end!.slice(0, 1), packet.end![2]]).toEqual([
        403,
        ['forbidden'],
        'final',
      ])
      const socket = await openSocket(url)
      socket.send(alice.body({}, { token }))
      expect(await socket.closed).toEqual([4_403, 'forbidden'])
    }
    expect((await alice.exchange()).packet.ack!.slice(1)).toEqual([0, 0, 0])
  })

  test('is authenticated each time, with request and token; whom it refuses is refused for good', async () => {
    const asked: unknown[] = []
    const { url, client } = await startSite({
      authenticate: async ({ headers }, token) => {
        asked.push([headers.cookie, token])
        await Promise.resolve()
        return token === 'good' ? 'alice' : null
      },
    })
    const alice = client()
    alice.headers = { Cookie: 'a=1', Origin: new URL(url).origin }
    for (const token of [undefined, 'bad']) {
      const { status, packet } = await alice.exchange({}, { token })
      expect([status, packet.end![0], packet.end![2]]).toEqual([401, 'unauthorized', 'final'])
    }
    const refused = await openSocket(url, alice.headers)
    refused.send(alice.body({}, { token: 'bad' }))
    expect(await refused.closed).toEqual([4_401, 'unauthorized'])
    alice.token = 'good'
    await alice.exchange()
    await alice.socket()
    expect(asked).toEqual([
      ['a=1', undefined],
      ['a=1', 'bad'],
      ['a=1', 'bad'],
      ['a=1', 'good'],
      ['a=1', 'good'],
    ])
  })

  test.each([undefined, 7, {}, true])(
    'is refused where the application answers %o instead of a user',
    async (user) => {
      const { client } = await startSite({ authenticate: () => user as never })
      expect((await client().exchange()).status).toBe(401)
    },
  )

  test.each(['throws', 'rejects'])(
    'says no more than that the server failed when authentication %s',
    async (how) => {
      const { url, client, logged } = await startSite({
        authenticate: () => {
          if (how === 'throws') throw new Error('password of the database')
          return Promise.reject(new Error('password of the database'))
        },
      })
      const { status, text } = await client().exchange()
      expect([status, text]).toEqual([
        500,
        '{"end":["internal","the server failed; try again","retry"]}',
      ])
      const socket = await openSocket(url)
      socket.send(client().body())
      expect(await socket.closed).toEqual([4_500, 'internal'])
      expect(logged.items.filter(({ level }) => level === 'error')).toHaveLength(2)
    },
  )

  test('of a key whose session ended gets the end again, and creates nothing', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
    const { hub, client } = await startSite({ sessionTtl: 60_000 })
    const opened = new List<unknown>()
    hub.onOpen(() => opened.push(1))
    const alice = client()
    await alice.exchange()
    await alice.exchange({ bye: [0, 4_000, 'done'] })
    for (let passed = 0; passed < 60_000; passed += 20_000) {
      const { packet } = await alice.exchange(
        { batch: batch(1, 'hi') },
        { epoch: undefined, t: 1, want: 1 },
      )
      expect(packet.end).toEqual(['closed', 'done', 'final', 4_000])
      vi.advanceTimersByTime(20_000)
    }
    expect(opened.items).toHaveLength(1)
  })

  test('that was refused has changed nothing', async () => {
    const { hub, client } = await startSite({ authenticate: (_, token) => token ?? '' })
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const alice = client()
    alice.page = [0, 'a page']
    const { hello } = (await alice.exchange()).packet
    await hub.to({ session: hello!.id }).send('kept')
    const poll = alice.exchange({ answer: 'none' }, { t: 50, want: 50 })
    await poll
    const attempt = { batch: batch(1, 'no'), ack: [1, ''], bye: [0] }
    const refusals = [
      await alice.exchange(attempt, { t: 49, want: 49 }),
      await alice.exchange(attempt, { t: 60, want: 60, token: 'eve' }),
      await alice.exchange(attempt, { t: 60, want: 60, page: [0, 'other'] }),
      await alice.exchange(attempt, { t: 60, want: 60, epoch: 'other' }),
      await alice.exchange({ ...attempt, ack: [2, ''] }, { t: 60, want: 60 }),
      await alice.exchange({ ...attempt, ack: [1, 'tag'] }, { t: 60, want: 60 }),
      await alice.exchange({ ...attempt, answer: 'later' }, { t: 60, want: 60 }),
    ]
    expect(refusals.map(({ packet }) => packet.end![0])).toEqual([
      'superseded',
      'forbidden',
      'taken',
      'gone',
      'lost',
      'lost',
      'malformed',
    ])
    const { packet } = await alice.exchange({ answer: 'now' }, { t: 50, want: 50 })
    expect(packet).toMatchObject({ ack: [alice.epoch, 0, 0, 1], batch: [1, [['kept']]] })
    expect(seen).toEqual([])
  })
})

describe('origins', () => {
  const EVIL = { Origin: 'https://evil.example' }

  test('a page of another origin is refused on every way, and may read why', async () => {
    const { hub, url, client } = await startSite()
    const opened = new List<unknown>()
    hub.onOpen(() => opened.push(1))
    const ticket = await client().ticket('sse')
    const answers = [
      await post(url, client().body(), EVIL),
      await ask('GET', `${url}/sse?ticket=${ticket}`, EVIL),
    ]
    for (const { status, headers, packet } of answers) {
      expect([status, packet.end![0], packet.end![2]]).toEqual([403, 'origin-refused', 'final'])
      expect(headers).toMatchObject({
        'access-control-allow-origin': EVIL.Origin,
        'access-control-allow-credentials': 'true',
        vary: 'Origin',
      })
    }
    const socket = await openSocket(url, EVIL)
    expect(await socket.end()).toEqual(['origin-refused', expect.any(String), 'final'])
    expect(await socket.closed).toEqual([4_403, 'origin-refused'])
    expect(opened.items).toHaveLength(1)
    // It was not used up.
    await openStream(url, 'sse', ticket)
  })

  test('is looked at before the body is read', async () => {
    const { url } = await startSite()
    expect((await post(url, 'not even JSON', EVIL)).packet.end![0]).toBe('origin-refused')
  })

  test('a request with cookies needs one', async () => {
    const { url, client } = await startSite()
    const cookie = { Cookie: 'session=1' }
    expect((await post(url, client().body(), cookie)).status).toBe(403)
    const socket = await openSocket(url, cookie)
    expect((await socket.closed)[0]).toBe(4_403)
    const own = { ...cookie, Origin: new URL(url).origin }
    const { packet } = await post(url, client().body({ stream: 'sse' }), own)
    // A browser sends cookies and no Origin for a stream of its own.
    await openStream(url, 'sse', packet.ticket!, cookie)
  })

  test('no preflight is ever granted', async () => {
    const { url } = await startSite({ origins: ['https://app.example'] })
    for (const below of ['', '/sse', '/bridge', '/forever-iframe']) {
      const { status, headers, text } = await ask('OPTIONS', url + below, {
        Origin: 'https://app.example',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'rungs-origin',
      })
      expect([status, text]).toEqual([204, ''])
      expect(headers['access-control-allow-headers']).toBeUndefined()
      expect(headers['access-control-allow-methods']).toBeUndefined()
    }
  })

  test('of a bridge is that of the page around it', async () => {
    const { url, client } = await startSite({ origins: ['https://app.example'] })
    const own = new URL(url).origin
    const answer = (headers: Record<string, string>) => post(url, client().body(), headers)
    expect((await answer({ Origin: own, 'Rungs-Origin': 'https://app.example' })).status).toBe(200)
    expect((await answer({ Origin: own, 'Rungs-Origin': 'https://evil.example' })).status).toBe(403)
    expect((await answer({ Origin: own, 'Rungs-Origin': 'null' })).status).toBe(403)
    expect(
      (await answer({ Origin: 'https://app.example', 'Rungs-Origin': 'https://app.example' }))
        .status,
    ).toBe(403)
  })
})

test('a page that duplicates another is told that the session is taken, and the first goes on', async () => {
  const { client } = await startSite()
  const alice = client()
  alice.page = [0, 'x']
  await alice.exchange()
  expect((await alice.exchange({}, { page: [1, 'y'], t: 1, want: 1 })).status).toBe(200)
  const { status, packet } = await alice.exchange({}, { page: [1, 'z'], t: 1, want: 1 })
  expect([status, packet.end![0], packet.end![2]]).toEqual([409, 'taken', 'reset'])
  expect((await alice.exchange({}, { page: [1, 'y'], t: 2, want: 1 })).status).toBe(200)
})
