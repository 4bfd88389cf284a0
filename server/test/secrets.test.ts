/** Secrets, and the requests that have none. */
import type { IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { MemoryStore } from '../src/store/memory-store.ts'
import { batch, openStream, randomKey } from './client.ts'
import { List } from './list.ts'
import { startSite } from './site.ts'
import { ask } from './wire.ts'

afterEach(() => void vi.useRealTimers())

const STREAMS = ['sse', 'forever-iframe'] as const

describe('the key of a session', () => {
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

  test('cannot be replaced by the public id', async () => {
    const { client } = await startSite()
    const alice = client()
    const { hello } = (await alice.exchange()).packet
    expect((await client().exchange({}, { key: hello!.id })).packet.end![0]).toBe('malformed')
  })
})

describe('a GET request', () => {
  test.each(STREAMS)(
    'of %s without a ticket that was issued reaches no session',
    async (transport) => {
      const store = new MemoryStore()
      const admit = vi.spyOn(store, 'admit')
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
      expect(admit).not.toHaveBeenCalled()
    },
  )

  test('acknowledges nothing beyond the exchange of its ticket, and carries nothing up', async () => {
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

  test('with the ticket of a session that has ended gets its end', async () => {
    const { url, client } = await startSite()
    const alice = client()
    const ticket = await alice.ticket('sse')
    await alice.exchange({ bye: [0, 1_000, 'gone home'] })
    const { status, packet } = await ask('GET', `${url}/sse?ticket=${ticket}`)
    expect([status, packet.end]).toEqual([410, ['closed', 'gone home', 'final', 1_000]])
  })

  test('of the path itself, or of the bridge, creates no session', async () => {
    const { hub, url } = await startSite()
    const opened = new List<unknown>()
    hub.onOpen(() => opened.push(1))
    expect((await ask('GET', url)).status).toBe(404)
    expect((await ask('GET', `${url}/bridge`)).status).toBe(200)
    expect(opened.items).toEqual([])
  })
})

describe('a ticket for a stream', () => {
  test('is random, and needs no escape in a URL', async () => {
    const { client } = await startSite()
    const alice = client()
    const tickets = [await alice.ticket('sse'), await alice.ticket('sse')]
    expect(new Set(tickets).size).toBe(2)
    for (const ticket of tickets) expect(ticket).toMatch(/^[\w-]{22}$/)
  })

  test.each(STREAMS)('is good for one use, of %s', async (transport) => {
    const { url, client } = await startSite()
    const alice = client()
    const ticket = await alice.ticket(transport)
    await openStream(url, transport, ticket)
    expect((await ask('GET', `${url}/${transport}?ticket=${ticket}`)).status).toBe(404)
  })

  test('is good for its transport alone, and used up by another one', async () => {
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

  test('is worth nothing when its client has given the sequence up', async () => {
    const { url, client } = await startSite()
    const alice = client()
    const ticket = await alice.ticket('sse')
    await alice.exchange({}, { want: 2 })
    expect((await ask('GET', `${url}/sse?ticket=${ticket}`)).packet.end![0]).toBe('superseded')
  })
})
