import { describe, expect, test } from 'vitest'
import { HELLO, ack, sessionUnderTest, up } from '../../test/support/session.ts'
import { toBase64 } from '../transports/base64.ts'
import { BINARY, FRAME, PART, MAX_BATCH, MAX_ENTRIES, createMessage, type Up } from '../protocol.ts'
import { FIRST_PACKET } from './packet-size.ts'

describe('up', () => {
  test('every batch names the number of its first message', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('a', { b: 1 })
    expect(up(carrier.nextFrame()).batch).toEqual([1, [['a'], [{ b: 1 }]]])
    send('c')
    expect(up(carrier.nextFrame()).batch).toEqual([3, [['c']]])
    expect(carrier.nextFrame()).toBeUndefined()
  })

  test('an exchange carries messages only if it has an encoder for what is binary', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('a')
    expect(up(carrier.attach().text)).not.toHaveProperty('batch')
    expect(up(carrier.attach({}, toBase64).text).batch).toEqual([1, [['a']]])
  })

  test('a new carrier begins with the first message that is not accepted', () => {
    const { session, send, link } = sessionUnderTest()
    const old = link()
    send('a', 'b', 'c')
    old.nextFrame()
    session.receive(ack(1, 3), 0)
    expect(up(link().nextFrame()).batch).toEqual([2, [['b'], ['c']]])
    expect(old.nextFrame()).toBeUndefined()
  })

  test('a carrier skips what was accepted over another one', () => {
    const { session, send, link } = sessionUnderTest()
    const slow = link()
    send('a', 'b')
    up(link().nextFrame())
    session.receive(ack(1), 0)
    expect(up(slow.nextFrame()).batch).toEqual([2, [['b']]])
  })

  test('only what is accepted is forgotten, not what is received', () => {
    const { session, send } = sessionUnderTest()
    send('a', 'bb', 'ccc')
    expect(session.outbox.bufferedBytes).toBe(6)
    session.receive(ack(0, 3), 0)
    expect([session.outbox.bufferedBytes, session.outbox.messages.length]).toEqual([6, 3])
    session.receive(ack(2, 3), 0)
    expect([
      session.outbox.bufferedBytes,
      session.outbox.messages.length,
      session.outbox.acceptedUpTo,
    ]).toEqual([3, 1, 2])
  })

  test('an acknowledgement that was overtaken takes nothing back', () => {
    const { session, send } = sessionUnderTest()
    send('a', 'b')
    session.receive(ack(2), 0)
    session.receive(ack(1), 0)
    expect([session.outbox.acceptedUpTo, session.outbox.messages.length]).toEqual([2, 0])
  })

  test('what no carrier was given is unsent', () => {
    const { session, send, link } = sessionUnderTest()
    send('a', 'b')
    expect(session.outbox.unsentCount).toBe(2)
    const carrier = link()
    carrier.nextFrame()
    send('c')
    expect(session.outbox.unsentCount).toBe(1)
    session.receive(ack(1), 0)
    expect(session.outbox.unsentCount).toBe(1)
    carrier.nextFrame()
    expect(session.outbox.unsentCount).toBe(0)
  })

  test('a second carrier that is still behind makes nothing unsent again', () => {
    const { session, send, link } = sessionUnderTest()
    send('x'.repeat(40_000), 'y'.repeat(40_000))
    const first = link()
    first.nextFrame()
    first.receive(ack(0, 1), false)
    first.nextFrame()
    link().nextFrame()
    expect(session.outbox.unsentCount).toBe(0)
  })

  test('a batch is at most so many bytes, and a larger message travels in parts', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('x'.repeat(8_000), 'x'.repeat(8_000), 'x'.repeat(2_000), 'x'.repeat(50_000), 'y')
    const sizes: number[][] = []
    let partial = 0
    for (let received = 0; received < 5;) {
      carrier.receive({ ack: [received, 0, 0, partial] }, false)
      for (let frame; (frame = carrier.nextFrame());) {
        const [first, entries] = up(frame).batch!
        expect(frame.length).toBeLessThan(FIRST_PACKET * 2 ** sizes.length + 200)
        sizes.push(entries.map(([data]) => (data as string).length))
        const [data, , , offset = 0, size = 0] = entries.at(-1)!
        const end = offset + (data as string).length
        partial = end < size ? end : 0
        received = first + entries.length - (partial ? 2 : 1)
      }
    }
    const units = sizes.slice(2, 4).map(([size]) => size!)
    expect(units[0]! + units[1]!).toBe(50_000 + '""'.length)
    expect([sizes.slice(0, 2), sizes[3]![1], sizes.length]).toEqual([
      [[8_000, 8_000], [2_000]],
      1,
      4,
    ])
  })

  test('a batch has at most 20,000 entries, however small they are', () => {
    const { session, send, link } = sessionUnderTest()
    const carrier = link()
    session.receive({ hello: { ...HELLO, maxBatch: 400_000 } }, 0)
    send(...Array.from({ length: 100_000 }, () => 7))
    const counts: number[] = []
    for (let frame, received = 0; (frame = carrier.nextFrame());) {
      const { length } = up(frame).batch![1]
      counts.push(length)
      received += length
      session.receive(ack(received), 0)
      carrier.receive(ack(received), false)
    }
    expect(Math.max(...counts)).toBe(MAX_ENTRIES)
    expect(counts.reduce((sum, count) => sum + count)).toBe(100_000)
  })

  test('packets grow where the line is quick, to the limit of the server', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    carrier.receive(ack(0), false)
    send('x'.repeat(500_000))
    const sizes: number[] = []
    for (let partial = 0; sizes.length < 4;) {
      const frame = carrier.nextFrame() as string
      sizes.push(frame.length)
      partial += (up(frame).batch![1][0]![0] as string).length
      carrier.receive({ ack: [0, 0, 0, partial] }, false)
    }
    for (const [i, most] of [FIRST_PACKET, 2 * FIRST_PACKET, MAX_BATCH, MAX_BATCH].entries()) {
      expect(sizes[i]! / most).toBeCloseTo(1, 1)
    }
  })

  test('packets shrink where the line is slow, on all carriers', () => {
    const { clock, send, link } = sessionUnderTest()
    const carrier = link()
    carrier.receive(ack(0), false)
    send('x'.repeat(500_000))
    const first = carrier.nextFrame() as string
    clock.advance(4_000)
    const partial = (up(first).batch![1][0]![0] as string).length
    carrier.receive({ ack: [0, 0, 0, partial] }, false)
    const next = link()
    next.receive({ ack: [0, 0, 0, partial] }, false)
    expect((next.nextFrame() as string).length / first.length).toBeCloseTo(0.5, 1)
  })

  test('a large message that has begun to go up waits until the server has said how much of it is there', () => {
    const { send, link } = sessionUnderTest()
    const json = JSON.stringify('x'.repeat(60_000))
    send('x'.repeat(60_000))
    expect(up(link().nextFrame()).batch![1][0]![3]).toBe(0)
    const carrier = link()
    expect([carrier.hasPending(), carrier.nextFrame()]).toEqual([false, undefined])
    carrier.receive({ ack: [0, 0, 0, 50_000] }, false)
    expect(up(carrier.nextFrame()).batch).toEqual([
      1,
      [[json.slice(50_000), 0, PART, 50_000, json.length]],
    ])
    expect(carrier.nextFrame()).toBeUndefined()
  })

  test('a carrier has a batch on its way, and more as soon as the server has received it', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    carrier.receive(ack(0), false)
    send('x'.repeat(150_000), 'small')
    const first = up(carrier.nextFrame()).batch![1][0]![0]
    expect(carrier.nextFrame() === undefined).toBe(true)
    carrier.receive({ ack: [0, 0, 0, (first as string).length] }, false)
    expect(up(carrier.nextFrame()).batch![1][0]![3]).toBe((first as string).length)
  })

  test('acknowledgements, pings and volatile messages pass between the parts', () => {
    const { session, send, link } = sessionUnderTest()
    const carrier = link()
    carrier.receive(ack(0), false)
    send('x'.repeat(150_000))
    carrier.nextFrame()
    session.ping()
    session.volatile.push(createMessage('now')!)
    expect(up(carrier.nextFrame())).toEqual({ ack: [0, ''], probe: 1, volatile: [['now']] })
  })

  test('on a line that brings up more, more is on its way', () => {
    const { clock, send, link } = sessionUnderTest()
    const carrier = link()
    carrier.receive(ack(0), false)
    send('x'.repeat(5_000_000))
    let offset = 0
    for (let trip = 0; trip < 40; trip++) {
      for (let frame; (frame = carrier.nextFrame());) {
        const [data, , , at = 0] = up(frame).batch![1][0]!
        offset = at + (data as string).length
      }
      clock.advance(100)
      carrier.receive({ ack: [0, 0, 0, offset] }, false)
    }
    expect(offset).toBeGreaterThan(4_900_000)
  })

  test('what the server did not take goes up again from where it says', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('a', 'b', 'c')
    carrier.nextFrame()
    carrier.receive({ ...ack(0, 1), gap: 1 }, false)
    expect(up(carrier.nextFrame()).batch).toEqual([2, [['b'], ['c']]])
  })

  test('if it was not taken a second time, it waits for a second', () => {
    const { clock, send, link, flushes } = sessionUnderTest()
    const carrier = link()
    send('a')
    for (const gaps of [1, 2]) {
      carrier.nextFrame()
      carrier.receive({ ...ack(0), gap: 1 }, false)
      expect(carrier.hasPending()).toBe(gaps === 1)
    }
    const before = flushes()
    clock.advance(1_000)
    expect([flushes(), carrier.hasPending()]).toEqual([before + 1, true])
  })

  test('an answer that counts all that went up tells if a part of it is missing', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('a', 'b')
    carrier.attach({}, toBase64)
    carrier.receive(ack(0, 1), false)
    expect(carrier.hasPending()).toBe(false)
    carrier.receive(ack(0, 1), true)
    expect(up(carrier.attach({}, toBase64).text).batch).toEqual([2, [['b']]])
  })

  test('binary goes as a frame after the packet that announces it', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('a', new Uint8Array([1, 2]), 'b')
    expect(up(carrier.nextFrame()).batch).toEqual([1, [['a'], [0, 0, BINARY | FRAME]]])
    expect(carrier.nextFrame()).toEqual(new Uint8Array([1, 2]))
    expect(up(carrier.nextFrame()).batch).toEqual([3, [['b']]])
  })

  test('binary goes as base64 where there are no frames', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send(new Uint8Array([1, 2]), 'b')
    const { batch } = up(carrier.attach({}, toBase64).text)
    expect(batch).toEqual([1, [['AQI=', 0, BINARY], ['b']]])
  })

  test('a goodbye takes along all that is not accepted, for what is in flight may be cut off', () => {
    const { session, send, link } = sessionUnderTest()
    const carrier = link()
    send('a', 'b')
    carrier.attach({}, toBase64)
    session.receive(ack(1, 2), 0)
    send('c')
    const bye = up(carrier.attach({ bye: '[0]' }, toBase64).text)
    expect(bye).toMatchObject({ bye: [0], batch: [2, [['b'], ['c']]] })
  })

  test('a goodbye fits a request that outlives its page, whose limit counts bytes of UTF-8 with token and all', () => {
    const { send, link } = sessionUnderTest()
    send(...Array.from({ length: 100 }, () => '\u20ac'.repeat(300)))
    const { text } = link('t'.repeat(8_000)).lastWords(toBase64, true, '[0]')
    expect(up(text).batch![1].length).toBeGreaterThan(50)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536)
  })

  test('batches are counted in bytes of UTF-8', () => {
    const { send, link } = sessionUnderTest()
    send(...Array.from({ length: 100 }, () => '\u20ac'.repeat(1_000)))
    const batch = up(link().nextFrame()).batch!
    expect(Buffer.byteLength(JSON.stringify(batch[1]))).toBeLessThanOrEqual(FIRST_PACKET)
    expect(batch[1].length).toBe(5)
  })

  test('volatile messages take the room that numbered ones leave', () => {
    const { session, send, link } = sessionUnderTest()
    send('x'.repeat(16_000))
    session.volatile.push(
      ...['y'.repeat(40_000), 'z'.repeat(40_000)].map((text) => createMessage(text)!),
    )
    const carrier = link()
    const packets = [up(carrier.nextFrame()), up(carrier.nextFrame())]
    expect(packets.map(({ volatile }) => volatile?.length)).toEqual([1, 1])
  })
})

describe('volatile messages', () => {
  test('volatile messages have no number, and go out once', () => {
    const { session, link } = sessionUnderTest()
    const [first, second] = [link(), link()]
    session.volatile.push(createMessage('now')!)
    expect(up(first.nextFrame())).toMatchObject({ volatile: [['now']] })
    expect(second.nextFrame()).toBeUndefined()
    expect([session.outbox.bufferedBytes, session.outbox.messages.length]).toEqual([0, 0])
  })

  test('volatile messages travel with the others, and binary ones in a frame of their own', () => {
    const { session, send, link } = sessionUnderTest()
    const carrier = link()
    send('a')
    session.volatile.push(createMessage(new Uint8Array([7]))!)
    expect(up(carrier.nextFrame())).toMatchObject({
      batch: [1, [['a']]],
      volatile: [[0, 0, BINARY | FRAME]],
    })
    expect(carrier.nextFrame()).toEqual(new Uint8Array([7]))
  })

  test('a packet announces one frame only', () => {
    const { session, send, link } = sessionUnderTest()
    const carrier = link()
    send(new Uint8Array([1]))
    session.volatile.push(createMessage(new Uint8Array([2]))!)
    expect(up(carrier.nextFrame())).not.toHaveProperty('volatile')
    expect(carrier.nextFrame()).toEqual(new Uint8Array([1]))
    expect(up(carrier.nextFrame())).toMatchObject({ volatile: [[0, 0, BINARY | FRAME]] })
    expect(carrier.nextFrame()).toEqual(new Uint8Array([2]))
  })

  test('those that come down are dropped while nobody listens', () => {
    const test = sessionUnderTest()
    test.listening = false
    test.session.receive({ volatile: [['missed']] }, 10)
    test.listening = true
    test.session.deliver()
    test.session.receive({ volatile: [['heard']] }, 10)
    expect(test.got).toEqual(['heard'])
  })
})

describe('a goodbye', () => {
  test('is in the last packet, behind the messages that it takes along', () => {
    const { link, send } = sessionUnderTest()
    send('a')
    for (const { text } of [
      link().attach({ bye: '[0]' }, toBase64),
      link().lastWords(toBase64, true, '[0]'),
    ]) {
      const [head, messages] = text.split('\n').map((line) => JSON.parse(line) as Up)
      expect([head!.bye, messages]).toEqual([undefined, { batch: [1, [['a']]], bye: [0] }])
    }
  })

  test('is in the only packet where no messages go along', () => {
    const { link } = sessionUnderTest()
    for (const { text } of [
      link().attach({ bye: '[0]' }, toBase64),
      link().lastWords(toBase64, true, '[0]'),
    ]) {
      expect(JSON.parse(text)).toMatchObject({ attach: { version: 1 }, bye: [0] })
    }
  })
})
