import { createMessage, type Down, type Entry } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { twoTurns } from '../../test/list.ts'
import { setupReader } from '../../test/reader.ts'
import { FakeSink } from '../../test/sink.ts'
import { message } from '../../test/store.ts'
import { OutgoingMessage } from '../store/outgoing-message.ts'

const MAX_BATCH = 2_000
const LARGE = Array.from({ length: 2_000 }, (_, i) => i).join()

const bytes = (length: number): OutgoingMessage =>
  new OutgoingMessage(createMessage(Uint8Array.from({ length }, (_, i) => i))!)

describe('a message that fits into no packet', () => {
  test('goes in parts that follow each other, each in a packet of at most a batch', async () => {
    const { sink, send, attach } = setupReader({ maxBatch: MAX_BATCH })
    send(LARGE)
    attach().start()
    await twoTurns()
    const parts = sink.packets.flatMap(({ batch }) => batch?.[1] ?? [])
    expect(parts.length).toBeGreaterThan(4)
    let end = 0
    for (const [data, , kind, offset, size] of parts) {
      expect([kind, offset, size]).toEqual([8, end, LARGE.length + 2])
      end += String(data).length
    }
    for (const text of sink.written) expect(text.length).toBeLessThan(MAX_BATCH + 100)
    expect(sink.entries).toEqual([[1, LARGE]])
  })

  test('goes on where the client has a part of it', async () => {
    const { sink, send, attach } = setupReader({ maxBatch: MAX_BATCH, partial: 8_000 })
    send(LARGE)
    attach().start()
    await twoTurns()
    const parts = sink.packets.flatMap(({ batch }) => batch?.[1] ?? [])
    expect(parts.map(([data]) => data).join('')).toBe(JSON.stringify(LARGE).slice(8_000))
    expect(parts[0]![3]).toBe(8_000)
  })

  test('goes from its beginning if its position is stale', async () => {
    const { sink, send, attach, store, id } = setupReader({ maxBatch: MAX_BATCH, partial: 5 })
    send('a')
    send(LARGE)
    store.acknowledge(id, [1, ''])
    attach().start()
    await twoTurns()
    expect(sink.entries).toEqual([[2, LARGE]])
  })

  test('is left out if the client has all of it', async () => {
    const partial = LARGE.length + 2
    const { sink, send, attach } = setupReader({ maxBatch: MAX_BATCH, partial })
    send(LARGE)
    send('next')
    attach().start()
    await twoTurns()
    expect(sink.packets.at(-1)).toEqual({ batch: [2, [['next']]] })
    expect(sink.entries).toEqual([[2, 'next']])
  })

  test('waits in its middle for a carrier that is congested', async () => {
    const { sink, send, attach, readers } = setupReader({ maxBatch: MAX_BATCH })
    const reader = attach()
    reader.start()
    await twoTurns()
    sink.write = function (data) {
      this.written.push(data)
      this.congested = true
    }
    send(LARGE)
    await twoTurns()
    expect(sink.packets.slice(2)).toHaveLength(1)
    expect(reader.isIdle).toBe(false)
    while (!reader.isIdle) {
      sink.congested = false
      readers.scheduleFlush(reader)
      await twoTurns()
    }
    expect(sink.entries).toEqual([[1, LARGE]])
  })

  test('lets volatile messages and acknowledgements pass between its parts', async () => {
    const { sink, send, attach, readers, store, id } = setupReader({ maxBatch: MAX_BATCH })
    const reader = attach()
    reader.start()
    await twoTurns()
    sink.write = function (data) {
      this.written.push(data)
      this.congested = true
    }
    send(LARGE)
    await twoTurns()
    sink.congested = false
    store.publish([{ session: id }], message('quick'))
    reader.scheduleAck()
    await twoTurns()
    const { ack, volatile, batch } = sink.packets.at(-1)!
    expect([ack!.slice(0, 3), volatile]).toEqual([[0, 0, 1], [['quick']]])
    expect(batch![1][0]!.length).toBe(5)
    while (!reader.isIdle) {
      sink.congested = false
      readers.scheduleFlush(reader)
      await twoTurns()
    }
    expect(sink.entries).toEqual([[1, LARGE]])
  })

  test('of bytes goes in frames where the carrier takes frames, one a packet', async () => {
    const { sink, attach, store, id } = setupReader({
      sink: new FakeSink({ takesFrames: true }),
      maxBatch: MAX_BATCH,
    })
    attach().start()
    await twoTurns()
    store.append([{ session: id }], bytes(5_000))
    await twoTurns()
    const written = sink.written.slice(2)
    const frames = written.filter((data) => typeof data !== 'string')
    expect(frames.length).toBeGreaterThan(2)
    expect(Buffer.concat(frames)).toEqual(Buffer.from(bytes(5_000).body as Uint8Array))
    // Each packet is followed by its frame.
    expect(written.map((data) => typeof data === 'string')).toEqual(
      written.map((_, i) => i % 2 === 0),
    )
    expect(JSON.parse(String(written[0]))).toEqual({ batch: [1, [[0, 0, 13, 0, 5_000]]] })
  })

  test('of bytes is base64 where the carrier takes no frames', async () => {
    const { sink, attach, store, id } = setupReader({ maxBatch: MAX_BATCH })
    attach().start()
    store.append([{ session: id }], bytes(5_000))
    await twoTurns()
    expect(sink.entries).toEqual([
      [1, Buffer.from(bytes(5_000).body as Uint8Array).toString('base64')],
    ])
  })

  test('comes in the answers to one poll after the other', async () => {
    const { attach, send } = setupReader({ maxBatch: MAX_BATCH })
    send(LARGE)
    let text = ''
    for (let sequence = 1; text.length < LARGE.length + 2; sequence++) {
      const sink = new FakeSink({ takesOnePacket: true })
      const reader = attach(sequence, sink, [0, '', text.length])
      sink.write = function (data) {
        this.written.push(data)
        reader.abandon()
      }
      reader.start()
      await twoTurns()
      const [{ batch, ready }] = sink.packets as [Down]
      const [[data, , , offset]] = batch![1] as [Entry]
      expect([ready, batch![0], offset]).toEqual([1, 1, text.length])
      text += String(data)
    }
    expect(JSON.parse(text)).toBe(LARGE)
  })
})

describe('the bytes that an acknowledgement says are still to come', () => {
  test('are those behind its packet, and left out if there are none', async () => {
    const { sink, send, attach, readers } = setupReader({ maxBatch: MAX_BATCH })
    send(LARGE)
    send('next')
    const reader = attach()
    reader.start()
    const all = LARGE.length + 'next'.length
    expect(sink.packets[0]!.ack).toEqual([0, 0, 2, 0, all])
    reader.scheduleAck()
    await twoTurns()
    const [, , first] = sink.packets
    const [data] = first!.batch![1][0]!
    expect(first!.ack).toEqual([0, 0, 2, 0, all - String(data).length])
    reader.scheduleAck()
    await readers.waitUntilWritten()
    expect(sink.packets.at(-1)!.ack).toEqual([0, 0, 2])
  })

  test('leave out what the client has of the next message', () => {
    const { sink, send, attach } = setupReader({ maxBatch: MAX_BATCH, partial: 8_000 })
    send(LARGE)
    attach().start()
    expect(sink.packets[0]!.ack).toEqual([0, 0, 1, 0, LARGE.length - 8_000])
  })

  test('count messages that a congested carrier leaves in the store', async () => {
    const { sink, send, attach } = setupReader()
    const reader = attach()
    reader.start()
    await twoTurns()
    sink.congested = true
    for (let i = 0; i < 1_500; i++) send('x')
    sink.congested = false
    reader.scheduleAck()
    await twoTurns()
    const { ack, batch } = sink.packets.find(({ ack: each, hello }) => each && !hello)!
    expect(ack).toEqual([0, 0, 1_500, 0, 1_500 - batch![1].length])
  })
})
