import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { batch, type Client, type Socket } from '../test/client.ts'
import { Door, List, until } from '../test/list.ts'
import { startSite } from '../test/site.ts'
import { RungsError } from './errors.ts'
import { attach, type CloseReason } from './hub.ts'
import type { Session } from './session.ts'
import { MemoryStore } from './store/memory-store.ts'

describe('onOpen', () => {
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

  test('is called once, however many first requests come at a time', async () => {
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

  test('messages wait for its promise', async () => {
    const { hub, client } = await startSite()
    const door = new Door()
    const happened: unknown[] = []
    hub.onOpen(async (session) => {
      await door.opened
      session.data = { ready: true }
    })
    hub.onMessage((data, session) => happened.push([data, session.data]))
    const socket = await client().socket({ batch: batch(1, 'a') })
    await socket.packets.find(({ ack }) => ack?.[1] === 1)
    expect(happened).toEqual([])
    door.open()
    await socket.accepted(1)
    expect(happened).toEqual([['a', { ready: true }]])
  })

  test('can close the session: the client is told so, finally', async () => {
    const { hub, client } = await startSite()
    hub.onOpen((session) => session.close(4_321, 'not you'))
    const socket = await client().socket()
    expect(await socket.end()).toEqual(['closed', 'not you', 'final', 4_321])
    expect(await socket.closed).toEqual([4_410, 'closed'])
    const { status, packet } = await client().exchange()
    expect([status, packet.end]).toEqual([410, ['closed', 'not you', 'final', 4_321]])
  })
})

describe('onMessage', () => {
  test('is called in order, the next message after the promise of the one before', async () => {
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
    await socket.packets.find(({ ack }) => ack?.[1] === 3)
    for (const [index, door] of doors.entries()) {
      expect(happened.at(-1)).toBe(`begin ${index}`)
      door.open()
      await socket.accepted(index + 1)
    }
    expect(happened).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2'])
  })

  test('what is accepted is announced when the promise has settled, what is received at once', async () => {
    const { hub, client } = await startSite()
    const door = new Door()
    hub.onMessage(() => door.opened)
    const alice = client()
    const socket = await alice.socket()
    const answer = alice.send(1, 'a')
    expect((await answer).packet.ack!.slice(1)).toEqual([1, 0, 0])
    door.open()
    await socket.accepted(1)
  })

  test('an exchange gives its handlers a moment, so that one round trip is enough', async () => {
    const { hub, client } = await startSite()
    hub.onMessage(async (data, session) => {
      await Promise.resolve()
      await session.send(`${data}!`)
    })
    const { packet } = await client().exchange({ batch: batch(1, 'hi'), answer: 'now' })
    expect(packet).toMatchObject({
      ack: [expect.any(String), 1, 1, 1],
      batch: [1, [['hi!']]],
      ready: 1,
    })
  })

  test('a message that comes again while its handler runs is not handled again', async () => {
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
    for (const { packet } of await twice) expect(packet.ack!.slice(1)).toEqual([1, 0, 0])
    door.open()
    await (await alice.socket()).accepted(1)
    await alice.send(1, 'a', 'b')
    expect(happened).toEqual(['a', 'b'])
  })

  test.each(['throws', 'rejects'])(
    'when it %s, that session ends, both sides know why, and no other is touched',
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

describe('onClose', () => {
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

  test('a goodbye holds even if its messages are refused', async () => {
    const { hub, client } = await startSite()
    const closed = new List<string>()
    hub.onClose((_, { reason }) => closed.push(reason))
    const alice = client()
    await alice.exchange()
    expect(
      (await alice.exchange({ batch: batch(7, 'gap'), bye: [0, null, 'leaving'] })).packet.end![0],
    ).toBe('gap')
    expect(await closed.count(1)).toEqual(['leaving'])
  })

  test('what it throws is logged', async () => {
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

  test('session.close() tells the client code and reason, on every carrier and later', async () => {
    const store = new MemoryStore()
    const { hub, client } = await startSite({ store })
    hub.onMessage(async (_, session) => {
      await session.send('bye')
      await session.close(4_123, 'enough')
    })
    const alice = client()
    const socket = await alice.socket()
    const stream = await alice.stream('sse')
    const { hello } = socket.packets.items[0]!
    const poll = alice.exchange({ answer: 'wait' })
    await until(() => store.find(hello!.id)?.transport === 'long-poll')
    socket.send({ batch: batch(1, 'go') })
    const end = ['closed', 'enough', 'final', 4_123]
    expect(await socket.end()).toEqual(end)
    expect(await stream.end()).toEqual(end)
    expect([socket.entries, stream.entries]).toEqual([[[1, 'bye']], [[1, 'bye']]])
    expect((await poll).packet.batch).toEqual([1, [['bye']]])
    await stream.closed
    expect((await alice.exchange({ answer: 'wait' })).packet.end).toEqual(end)
  })
})

describe('a session', () => {
  test('has an id, a user, and the transport of its newest carrier', async () => {
    const { hub, client } = await startSite({ authenticate: (_, token) => token ?? '' })
    const seen = new List<unknown>()
    hub.onMessage((_, { id, user, transport }) => seen.push([id, user, transport]))
    const alice = client()
    alice.token = 'alice'
    const { packet } = await alice.send(1, 'a')
    const socket = await alice.socket()
    socket.send({ batch: batch(2, 'b') })
    await socket.accepted(2)
    await alice.stream('sse')
    await alice.send(3, 'c')
    const { id } = packet.hello!
    expect(seen.items).toEqual([
      [id, 'alice', null],
      [id, 'alice', 'websocket'],
      [id, 'alice', 'sse'],
    ])
  })

  test('keeps its data, as it is when the handler has settled', async () => {
    const { hub, client } = await startSite()
    const seen: unknown[] = []
    hub.onOpen((session) => {
      session.data.opened = true
    })
    hub.onMessage(async (data, session) => {
      seen.push(structuredClone(session.data))
      session.data.list = [data]
      await Promise.resolve()
      if (data === 'replace') session.data = { replaced: 1 }
    })
    const closed = new List<unknown>()
    hub.onClose((session) => closed.push(session.data))
    const alice = client()
    await alice.send(1, 'a', 'replace', 'c')
    await alice.exchange({ volatile: [['v']] })
    await alice.exchange({ bye: [0] })
    expect(seen).toEqual([
      { opened: true },
      { opened: true, list: ['a'] },
      { replaced: 1 },
      { replaced: 1, list: ['c'] },
    ])
    expect(await closed.count(1)).toEqual([{ replaced: 1, list: ['v'] }])
  })

  test('whose data is no JSON any more ends', async () => {
    const { hub, client } = await startSite()
    hub.onMessage((_, session) => {
      session.data.cycle = session.data
    })
    expect((await client().send(1, 'a')).packet.end![1]).toBe('handler-failed')
  })

  test('gets what was sent while nobody carried it', async () => {
    const { hub, client } = await startSite()
    const alice = client()
    const { packet } = await alice.exchange()
    for (const data of ['a', 'b']) await hub.to({ session: packet.hello!.id }).send(data)
    const socket = await alice.socket()
    expect(await socket.messages(2)).toEqual(['a', 'b'])
  })

  test('gets what a handler left behind sends, in between what others send', async () => {
    const { hub, client } = await startSite()
    const sessions = new List<Session>()
    hub.onOpen((session) => sessions.push(session))
    hub.onMessage((data, session) => session.send(data))
    const socket = await client().socket()
    const [session] = await sessions.count(1)
    socket.send({ batch: batch(1, 'a') })
    await socket.messages(1)
    await session!.send('later')
    socket.send({ batch: batch(2, 'b') })
    expect(await socket.messages(3)).toEqual(['a', 'later', 'b'])
  })
})

describe('addressing', () => {
  /** Three clients, two of them one user, and their sockets. */
  async function three() {
    const site = await startSite({ authenticate: (_, token) => token ?? '' })
    const ids: string[] = []
    const sockets: Socket[] = []
    for (const user of ['alice', 'alice', 'bob']) {
      const client = site.client()
      client.token = user
      ids.push((await client.exchange()).packet.hello!.id)
      sockets.push(await client.socket())
    }
    /** What each has got, when a last message has come to all. */
    const got = async (): Promise<unknown[][]> => {
      await site.hub.broadcast('last')
      for (const socket of sockets)
        await socket.packets.until(() => socket.entries.at(-1)?.[1] === 'last')
      return sockets.map(({ entries }) => entries.slice(0, -1).map(([, data]) => data))
    }
    return { ...site, ids, sockets, got }
  }

  test('to a user, a room or a session', async () => {
    const { hub, ids, got } = await three()
    hub.onMessage(() => {})
    await hub.to({ user: 'alice' }).send('user')
    await hub.to({ session: ids[2]! }).send('session')
    await hub.to({ room: 'empty' }).send('room')
    expect(await got()).toEqual([['user'], ['user'], ['session']])
  })

  test('to several is to their union: each session gets it once', async () => {
    const { hub, ids, sockets, got } = await three()
    hub.onMessage((data, session) => session.join(String(data)))
    sockets[1]!.send({ batch: batch(1, 'lobby') })
    sockets[2]!.send({ batch: batch(1, 'lobby') })
    for (const socket of sockets.slice(1)) await socket.accepted(1)
    await hub.to({ user: 'alice' }, { room: 'lobby' }, { session: ids[0]! }).send('union')
    expect(await got()).toEqual([['union'], ['union'], ['union']])
  })

  test('who has left a room gets nothing', async () => {
    const { hub, sockets, got } = await three()
    hub.onMessage(async (data, session) => {
      await session.join('lobby')
      if (data === 'leave') await session.leave('lobby')
    })
    sockets[0]!.send({ batch: batch(1, 'stay') })
    sockets[1]!.send({ batch: batch(1, 'leave') })
    for (const socket of sockets.slice(0, 2)) await socket.accepted(1)
    await hub.to({ room: 'lobby' }).send('room')
    expect(await got()).toEqual([['room'], [], []])
  })

  test('volatile messages are not kept, and have no number', async () => {
    const { hub, client, ids, sockets } = await three()
    await hub.to({ user: 'bob' }).send('seen', { volatile: true })
    const { volatile } = await sockets[2]!.packets.find((packet) => packet.volatile !== undefined)
    expect(volatile).toEqual([['seen']])
    const late = client()
    const { hello } = (await late.exchange()).packet
    await hub
      .to({ session: hello!.id }, { session: ids[0]! })
      .send('nobody is there', { volatile: true })
    await hub.broadcast('kept')
    expect((await late.exchange({ answer: 'now' })).packet).toMatchObject({
      batch: [1, [['kept']]],
    })
  })

  test('up, volatile messages are handled, and have no number either', async () => {
    const { hub, sockets } = await three()
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    sockets[0]!.send({ batch: batch(1, 'a'), volatile: [['v'], [0, 0, 5]] })
    sockets[0]!.send(new Uint8Array([7]))
    sockets[0]!.send({ batch: batch(2, 'b') })
    await sockets[0]!.accepted(2)
    expect(seen).toEqual(['a', 'v', new Uint8Array([7]), 'b'])
  })

  test.each([undefined, null, {}, { session: undefined }])(
    'of nobody (%o) is an error',
    async (target) => {
      const hub = attach(createServer())
      expect(() => hub.to(target as never)).toThrow(
        expect.objectContaining({ type: 'invalid-target' }),
      )
      await hub.close()
    },
  )

  test.each([
    ['a function', () => {}, 'invalid-message'],
    ['undefined', undefined, 'invalid-message'],
    ['a BigInt', 1n, 'invalid-message'],
    ['too much', 'x'.repeat(1_001), 'message-too-large'],
    ['too many bytes', new Uint8Array(1_001), 'message-too-large'],
  ])('with %s', async (_, data, type) => {
    const { hub } = await startSite({ maxMessage: 1_000 })
    expect(() => hub.broadcast(data)).toThrow(RungsError)
    expect(() => hub.broadcast(data)).toThrow(expect.objectContaining({ type }))
  })
})

describe('addressed messages of clients', () => {
  test('go back to their sender by default: nothing is dropped in silence', async () => {
    const { hub, client } = await startSite({ authenticate: (_, token) => token ?? '' })
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const [alice, bob] = [client(), client()]
    bob.token = 'bob'
    const socket = await bob.socket()
    const { packet } = await alice.exchange({
      batch: [
        1,
        [
          ['hi', ['bob', 'carol']],
          ['AQID', ['bob'], 1],
        ],
      ],
      answer: 'now',
    })
    expect(packet.ack!.slice(1)).toEqual([2, 2, 2])
    expect(packet.batch).toEqual([
      1,
      [
        ['hi', ['bob', 'carol'], 2],
        ['AQID', ['bob'], 3],
      ],
    ])
    await hub.broadcast('last')
    expect(await socket.messages(1)).toEqual(['last'])
    expect(seen).toEqual([])
  })

  test('reach only the sessions of these users where relay allows it, from the public id of the sender', async () => {
    const asked: unknown[] = []
    const { hub, client } = await startSite({
      authenticate: (_, token) => token ?? '',
      relay: async (session, to, data) => {
        asked.push([session.user, to, data])
        return !to.includes('carol')
      },
    })
    const user = (token: string): Client => Object.assign(client(), { token })
    const [first, second] = [await user('bob').socket(), await user('bob').socket()]
    const third = await user('carol').socket()
    const { packet } = await user('alice').exchange({
      batch: [
        1,
        [
          ['hi', ['bob']],
          ['no', ['bob', 'carol']],
        ],
      ],
      answer: 'now',
    })
    expect(packet.batch).toEqual([1, [['no', ['bob', 'carol'], 2]]])
    await hub.broadcast('last')
    for (const socket of [first, second]) {
      await socket.messages(2)
      expect(socket.entries).toEqual([
        [1, 'hi', packet.hello!.id],
        [2, 'last'],
      ])
    }
    expect(await third.messages(1)).toEqual(['last'])
    expect(asked).toEqual([
      ['alice', ['bob'], 'hi'],
      ['alice', ['bob', 'carol'], 'no'],
    ])
  })

  test('that are volatile stay so: nobody keeps them, and what is refused still comes back', async () => {
    const { client } = await startSite({
      authenticate: (_, token) => token ?? '',
      relay: (_, to) => to.includes('bob'),
    })
    const user = (token: string): Client => Object.assign(client(), { token })
    const [alice, bob, away] = [user('alice'), user('bob'), user('bob')]
    await away.exchange()
    const socket = await bob.socket()
    const { packet } = await alice.exchange({
      volatile: [
        ['here', ['bob']],
        ['nowhere', ['carol']],
      ],
      answer: 'now',
    })
    expect(packet.batch).toEqual([1, [['nowhere', ['carol'], 2]]])
    const { volatile } = await socket.packets.find((each) => each.volatile !== undefined)
    expect(volatile).toEqual([['here', packet.hello!.id]])
    expect(socket.entries).toEqual([])
    expect((await away.exchange({ answer: 'now' })).packet.batch).toBeUndefined()
  })

  test('end the session where relay fails', async () => {
    const { client } = await startSite({
      relay: () => {
        throw new Error('broken')
      },
    })
    expect((await client().exchange({ batch: [1, [['hi', ['bob']]]] })).packet.end![1]).toBe(
      'handler-failed',
    )
  })
})
