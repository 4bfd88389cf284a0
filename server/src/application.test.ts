import { describe, expect, test } from 'vitest'
import { batch } from '../test/client.ts'
import { Door, List } from '../test/list.ts'
import { startSite } from '../test/site.ts'
import { post } from '../test/wire.ts'
import type { CloseReason } from './hub.ts'

describe('an onOpen listener', () => {
  test('is called once for a session, before any of its messages, whatever carriers come', async () => {
    const { hub, client } = await startSite()
    const happened = new List<string>()
    hub.onOpen((session) => happened.push(`open ${session.id}`))
    hub.onMessage((data) => happened.push(String(data)))
    const alice = client()
    const { packet } = await alice.send(1, 'a')
    const socket = await alice.socket()
    socket.send({ batch: batch(2, 'b') })
    await alice.stream('sse')
    await alice.exchange({ answer: 'now' })
    expect(await happened.count(3)).toEqual([`open ${packet.hello!.id}`, 'a', 'b'])
  })

  test('is called once for a session, however many first requests come at a time', async () => {
    const { hub, client } = await startSite()
    const opened = new List<string>()
    hub.onOpen((session) => opened.push(session.id))
    const alice = client()
    const sockets = Promise.all([alice.socket(), alice.socket()])
    const answers = await Promise.all([
      alice.send(1, 'a'),
      alice.send(1, 'a'),
      alice.exchange({ answer: 'now' }),
    ])
    await sockets
    expect(opened.items).toHaveLength(1)
    for (const { packet } of answers) expect(packet.hello!.id).toBe(opened.items[0])
  })

  test('returns a promise that the messages of the session wait for', async () => {
    const { hub, client } = await startSite()
    const door = new Door()
    const happened: unknown[] = []
    hub.onOpen(async (session) => {
      await door.opened
      session.data = { ready: true }
    })
    hub.onMessage((data, session) => happened.push([data, session.data]))
    const socket = await client().socket({ batch: batch(1, 'a') })
    await socket.packets.find(({ ack }) => ack?.[0] === 1)
    expect(happened).toEqual([])
    door.open()
    await socket.accepted(1)
    expect(happened).toEqual([['a', { ready: true }]])
  })

  test('can close the session, and the client is told so as a final end', async () => {
    const { hub, client } = await startSite()
    hub.onOpen((session) => session.close(4_321, 'not you'))
    const socket = await client().socket()
    expect(await socket.end()).toEqual(['closed', 'not you', 'final', 4_321])
    expect(await socket.closed).toEqual([4_410, 'closed'])
    const { status, packet } = await client().exchange()
    expect([status, packet.end]).toEqual([410, ['closed', 'not you', 'final', 4_321]])
  })
})

describe('an onMessage listener', () => {
  test('is called in order, for each message after the promise of the one before', async () => {
    const { hub, client } = await startSite()
    const doors = [new Door(), new Door(), new Door()]
    const happened: string[] = []
    hub.onMessage(async (data) => {
      happened.push(`begin ${data}`)
      await doors[Number(data)]!.opened
      happened.push(`end ${data}`)
    })
    const socket = await client().socket()
    socket.send({ batch: batch(1, 0, 1) })
    socket.send({ batch: batch(3, 2) })
    await socket.packets.find(({ ack }) => ack?.[0] === 3)
    for (const [index, door] of doors.entries()) {
      expect(happened.at(-1)).toBe(`begin ${index}`)
      door.open()
      await socket.accepted(index + 1)
    }
    expect(happened).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2'])
  })

  test('returns a promise after which a message is accepted; it is received at once', async () => {
    const { hub, client } = await startSite()
    const door = new Door()
    hub.onMessage(() => door.opened)
    const alice = client()
    const socket = await alice.socket()
    const answer = alice.send(1, 'a')
    expect((await answer).packet.ack).toEqual([1, 0, 0])
    door.open()
    await socket.accepted(1)
  })

  test('has a moment before an exchange is answered, so that one round trip is enough', async () => {
    const { hub, client } = await startSite()
    hub.onMessage(async (data, session) => {
      await Promise.resolve()
      await session.send(`${data}!`)
    })
    const { packet } = await client().exchange({ batch: batch(1, 'hi'), answer: 'now' })
    expect(packet).toMatchObject({
      ack: [1, 1, 1],
      batch: [1, [['hi!']]],
      ready: 1,
    })
  })

  test('is not called again for a message that comes again while it runs', async () => {
    const { hub, client } = await startSite()
    const door = new Door()
    const happened: unknown[] = []
    hub.onMessage((data) => {
      happened.push(data)
      return door.opened
    })
    const alice = client()
    // As browsers do: the same body on another connection, without a word.
    const twice = Promise.all([
      alice.exchange({ batch: batch(1, 'a') }, { t: 1 }),
      alice.exchange({ batch: batch(1, 'a') }, { t: 1 }),
    ])
    for (const { packet } of await twice) expect(packet.ack).toEqual([1, 0, 0])
    door.open()
    await (await alice.socket()).accepted(1)
    await alice.send(1, 'a', 'b')
    expect(happened).toEqual(['a', 'b'])
  })

  test.each(['throws', 'rejects'])(
    'a listener that %s ends its session, and no other; both sides are told why',
    async (how) => {
      const { hub, client, logged } = await startSite()
      const closed = new List<CloseReason>()
      hub.onMessage((data, session) => {
        if (data !== 'bad') return session.send(data)
        if (how === 'throws') throw new Error('broken')
        return Promise.reject(new Error('broken'))
      })
      hub.onClose((_, reason) => closed.push(reason))
      const [bad, good] = [await client().socket(), await client().socket()]
      bad.send({ batch: batch(1, 'bad', 'never') })
      expect(await bad.end()).toEqual(['gone', 'handler-failed', 'reset'])
      expect(await bad.closed).toEqual([4_410, 'gone'])
      good.send({ batch: batch(1, 'good') })
      expect(await good.messages(1)).toEqual(['good'])
      expect(await closed.count(1)).toEqual([{ type: 'gone', reason: 'handler-failed' }])
      expect(logged.items.find(({ event }) => event === 'handler-failed')?.error).toEqual(
        new Error('broken'),
      )
    },
  )

  test('gets every kind of message as it was sent, by frame and by exchange', async () => {
    const { hub, client } = await startSite()
    const happened: unknown[] = []
    hub.onMessage((data) => happened.push(data))
    const values = ['', 'text', 0, null, false, [1, { a: [] }], { a: 1 }, '\ud800 \u2028 <script>']
    const alice = client()
    await alice.send(1, ...values)
    await alice.exchange({ batch: [9, [['AQID', 0, 1]]] })
    const socket = await alice.socket({}, {})
    socket.send({ batch: [10, [['and'], [0, 0, 5]]] })
    socket.send(new Uint8Array([4, 5]))
    await socket.accepted(11)
    expect(happened).toEqual([...values, new Uint8Array([1, 2, 3]), 'and', new Uint8Array([4, 5])])
    expect(happened.at(-1)!.constructor).toBe(Uint8Array)
  })
})

describe('an onClose listener', () => {
  test('is called once, with the reason, after the last message', async () => {
    const { hub, client } = await startSite()
    const happened = new List<unknown>()
    hub.onMessage(async (data) => {
      await Promise.resolve()
      happened.push(data)
    })
    hub.onClose((session, { type, reason, code }) =>
      happened.push([session.id, type, reason, code]),
    )
    const alice = client()
    const { packet } = await alice.exchange()
    await alice.exchange({ batch: batch(1, 'last'), bye: [0, 4_000, 'see you'] })
    await alice.exchange({ bye: [0] })
    expect(happened.items).toEqual(['last', [packet.hello!.id, 'closed', 'see you', 4_000]])
  })

  test('is called after onOpen, even if the first request was the last', async () => {
    const { hub, client } = await startSite()
    const happened = new List<string>()
    const door = new Door()
    hub.onOpen(async () => {
      await door.opened
      happened.push('open')
    })
    hub.onMessage((data) => happened.push(String(data)))
    hub.onClose((_, { code }) => happened.push(`close ${code}`))
    const answer = client().exchange({ batch: batch(1, 'only'), bye: [0] })
    door.open()
    expect((await answer).text).toBe('{}')
    expect(happened.items).toEqual(['open', 'only', 'close 1000'])
  })

  test('is called after a goodbye whose messages were refused', async () => {
    const { url, hub, client } = await startSite()
    const closed = new List<string>()
    hub.onClose((_, { reason }) => closed.push(reason))
    const alice = client()
    await alice.exchange()
    const bye = [0, null, 'leaving']
    const { status, packet } = await post(
      url,
      `${alice.body()}\n${JSON.stringify({ batch: [1, [['malformed', 'nobody']]], bye })}`,
    )
    expect([status, packet.end![0]]).toEqual([400, 'malformed'])
    expect(await closed.count(1)).toEqual(['leaving'])
  })

  test('is called after a goodbye whose messages were not taken', async () => {
    const { hub, client } = await startSite()
    const closed = new List<string>()
    hub.onClose((_, { reason }) => closed.push(reason))
    const alice = client()
    await alice.exchange()
    const bye = [0, null, 'leaving']
    expect((await alice.exchange({ batch: batch(7, 'gap'), bye })).text).toBe('{}')
    expect(await closed.count(1)).toEqual(['leaving'])
  })

  test('may throw, which is logged', async () => {
    const { hub, client, logged } = await startSite()
    hub.onClose(() => {
      throw new Error('broken')
    })
    const alice = client()
    await alice.exchange()
    await alice.exchange({ bye: [0] })
    expect((await logged.find(({ event }) => event === 'handler-failed')).error).toEqual(
      new Error('broken'),
    )
  })
})
