import { MAX_BATCH, createMessage } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { twoTurns } from '../../test/list.ts'
import { FakeSink } from '../../test/sink.ts'
import { TestStore, request, message } from '../../test/store.ts'
import { OutgoingMessage } from '../store/outgoing-message.ts'
import type { Backlog, SessionStore } from '../store/store.ts'
import { Reader } from './reader.ts'
import { Readers } from './readers.ts'

const bytes = (...data: number[]): OutgoingMessage =>
  new OutgoingMessage(createMessage(new Uint8Array(data))!)

interface Setup {
  readonly sink?: FakeSink
  readonly store?: TestStore
  readonly position?: number
  /** Number of the last message up that the client knows to be accepted. */
  readonly known?: number
  readonly received?: number
}

/** A session, and a function that attaches readers of it as a hub does. */
function setup({
  sink = new FakeSink(),
  store = roomy(),
  position = 0,
  known = 0,
  received = 0,
}: Setup = {}) {
  const failed: unknown[] = []
  const readers = new Readers({
    store,
    receivedUpTo: () => received,
    onFailed: (error) => failed.push(error),
    now: store.clock.now,
  })
  store.connect(readers, { ...ROOM })
  const id = store.openSession('key')
  const send = (data: unknown): void => void store.append([{ session: id }], message(data))
  const attach = (sequence = 1, to = sink): Reader => {
    const found = store.admit(readers, request('key', { sequence, readerTransport: 'sse' }))
    if ('type' in found) throw new Error(found.reason)
    const start = {
      sessionId: id,
      epoch: found.session.epoch,
      sequence,
      position,
      acceptedUpTo: known,
      head: found.head,
      hello: '{"id":"me"}',
    }
    const reader = new Reader(readers, start, to, store.clock.now())
    readers.add(reader)
    return reader
  }
  return { store, readers, sink, id, send, attach, failed }
}

const ROOM = {
  sessionTtl: 60_000,
  maxSessions: 10,
  maxSessionsPerUser: 10,
  maxBufferedMessages: 1e5,
  maxBufferedBytes: 1e8,
}
const roomy = (): TestStore => new TestStore(ROOM)

describe('the hello of a reader', () => {
  test('comes in two parts, the second in a later turn, alone and before any message', async () => {
    const { sink, send, attach, store, id } = setup()
    send('a')
    attach().start()
    const { epoch } = store.find(id)!
    expect(sink.packets).toEqual([{ hello: { id: 'me' }, ack: [epoch, 0, 0, 1] }])
    await twoTurns()
    expect(sink.packets.slice(1)).toEqual([{ ready: 1 }, { batch: [1, [['a']]] }])
  })

  test('is part of the one packet of a poll', async () => {
    const { sink, send, attach } = setup({ sink: new FakeSink({ takesOnePacket: true }) })
    attach().start()
    await twoTurns()
    expect(sink.written).toEqual([])
    send('a')
    await twoTurns()
    expect(sink.packets).toEqual([
      { hello: { id: 'me' }, ready: 1, ack: [expect.any(String), 0, 0, 1], batch: [1, [['a']]] },
    ])
  })
})

describe('the log that a reader sends', () => {
  test('is in order, with messages from before and after the reader came', async () => {
    const { sink, send, attach } = setup()
    for (const data of [1, 2, 3]) send(data)
    attach().start()
    for (const data of [4, 5]) send(data)
    await twoTurns()
    send(6)
    await twoTurns()
    expect(sink.entries).toEqual([1, 2, 3, 4, 5, 6].map((n) => [n, n]))
  })

  test('begins after the position of the client', async () => {
    const { sink, send, attach } = setup({ position: 2 })
    for (const data of [1, 2, 3]) send(data)
    attach().start()
    await twoTurns()
    expect(sink.entries).toEqual([[3, 3]])
  })

  test('begins at its base if the position is below it', async () => {
    const { sink, send, attach, store, id } = setup({ position: 1 })
    for (const data of [1, 2, 3]) send(data)
    store.acknowledge(id, [2, ''])
    attach().start()
    await twoTurns()
    expect(sink.entries).toEqual([[3, 3]])
  })

  test('has what was appended between the admission and the reader', async () => {
    const { sink, attach, store, id, readers } = setup()
    const add = readers.add.bind(readers)
    readers.add = (reader) => {
      store.append([{ session: id }], message('between'))
      return add(reader)
    }
    attach().start()
    await twoTurns()
    expect(sink.entries).toEqual([[1, 'between']])
  })

  test('has all that is appended in one tick in one packet', async () => {
    const { sink, send, attach } = setup()
    attach().start()
    await twoTurns()
    const before = sink.written.length
    for (let i = 0; i < 100; i++) send(i)
    await twoTurns()
    expect(sink.written.length - before).toBe(1)
    expect(sink.entries).toHaveLength(100)
  })

  test.each([
    ['ASCII', 'x'.repeat(1_000)],
    ['three bytes a character', '\u4e00'.repeat(1_000)],
    ['six for one', '\u0001'.repeat(1_000)],
  ])('has packets of at most 60,000 encoded bytes: %s', async (_, data) => {
    const { sink, send, attach } = setup()
    for (let i = 0; i < 200; i++) send(data)
    attach().start()
    for (let i = 0; i < 200; i++) send(data)
    while (sink.entries.length < 400) await twoTurns()
    const sizes = sink.packets.map(({ batch }) => Buffer.byteLength(JSON.stringify(batch ?? '')))
    for (const size of sizes) expect(size).toBeLessThan(MAX_BATCH + 100)
    expect(Math.max(...sizes)).toBeGreaterThan(MAX_BATCH - 10_000)
    expect(sink.entries.map(([number]) => number)).toEqual(
      Array.from({ length: 400 }, (_each, i) => i + 1),
    )
  })

  test('has a packet for each message that is larger than that', async () => {
    const { sink, send, attach } = setup()
    attach().start()
    await twoTurns()
    for (const data of ['small', 'x'.repeat(MAX_BATCH), 'y'.repeat(MAX_BATCH), 'small']) send(data)
    await twoTurns()
    expect(sink.packets.slice(2).map(({ batch }) => batch![1].length)).toEqual([1, 1, 1, 1])
  })

  test('leaves out what another reader acknowledged meanwhile, and gives no number twice', async () => {
    const { sink, send, attach, store, id } = setup()
    attach().start()
    await twoTurns()
    sink.congested = true
    for (let i = 1; i <= 1_500; i++) send(i)
    store.acknowledge(id, [1_200, ''])
    sink.congested = false
    send(1_501)
    while (sink.entries.at(-1)?.[0] !== 1_501) await twoTurns()
    for (const [number, data] of sink.entries) expect(data).toBe(number)
  })
})

describe('a reader whose carrier is congested', () => {
  test('writes nothing, and all of it in order when the carrier is free', async () => {
    const { sink, send, attach, readers } = setup()
    const reader = attach()
    reader.start()
    await twoTurns()
    const before = sink.written.length
    sink.congested = true
    for (let i = 1; i <= 3_000; i++) send(i)
    await twoTurns()
    expect(sink.written).toHaveLength(before)
    expect(reader.isIdle).toBe(false)
    sink.congested = false
    readers.scheduleFlush(reader)
    await readers.waitUntilWritten()
    expect(sink.entries).toEqual(Array.from({ length: 3_000 }, (_, i) => [i + 1, i + 1]))
    expect(reader.isIdle).toBe(true)
  })

  test('drops volatile messages', async () => {
    const { sink, attach, store, id, readers } = setup()
    const reader = attach()
    reader.start()
    await twoTurns()
    sink.congested = true
    store.publish([{ session: id }], message('dropped'))
    sink.congested = false
    store.publish([{ session: id }], message('seen'))
    await readers.waitUntilWritten()
    expect(sink.packets.flatMap(({ volatile = [] }) => volatile)).toEqual([['seen']])
  })

  test('stops in the middle of a long queue', async () => {
    const { sink, send, attach, readers } = setup()
    const reader = attach()
    reader.start()
    await twoTurns()
    for (let i = 0; i < 10; i++) send('x'.repeat(20_000))
    sink.write = function (data) {
      this.written.push(data)
      this.congested = true
    }
    await twoTurns()
    expect(sink.entries).toHaveLength(2)
    sink.congested = false
    readers.scheduleFlush(reader)
    await twoTurns()
    expect(sink.entries).toHaveLength(4)
  })
})

describe('binary messages', () => {
  test('go as frames of their own where the carrier takes frames, and end their packets', async () => {
    const { sink, attach, store, id } = setup({ sink: new FakeSink({ takesFrames: true }) })
    attach().start()
    await twoTurns()
    const target = [{ session: id }]
    for (const each of [message('a'), bytes(1), bytes(2), message('b')]) store.append(target, each)
    await twoTurns()
    expect(sink.written.slice(2)).toEqual([
      '{"batch":[1,[["a"],[0,0,5]]]}',
      new Uint8Array([1]),
      '{"batch":[3,[[0,0,5]]]}',
      new Uint8Array([2]),
      '{"batch":[4,[["b"]]]}',
    ])
  })

  test('are base64 where the carrier takes no frames', async () => {
    const { sink, attach, store, id } = setup()
    attach().start()
    store.append([{ session: id }], bytes(1, 2, 3))
    await twoTurns()
    expect(sink.packets.at(-1)).toEqual({ batch: [1, [['AQID', 0, 1]]] })
  })

  test('go one frame a packet: a volatile one waits for the next packet', async () => {
    const { sink, attach, store, id } = setup({ sink: new FakeSink({ takesFrames: true }) })
    attach().start()
    await twoTurns()
    store.append([{ session: id }], bytes(1))
    store.publish([{ session: id }], bytes(2))
    await twoTurns()
    expect(sink.written.slice(2)).toEqual([
      '{"batch":[1,[[0,0,5]]]}',
      new Uint8Array([1]),
      '{"volatile":[[0,0,5]]}',
      new Uint8Array([2]),
    ])
  })
})

describe('the reader of a poll', () => {
  test('writes once, all that is in the log', async () => {
    const { sink, send, attach } = setup({ sink: new FakeSink({ takesOnePacket: true }) })
    send('a')
    send('b')
    const reader = attach()
    sink.write = function (data) {
      this.written.push(data)
      reader.abandon()
    }
    reader.start()
    await twoTurns()
    send('c')
    await twoTurns()
    expect(sink.entries).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(sink.written).toHaveLength(1)
  })

  test('writes at once if there is news of what is accepted', async () => {
    const news = setup({ sink: new FakeSink({ takesOnePacket: true }), known: 0 })
    news.store.claim(news.id, 1, 1, 'me')
    news.store.complete(news.id, 1, 'me')
    news.attach().start()
    await twoTurns()
    expect(news.sink.packets).toMatchObject([{ ack: [expect.any(String), 1, 1, 0], ready: 1 }])

    const none = setup({ sink: new FakeSink({ takesOnePacket: true }), known: 1 })
    none.store.claim(none.id, 1, 1, 'me')
    none.store.complete(none.id, 1, 'me')
    none.attach().start()
    await twoTurns()
    expect(none.sink.written).toEqual([])
  })

  test('writes a volatile message', async () => {
    const { sink, attach, store, id } = setup({ sink: new FakeSink({ takesOnePacket: true }) })
    attach().start()
    await twoTurns()
    store.publish([{ session: id }], message('v'))
    await twoTurns()
    expect(sink.packets).toMatchObject([{ ready: 1, volatile: [['v']] }])
  })
})

describe('acknowledgements of a reader', () => {
  test('say what is received and accepted, and where the head is', async () => {
    const { sink, attach, store, id } = setup({ received: 7 })
    attach().start()
    await twoTurns()
    store.claim(id, 1, 2, 'me')
    store.complete(id, 1, 'me')
    store.complete(id, 2, 'me')
    await twoTurns()
    expect(sink.packets.at(-1)).toEqual({ ack: [store.find(id)!.epoch, 7, 2, 0] })
  })

  test('are heartbeats, for which the log is read: a notification may have been lost', async () => {
    const { sink, attach, store, id, send } = setup()
    const reader = attach()
    reader.start()
    await twoTurns()
    reader.enqueue = () => {}
    send('missed')
    reader.sendHeartbeat()
    await twoTurns()
    expect(sink.packets.slice(2)).toEqual([
      { ack: [store.find(id)!.epoch, 0, 0, 1], batch: [1, [['missed']]] },
    ])
  })
})

describe('tags of positions', () => {
  /** A store with a tag for every message, like one that can be rolled back. */
  function setupWithTags() {
    const world = setup()
    const { read } = world.store
    const store: SessionStore = world.store
    store.read = (id, after, maxBytes) => {
      const backlog = read.call(world.store, id, after, maxBytes) as Backlog
      return {
        ...backlog,
        tag:
          backlog.messages.length > 0 ? `tag ${backlog.first + backlog.messages.length - 1}` : '',
      }
    }
    return world
  }

  test('are those of the last message of each packet', async () => {
    const { sink, attach, send } = setupWithTags()
    send('a')
    send('b')
    const reader = attach()
    reader.start()
    await twoTurns()
    reader.enqueue(3, message('c'), 'tag 3')
    reader.enqueue(4, message('x'.repeat(MAX_BATCH)), 'tag 4')
    await twoTurns()
    expect(
      sink.packets.slice(2).map(({ batch, tag }) => [batch![0], batch![1].length, tag]),
    ).toEqual([
      [1, 2, 'tag 2'],
      [3, 1, 'tag 3'],
      [4, 1, 'tag 4'],
    ])
  })
})

describe('the end that a reader tells', () => {
  test('comes after what the last handler of the session sent', async () => {
    const { sink, attach, store, id, send } = setup()
    attach().start()
    await twoTurns()
    send('bye')
    store.end(id, { type: 'closed', reason: 'done' })
    expect(sink.entries).toEqual([[1, 'bye']])
    expect(sink.ends).toEqual([{ type: 'closed', reason: 'done' }])
  })

  test('is told if the session ended before the reader was added', async () => {
    const { sink, attach, store, id, readers } = setup()
    const closed = { type: 'closed', reason: 'at once', code: 4_000 } as const
    const add = readers.add.bind(readers)
    readers.add = (reader) => {
      store.end(id, closed)
      return add(reader)
    }
    attach().start()
    await twoTurns()
    expect(sink.ends).toEqual([closed])
  })

  test('is told once, and nothing is written after it', async () => {
    const { sink, attach, send } = setup()
    const reader = attach()
    reader.start()
    await twoTurns()
    const before = sink.written.length
    reader.close({ type: 'superseded', reason: 'test' })
    reader.close()
    send('late')
    reader.scheduleAck()
    reader.sendHeartbeat()
    await twoTurns()
    expect(sink.ends).toHaveLength(1)
    expect(sink.written).toHaveLength(before)
  })

  test('is told if the store fails', async () => {
    const { sink, attach, store, failed } = setup()
    store.read = () => {
      throw new Error('no store')
    }
    attach().start()
    await twoTurns()
    expect(sink.ends).toMatchObject([{ type: 'internal' }])
    expect(failed).toEqual([new Error('no store')])
  })
})
