import { MAX_BATCH } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { twoTurns } from '../../test/list.ts'
import { setupReader } from '../../test/reader.ts'
import { FakeSink } from '../../test/sink.ts'
import { message } from '../../test/store.ts'

describe('the hello of a reader', () => {
  test('comes in two parts, the second in a later turn, alone and before any message', async () => {
    const { sink, send, attach } = setupReader()
    send('a')
    attach().start()
    expect(sink.packets).toEqual([{ hello: { id: 'me' }, ack: [0, 0, 1, 0, 1] }])
    await twoTurns()
    expect(sink.packets.slice(1)).toEqual([{ ready: 1 }, { batch: [1, [['a']]] }])
  })

  test('is part of the one packet of a poll', async () => {
    const { sink, send, attach } = setupReader({ sink: new FakeSink({ takesOnePacket: true }) })
    attach().start()
    await twoTurns()
    expect(sink.written).toEqual([])
    send('a')
    await twoTurns()
    expect(sink.packets).toEqual([
      { hello: { id: 'me' }, ready: 1, ack: [0, 0, 1], batch: [1, [['a']]] },
    ])
  })
})

describe('the log that a reader sends', () => {
  test('is in order, with messages from before and after the reader came', async () => {
    const { sink, send, attach } = setupReader()
    for (const data of [1, 2, 3]) send(data)
    attach().start()
    for (const data of [4, 5]) send(data)
    await twoTurns()
    send(6)
    await twoTurns()
    expect(sink.entries).toEqual([1, 2, 3, 4, 5, 6].map((n) => [n, n]))
  })

  test('begins after the position of the client', async () => {
    const { sink, send, attach } = setupReader({ position: 2 })
    for (const data of [1, 2, 3]) send(data)
    attach().start()
    await twoTurns()
    expect(sink.entries).toEqual([[3, 3]])
  })

  test('begins at its base if the position is below it', async () => {
    const { sink, send, attach, store, id } = setupReader({ position: 1 })
    for (const data of [1, 2, 3]) send(data)
    store.acknowledge(id, [2, ''])
    attach().start()
    await twoTurns()
    expect(sink.entries).toEqual([[3, 3]])
  })

  test('has what was appended between the admission and the reader', async () => {
    const { sink, attach, store, id, readers } = setupReader()
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
    const { sink, send, attach } = setupReader()
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
    const { sink, send, attach } = setupReader()
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

  test('has parts of messages that fit into no packet, and nothing that fits into one is cut', async () => {
    const { sink, send, attach } = setupReader()
    attach().start()
    await twoTurns()
    for (const data of ['small', 'x'.repeat(MAX_BATCH), 'y'.repeat(MAX_BATCH), 'small']) send(data)
    await twoTurns()
    const batches = sink.packets.slice(2).map(({ batch }) => batch!)
    expect(batches.map(([first, entries]) => [first, entries.length])).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
    ])
    expect(sink.entries.map(([number, data]) => [number, String(data)[0]])).toEqual([
      [1, 's'],
      [2, 'x'],
      [3, 'y'],
      [4, 's'],
    ])
  })

  test('leaves out what another reader acknowledged meanwhile, and gives no number twice', async () => {
    const { sink, send, attach, store, id } = setupReader()
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
    const { sink, send, attach, readers } = setupReader()
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
    const { sink, attach, store, id, readers } = setupReader()
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
    const { sink, send, attach, readers } = setupReader()
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

describe('the end that a reader tells', () => {
  test('comes after what the last handler of the session sent', async () => {
    const { sink, attach, store, id, send } = setupReader()
    attach().start()
    await twoTurns()
    send('bye')
    store.end(id, { type: 'closed', reason: 'done' })
    expect(sink.entries).toEqual([[1, 'bye']])
    expect(sink.ends).toEqual([{ type: 'closed', reason: 'done' }])
  })

  test('is told if the session ended before the reader was added', async () => {
    const { sink, attach, store, id, readers } = setupReader()
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
    const { sink, attach, send } = setupReader()
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
    const { sink, attach, store, failed } = setupReader()
    store.read = () => {
      throw new Error('no store')
    }
    attach().start()
    await twoTurns()
    expect(sink.ends).toMatchObject([{ type: 'internal' }])
    expect(failed).toEqual([new Error('no store')])
  })
})
