/** Messages in parts over the wire: on every carrier, from one carrier to the next, and from one hub to another. */
import { describe, expect, test } from 'vitest'
import type { Entry } from 'rungs/protocol'
import { batch } from './client.ts'
import { List } from './list.ts'
import { partOf } from './parts.ts'
import { startSite } from './site.ts'

/** A message above every batch, of characters that JSON escapes and of several bytes. */
const LARGE = Array.from({ length: 30_000 }, (_, i) => `${i}"\u4e00`).join('')
const SIZE = JSON.stringify(LARGE).length

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7)

describe('a message up in parts', () => {
  test.each([1, 2])('is handled once, whatever carriers bring it to %i hubs', async (hubs) => {
    const { hubs: all, client } = await startSite({ hubs })
    const seen = new List<unknown>()
    for (const hub of all) hub.onMessage((data) => seen.push(data))
    const alice = client()
    const send = (from: number, to: number): { batch: [number, Entry[]] } => ({
      batch: [2, [partOf(LARGE, from, to)]],
    })
    await alice.send(1, 'before')
    expect((await alice.exchange(send(0, 30_000))).packet.ack).toEqual([1, 1, 0, 30_000])
    const socket = await alice.socket(send(30_000, 30_200))
    await socket.packets.find(({ ack }) => ack?.[3] === 30_200)
    // Cut anew, and again.
    socket.send(send(20_000, 55_000))
    socket.send(send(20_000, 55_000))
    await socket.packets.find(({ ack }) => ack?.[3] === 55_000)
    socket.cut()
    const { packet } = await alice.exchange(send(55_001, 60_000))
    expect(packet).toMatchObject({ ack: [1, 1, 0, 55_000], gap: 1 })
    const next = await alice.socket()
    expect(next.packets.items[0]!.ack).toEqual([1, 1, 0, 55_000])
    for (let at = 55_000; at < SIZE; at += 35_000) next.send(send(at, at + 35_000))
    next.send({ batch: batch(3, 'behind') })
    await next.accepted(3)
    expect((await alice.exchange(send(0, 30_000))).packet.ack).toEqual([3, 3, 0])
    expect(seen.items).toEqual(['before', LARGE, 'behind'])
  })

  test('may be bytes, in frames and as base64', async () => {
    const { hub, client } = await startSite()
    const seen = new List<unknown>()
    hub.onMessage((data) => seen.push(data))
    const data = bytes(100_000)
    const alice = client()
    const socket = await alice.socket()
    socket.send({ batch: [1, [[0, 0, 13, 0, data.length]]] })
    socket.send(data.subarray(0, 60_000))
    await socket.packets.find(({ ack }) => ack?.[3] === 60_000)
    const rest = Buffer.from(data.subarray(60_000)).toString('base64')
    await alice.exchange({ batch: [1, [[rest, 0, 9, 60_000, data.length]]] })
    expect(await seen.count(1)).toEqual([data])
  })

  test.each([
    ['of another size', [partOf(LARGE, 30_000, 30_200)[0], 0, 8, 30_000, SIZE + 1]],
    ['of another kind', [btoa('x'.repeat(200)), 0, 9, 30_000, SIZE]],
  ])('is refused with a part %s', async (_, part) => {
    const { client } = await startSite()
    const alice = client()
    await alice.exchange({ batch: [1, [partOf(LARGE, 0, 30_000)]] })
    const { status, packet } = await alice.exchange({ batch: [1, [part as Entry]] })
    expect([status, packet.end![0]]).toEqual([400, 'malformed'])
    expect((await alice.exchange()).packet.ack).toEqual([0, 0, 0, 30_000])
  })

  test('is too large as soon as that is seen, or when it is whole', async () => {
    const { client } = await startSite({ maxMessage: 1_000 })
    const alice = client()
    const tooLong = 'x'.repeat(6_001)
    const first = await alice.exchange({ batch: [1, [partOf(tooLong, 0, 200)]] })
    expect([first.status, first.packet.end![0]]).toEqual([413, 'too-large'])
    const tooLarge = 'x'.repeat(1_001)
    expect((await alice.exchange({ batch: [1, [partOf(tooLarge, 0, 900)]] })).status).toBe(200)
    const last = await alice.exchange({ batch: [1, [partOf(tooLarge, 900, 1_003)]] })
    expect([last.status, last.packet.end![0]]).toEqual([413, 'too-large'])
  })
})

describe('a message down in parts', () => {
  test('goes on where the client says, on whatever carrier', async () => {
    const { hub, client } = await startSite()
    const alice = client()
    await alice.exchange()
    await hub.broadcast(LARGE)
    await hub.broadcast('behind')
    let text = ''
    const take = (entries: readonly Entry[]): void => {
      for (const [data, , kind, offset] of entries) {
        if (kind !== 8) continue
        expect(offset).toBe(text.length)
        text += String(data)
      }
    }
    const { packet } = await alice.exchange({ answer: 'now' })
    expect(packet.ack![4]).toBeGreaterThan(Buffer.byteLength(LARGE) - 60_000)
    take(packet.batch![1])
    expect(text.length).toBeGreaterThan(20_000)
    const stream = await alice.stream('sse', { ack: [0, '', text.length] })
    const down = await stream.packets.find((each) => each.batch !== undefined)
    stream.cut()
    take(down.batch![1])
    const socket = await alice.socket({ ack: [0, '', text.length] })
    await socket.packets.find(({ batch: last }) => last?.[1].at(-1)?.[0] === 'behind')
    for (const { batch: last } of socket.packets.items) take(last?.[1] ?? [])
    expect(JSON.parse(text)).toBe(LARGE)
    // A client that has lost what it had gets the message from its beginning.
    const again = await alice.exchange({ answer: 'now' })
    expect(again.packet.batch![1][0]![3]).toBe(0)
  })

  test('goes in small packets on WebSockets and streams, however large a batch may be', async () => {
    const { hub, client } = await startSite({ maxBatch: 200_000 })
    const alice = client()
    const [socket, stream] = [await alice.socket(), await alice.stream('sse')]
    await hub.broadcast(LARGE)
    await hub.broadcast('behind')
    for (const { packets } of [socket, stream]) {
      await packets.find(({ batch: last }) => last?.[1].at(-1)?.[0] === 'behind')
      for (const { batch: last } of packets.items) {
        expect(Buffer.byteLength(JSON.stringify(last ?? 0))).toBeLessThan(17_000)
      }
    }
  })

  test('goes as frames on a WebSocket, with volatile messages between them', async () => {
    const { hub, client } = await startSite()
    const socket = await client().socket()
    const data = bytes(200_000)
    await hub.broadcast(data)
    await hub.broadcast('at once', { volatile: true })
    await socket.packets.find(({ batch: last }) => {
      const [, , , offset, size] = last?.[1].at(-1) ?? []
      return size !== undefined && size - offset! <= 60_000
    })
    await socket.frames.until((frames) => Buffer.concat(frames).length >= data.length)
    expect(new Uint8Array(Buffer.concat(socket.frames.items))).toEqual(data)
    const { items } = socket.packets
    const entries = items.flatMap(({ batch: last }) => last?.[1] ?? [])
    expect(entries.map(([placeholder, , kind]) => [placeholder, kind])).toEqual(
      entries.map(() => [0, 13]),
    )
    expect(items.findIndex(({ volatile }) => volatile)).toBeLessThan(
      items.findLastIndex(({ batch: last }) => last),
    )
  })

  test.each([
    ['there is no next message', [0, '', 1]],
    ['the client has more than there is', [0, '', SIZE + 1]],
  ])('is lost if %s', async (_, ack) => {
    const { hub, client } = await startSite()
    const alice = client()
    await alice.exchange()
    if (ack[2] !== 1) await hub.broadcast(LARGE)
    expect((await alice.exchange({ ack })).packet.end![0]).toBe('lost')
  })
})
