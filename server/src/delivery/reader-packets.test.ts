import { MAX_BATCH, createMessage } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { twoTurns } from '../../test/list.ts'
import { setupReader } from '../../test/reader.ts'
import { FakeSink } from '../../test/sink.ts'
import { message } from '../../test/store.ts'
import { OutgoingMessage } from '../store/outgoing-message.ts'
import type { Backlog, SessionStore } from '../store/store.ts'

const bytes = (...data: number[]): OutgoingMessage =>
  new OutgoingMessage(createMessage(new Uint8Array(data))!)

describe('binary messages', () => {
  test('go as frames of their own where the carrier takes frames, and end their packets', async () => {
    const { sink, attach, store, id } = setupReader({ sink: new FakeSink({ takesFrames: true }) })
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
    const { sink, attach, store, id } = setupReader()
    attach().start()
    store.append([{ session: id }], bytes(1, 2, 3))
    await twoTurns()
    expect(sink.packets.at(-1)).toEqual({ batch: [1, [['AQID', 0, 1]]] })
  })

  test('go one frame a packet: behind a volatile one, that of the log waits for the next packet', async () => {
    const { sink, attach, store, id } = setupReader({ sink: new FakeSink({ takesFrames: true }) })
    attach().start()
    await twoTurns()
    store.append([{ session: id }], bytes(1))
    store.publish([{ session: id }], bytes(2))
    await twoTurns()
    expect(sink.written.slice(2)).toEqual([
      '{"volatile":[[0,0,5]]}',
      new Uint8Array([2]),
      '{"batch":[1,[[0,0,5]]]}',
      new Uint8Array([1]),
    ])
  })
})

describe('the reader of a poll', () => {
  test('writes once, all that is in the log', async () => {
    const { sink, send, attach } = setupReader({ sink: new FakeSink({ takesOnePacket: true }) })
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
    const news = setupReader({ sink: new FakeSink({ takesOnePacket: true }), known: 0 })
    news.store.claim(news.id, 1, 1, 'me')
    news.store.complete(news.id, 1, 'me')
    news.attach().start()
    await twoTurns()
    expect(news.sink.packets).toMatchObject([{ ack: [1, 1, 0], ready: 1 }])

    const none = setupReader({ sink: new FakeSink({ takesOnePacket: true }), known: 1 })
    none.store.claim(none.id, 1, 1, 'me')
    none.store.complete(none.id, 1, 'me')
    none.attach().start()
    await twoTurns()
    expect(none.sink.written).toEqual([])
  })

  test('writes a volatile message', async () => {
    const { sink, attach, store, id } = setupReader({
      sink: new FakeSink({ takesOnePacket: true }),
    })
    attach().start()
    await twoTurns()
    store.publish([{ session: id }], message('v'))
    await twoTurns()
    expect(sink.packets).toMatchObject([{ ready: 1, volatile: [['v']] }])
  })
})

describe('acknowledgements of a reader', () => {
  test('say what is received and accepted, and where the head is', async () => {
    const { sink, attach, store, id } = setupReader({ received: 7 })
    attach().start()
    await twoTurns()
    store.claim(id, 1, 2, 'me')
    store.complete(id, 1, 'me')
    store.complete(id, 2, 'me')
    await twoTurns()
    expect(sink.packets.at(-1)).toEqual({ ack: [7, 2, 0] })
  })

  test('are heartbeats, for which the log is read: a notification may have been lost', async () => {
    const { sink, attach, send } = setupReader()
    const reader = attach()
    reader.start()
    await twoTurns()
    reader.enqueue = () => {}
    send('missed')
    reader.sendHeartbeat()
    await twoTurns()
    expect(sink.packets.slice(2)).toEqual([{ ack: [0, 0, 1], batch: [1, [['missed']]] }])
  })
})

describe('tags of positions', () => {
  /** A store with a tag for every message, like one that can be rolled back. */
  function setupWithTags(packetSize = MAX_BATCH) {
    const world = setupReader({ packetSize })
    const { read } = world.store
    const store: SessionStore = world.store
    store.read = (id, after, maxBytes) => {
      const backlog = read.call(world.store, id, after, maxBytes) as Backlog
      return {
        ...backlog,
        tags: backlog.messages.map((_, index) => `tag ${backlog.first + index}`),
      }
    }
    return world
  }

  test('are those of the last whole message of each packet', async () => {
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
      [3, 2, 'tag 3'],
      [4, 1, 'tag 4'],
    ])
  })

  test('are there in each packet of a backlog that goes out in several', async () => {
    const { sink, attach, send } = setupWithTags(1_000)
    for (let i = 0; i < 3; i++) send('x'.repeat(600))
    attach().start()
    await twoTurns()
    const tags = sink.packets.slice(2).map(({ batch, tag }) => [batch![0], tag])
    expect(tags).toEqual([1, 2, 3].map((number) => [number, `tag ${number}`]))
  })
})
