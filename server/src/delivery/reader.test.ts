import { MAX_BATCH, createMessage } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { FakeSink } from '../../test/sink.ts'
import { TestStore, request, message } from '../../test/store.ts'
import { OutgoingMessage } from '../store/outgoing-message.ts'
import type { Backlog, SessionStore } from '../store/store.ts'
import { Reader } from './reader.ts'
import { Readers } from './readers.ts'

const bytes = (...data: number[]): OutgoingMessage =>
  new OutgoingMessage(createMessage(new Uint8Array(data))!)

/** Two turns of the event loop: in the first the store is read, in the second what it brought is written. */
const tick = (): Promise<void> =>
  new Promise((resolve) => void setImmediate(() => setImmediate(resolve)))

interface Setup {
  readonly sink?: FakeSink
  readonly store?: TestStore
  readonly position?: number
  /** How far the client knows its log up to be accepted. */
  readonly known?: number
  readonly received?: number
}

/** A session with one reader of it, as a hub makes it. */
function setup({
  sink = new FakeSink(),
  store = roomy(),
  position = 0,
  known = 0,
  received = 0,
}: Setup = {}) {
  const failed: unknown[] = []
  const readers = new Readers(
    store,
    () => received,
    (error) => failed.push(error),
    store.clock.now,
  )
  store.connect(readers, { ...ROOM })
  const id = store.openSession('key')
  const send = (data: unknown): void => void store.append([{ session: id }], message(data))
  const attach = (t = 1, to = sink): Reader => {
    const found = store.admit(readers, request('key', { sequence: t, readerTransport: 'sse' }))
    if ('type' in found) throw new Error(found.reason)
    const { epoch, id: name } = found.session
    const state = {
      id: name,
      epoch,
      t,
      transport: 'sse',
      position,
      accepted: known,
      head: found.head,
      hello: '{"id":"me"}',
    } as const
    const reader = new Reader(readers, state, to, store.clock.now())
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

describe('hello', () => {
  test('comes in two parts, the second in a later turn, alone and before any message', async () => {
    const { sink, send, attach, store, id } = setup()
    send('a')
    attach().start()
    const { epoch } = store.find(id)!
    expect(sink.packets).toEqual([{ hello: { id: 'me' }, ack: [epoch, 0, 0, 1] }])
    await tick()
    expect(sink.packets.slice(1)).toEqual([{ ready: 1 }, { batch: [1, [['a']]] }])
  })

  test('of a poll is the whole answer', async () => {
    const { sink, send, attach } = setup({ sink: new FakeSink(false, true) })
    attach().start()
    await tick()
    expect(sink.written).toEqual([])
    send('a')
    await tick()
    expect(sink.packets).toEqual([
      { hello: { id: 'me' }, ready: 1, ack: [expect.any(String), 0, 0, 1], batch: [1, [['a']]] },
    ])
  })
})

describe('the log', () => {
  test('what is there and what comes is one sequence', async () => {
    const { sink, send, attach } = setup()
    for (const data of [1, 2, 3]) send(data)
    attach().start()
    for (const data of [4, 5]) send(data)
    await tick()
    send(6)
    await tick()
    expect(sink.entries).toEqual([1, 2, 3, 4, 5, 6].map((n) => [n, n]))
  })

  test('begins after the position of the client', async () => {
    const { sink, send, attach } = setup({ position: 2 })
    for (const data of [1, 2, 3]) send(data)
    attach().start()
    await tick()
    expect(sink.entries).toEqual([[3, 3]])
  })

  test('begins at its base where the position is below: stale is not lost', async () => {
    const { sink, send, attach, store, id } = setup({ position: 1 })
    for (const data of [1, 2, 3]) send(data)
    store.acknowledge(id, [2, ''])
    attach().start()
    await tick()
    expect(sink.entries).toEqual([[3, 3]])
  })

  test('what was appended between the contact and the reader is not missed', async () => {
    const { sink, attach, store, id, readers } = setup()
    const add = readers.add.bind(readers)
    readers.add = (reader) => {
      store.append([{ session: id }], message('between'))
      return add(reader)
    }
    attach().start()
    await tick()
    expect(sink.entries).toEqual([[1, 'between']])
  })

  test('all of a tick goes in one packet', async () => {
    const { sink, send, attach } = setup()
    attach().start()
    await tick()
    const before = sink.written.length
    for (let i = 0; i < 100; i++) send(i)
    await tick()
    expect(sink.written.length - before).toBe(1)
    expect(sink.entries).toHaveLength(100)
  })

  test.each([
    ['ASCII', 'x'.repeat(1_000)],
    ['three bytes a character', '\u4e00'.repeat(1_000)],
    ['six for one', '\u0001'.repeat(1_000)],
  ])('packets hold at most so many encoded bytes: %s', async (_, data) => {
    const { sink, send, attach } = setup()
    for (let i = 0; i < 200; i++) send(data)
    attach().start()
    for (let i = 0; i < 200; i++) send(data)
    while (sink.entries.length < 400) await tick()
    const sizes = sink.packets.map(({ batch }) => Buffer.byteLength(JSON.stringify(batch ?? '')))
    for (const size of sizes) expect(size).toBeLessThan(MAX_BATCH + 100)
    expect(Math.max(...sizes)).toBeGreaterThan(MAX_BATCH - 10_000)
    expect(sink.entries.map(([number]) => number)).toEqual(
      Array.from({ length: 400 }, (_each, i) => i + 1),
    )
  })

  test('a message that is larger has a packet for itself', async () => {
    const { sink, send, attach } = setup()
    attach().start()
    await tick()
    for (const data of ['small', 'x'.repeat(MAX_BATCH), 'y'.repeat(MAX_BATCH), 'small']) send(data)
    await tick()
    expect(sink.packets.slice(2).map(({ batch }) => batch![1].length)).toEqual([1, 1, 1, 1])
  })

  test('what another reader of the session acknowledged meanwhile is left out, and no number is given twice', async () => {
    const { sink, send, attach, store, id } = setup()
    attach().start()
    await tick()
    sink.full = true
    for (let i = 1; i <= 1_500; i++) send(i)
    store.acknowledge(id, [1_200, ''])
    sink.full = false
    send(1_501)
    while (sink.entries.at(-1)?.[0] !== 1_501) await tick()
    for (const [number, data] of sink.entries) expect(data).toBe(number)
  })
})

describe('a congested carrier', () => {
  test('is not written to; when it is free, all follows in order', async () => {
    const { sink, send, attach, readers } = setup()
    const reader = attach()
    reader.start()
    await tick()
    const before = sink.written.length
    sink.full = true
    for (let i = 1; i <= 3_000; i++) send(i)
    await tick()
    expect(sink.written).toHaveLength(before)
    expect(reader.idle).toBe(false)
    sink.full = false
    readers.wake(reader)
    await readers.written()
    expect(sink.entries).toEqual(Array.from({ length: 3_000 }, (_, i) => [i + 1, i + 1]))
    expect(reader.idle).toBe(true)
  })

  test('gets no volatile messages, neither then nor later', async () => {
    const { sink, attach, store, id, readers } = setup()
    const reader = attach()
    reader.start()
    await tick()
    sink.full = true
    store.publish([{ session: id }], message('dropped'))
    sink.full = false
    store.publish([{ session: id }], message('seen'))
    await readers.written()
    expect(sink.packets.flatMap(({ volatile = [] }) => volatile)).toEqual([['seen']])
  })

  test('in the middle of much, the rest waits', async () => {
    const { sink, send, attach, readers } = setup()
    const reader = attach()
    reader.start()
    await tick()
    for (let i = 0; i < 10; i++) send('x'.repeat(20_000))
    sink.write = function (data) {
      this.written.push(data)
      this.full = true
    }
    await tick()
    expect(sink.entries).toHaveLength(2)
    sink.full = false
    readers.wake(reader)
    await tick()
    expect(sink.entries).toHaveLength(4)
  })
})

describe('binary', () => {
  test('goes as a frame of its own where there are frames, and ends its packet', async () => {
    const { sink, attach, store, id } = setup({ sink: new FakeSink(true) })
    attach().start()
    await tick()
    const target = [{ session: id }]
    for (const each of [message('a'), bytes(1), bytes(2), message('b')]) store.append(target, each)
    await tick()
    expect(sink.written.slice(2)).toEqual([
      '{"batch":[1,[["a"],[0,0,5]]]}',
      new Uint8Array([1]),
      '{"batch":[3,[[0,0,5]]]}',
      new Uint8Array([2]),
      '{"batch":[4,[["b"]]]}',
    ])
  })

  test('is base64 elsewhere', async () => {
    const { sink, attach, store, id } = setup()
    attach().start()
    store.append([{ session: id }], bytes(1, 2, 3))
    await tick()
    expect(sink.packets.at(-1)).toEqual({ batch: [1, [['AQID', 0, 1]]] })
  })

  test('has one frame a packet: what is volatile waits for the next', async () => {
    const { sink, attach, store, id } = setup({ sink: new FakeSink(true) })
    attach().start()
    await tick()
    store.append([{ session: id }], bytes(1))
    store.publish([{ session: id }], bytes(2))
    await tick()
    expect(sink.written.slice(2)).toEqual([
      '{"batch":[1,[[0,0,5]]]}',
      new Uint8Array([1]),
      '{"volatile":[[0,0,5]]}',
      new Uint8Array([2]),
    ])
  })
})

describe('a poll', () => {
  test('is answered once, with what is there already', async () => {
    const { sink, send, attach } = setup({ sink: new FakeSink(false, true) })
    send('a')
    send('b')
    const reader = attach()
    sink.write = function (data) {
      this.written.push(data)
      reader.closed = true
    }
    reader.start()
    await tick()
    send('c')
    await tick()
    expect(sink.entries).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(sink.written).toHaveLength(1)
  })

  test('is answered at once with news of what is accepted', async () => {
    const news = setup({ sink: new FakeSink(false, true), known: 0 })
    news.store.claim(news.id, 1, 1, 'me')
    news.store.complete(news.id, 1, 'me')
    news.attach().start()
    await tick()
    expect(news.sink.packets).toMatchObject([{ ack: [expect.any(String), 1, 1, 0], ready: 1 }])

    const none = setup({ sink: new FakeSink(false, true), known: 1 })
    none.store.claim(none.id, 1, 1, 'me')
    none.store.complete(none.id, 1, 'me')
    none.attach().start()
    await tick()
    expect(none.sink.written).toEqual([])
  })

  test('gets a volatile message', async () => {
    const { sink, attach, store, id } = setup({ sink: new FakeSink(false, true) })
    attach().start()
    await tick()
    store.publish([{ session: id }], message('v'))
    await tick()
    expect(sink.packets).toMatchObject([{ ready: 1, volatile: [['v']] }])
  })
})

describe('acknowledgements', () => {
  test('say how far is received, accepted, and where the head is', async () => {
    const { sink, attach, store, id } = setup({ received: 7 })
    attach().start()
    await tick()
    store.claim(id, 1, 2, 'me')
    store.complete(id, 1, 'me')
    store.complete(id, 2, 'me')
    await tick()
    expect(sink.packets.at(-1)).toEqual({ ack: [store.find(id)!.epoch, 7, 2, 0] })
  })

  test('a heartbeat is one, and looks into the log: a notification may have been lost', async () => {
    const { sink, attach, store, id, send } = setup()
    const reader = attach()
    reader.start()
    await tick()
    reader.appended = () => {}
    send('missed')
    reader.beat()
    await tick()
    expect(sink.packets.slice(2)).toEqual([
      { ack: [store.find(id)!.epoch, 0, 0, 1], batch: [1, [['missed']]] },
    ])
  })
})

describe('tags', () => {
  /** A store with a tag for every message, as one that can be rolled back has. */
  function tagged() {
    const world = setup()
    const { read } = world.store
    const store: SessionStore = world.store
    store.read = (id, after, most) => {
      const backlog = read.call(world.store, id, after, most) as Backlog
      return {
        ...backlog,
        tag:
          backlog.messages.length > 0 ? `tag ${backlog.first + backlog.messages.length - 1}` : '',
      }
    }
    return world
  }

  test('each packet has that of its last message', async () => {
    const { sink, attach, send } = tagged()
    send('a')
    send('b')
    const reader = attach()
    reader.start()
    await tick()
    reader.appended(3, message('c'), 'tag 3')
    reader.appended(4, message('x'.repeat(MAX_BATCH)), 'tag 4')
    await tick()
    expect(
      sink.packets.slice(2).map(({ batch, tag }) => [batch![0], batch![1].length, tag]),
    ).toEqual([
      [1, 2, 'tag 2'],
      [3, 1, 'tag 3'],
      [4, 1, 'tag 4'],
    ])
  })
})

describe('the end', () => {
  test('of a session comes after what its last handler sent', async () => {
    const { sink, attach, store, id, send } = setup()
    attach().start()
    await tick()
    send('bye')
    store.end(id, { type: 'closed', reason: 'done' })
    expect(sink.entries).toEqual([[1, 'bye']])
    expect(sink.ends).toEqual([{ type: 'closed', reason: 'done' }])
  })

  test('of a session that ended before its reader was added is not missed', async () => {
    const { sink, attach, store, id, readers } = setup()
    const closed = { type: 'closed', reason: 'at once', code: 4_000 } as const
    const add = readers.add.bind(readers)
    readers.add = (reader) => {
      store.end(id, closed)
      return add(reader)
    }
    attach().start()
    await tick()
    expect(sink.ends).toEqual([closed])
  })

  test('is told once, and nothing is written after it', async () => {
    const { sink, attach, send } = setup()
    const reader = attach()
    reader.start()
    await tick()
    const before = sink.written.length
    reader.close({ type: 'superseded', reason: 'test' })
    reader.close()
    send('late')
    reader.acknowledge()
    reader.beat()
    await tick()
    expect(sink.ends).toHaveLength(1)
    expect(sink.written).toHaveLength(before)
  })

  test('comes when the store fails, which is logged', async () => {
    const { sink, attach, store, failed } = setup()
    store.read = () => {
      throw new Error('no store')
    }
    attach().start()
    await tick()
    expect(sink.ends).toMatchObject([{ type: 'internal' }])
    expect(failed).toEqual([new Error('no store')])
  })
})
