/** Clients that are let in, and clients that are refused. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batch, openSocket, openStream } from './client.ts'
import { List } from './list.ts'
import { startSite } from './site.ts'
import { ask, post } from './wire.ts'

afterEach(() => void vi.useRealTimers())

describe('an attach or exchange', () => {
  test('with an epoch never creates a session', async () => {
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

  test('of another user than the session’s is refused', async () => {
    const { url, client } = await startSite({ authenticate: (_, token) => token ?? '' })
    const alice = client()
    alice.token = 'alice'
    await alice.exchange()
    for (const token of ['bob', '', undefined]) {
      const { status, packet } = await alice.exchange(
        { batch: batch(1, 'stolen'), answer: 'now', hello: 1 },
        { token },
      )
      expect([status, packet.end!.slice(0, 1), packet.end![2]]).toEqual([
        403,
        ['forbidden'],
        'reset',
      ])
      const socket = await openSocket(url)
      socket.send(alice.body({}, { token }))
      expect(await socket.closed).toEqual([4_403, 'forbidden'])
    }
    expect((await alice.exchange()).packet.ack).toEqual([0, 0, 0])
  })

  test('is authenticated each time, with request and token, and refused for good if that says so', async () => {
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
    'is refused if authenticate returns %o instead of a user',
    async (user) => {
      const { client } = await startSite({ authenticate: () => user as never })
      expect((await client().exchange()).status).toBe(401)
    },
  )

  test.each(['throws', 'rejects'])(
    'is told no more than that the server failed if authenticate %s',
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

  test('with the key of an ended session gets its end again, and creates nothing', async () => {
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

  test('an attach that is refused changes nothing', async () => {
    const { hub, client } = await startSite({ authenticate: (_, token) => token ?? '' })
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const alice = client()
    alice.page = [0, 'a page']
    const { hello } = (await alice.exchange()).packet
    await hub.to({ session: hello!.id }).send('kept')
    const poll = alice.exchange({ answer: 'none' }, { t: 50, want: 50 })
    await poll
    const attempt = { batch: batch(1, 'no'), ack: [1, ''], hello: 1, bye: [0] }
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
    expect(packet).toMatchObject({ ack: [0, 0, 1], batch: [1, [['kept']]], ready: 1 })
    expect(seen).toEqual([])
  })
})

describe('the origin of a page', () => {
  const EVIL = { Origin: 'https://evil.example' }

  test('an origin that is not allowed is refused on every carrier, and the page may read why', async () => {
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
    const friend = client()
    await friend.exchange()
    const socket = await openSocket(url, EVIL)
    socket.send(friend.body())
    expect(await socket.end()).toEqual(['origin-refused', expect.any(String), 'final'])
    expect(await socket.closed).toEqual([4_403, 'origin-refused'])
    expect(opened.items).toHaveLength(2)
    // The ticket was not used up.
    await openStream(url, 'sse', ticket)
  })

  test('is checked before the body is read', async () => {
    const { url } = await startSite()
    expect((await post(url, 'not even JSON', EVIL)).packet.end![0]).toBe('origin-refused')
  })

  test('is needed by requests with cookies', async () => {
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

  test('gets no preflight granted, allowed or not', async () => {
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

  test('around a bridge must be allowed, and the bridge’s own must be the server’s', async () => {
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

test('a duplicated page is told that the session is taken, and the first one goes on', async () => {
  const { client } = await startSite()
  const alice = client()
  alice.page = [0, 'x']
  await alice.exchange()
  expect((await alice.exchange({}, { page: [1, 'y'], t: 1, want: 1 })).status).toBe(200)
  const { status, packet } = await alice.exchange({}, { page: [1, 'z'], t: 1, want: 1 })
  expect([status, packet.end![0], packet.end![2]]).toEqual([409, 'taken', 'reset'])
  expect((await alice.exchange({}, { page: [1, 'y'], t: 2, want: 1 })).status).toBe(200)
})
