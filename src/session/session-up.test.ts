import { describe, expect, test } from 'vitest'
import { ack, sessionUnderTest, up } from '../../test/support/session.ts'
import { toBase64 } from '../transports/base64.ts'
import { BINARY, FRAME, MAX_BATCH, createMessage } from '../protocol.ts'

describe('up', () => {
  test('every batch names the number of its first message', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('a', { b: 1 })
    expect(up(carrier.frame()).batch).toEqual([1, [['a'], [{ b: 1 }]]])
    send('c')
    expect(up(carrier.frame()).batch).toEqual([3, [['c']]])
    expect(carrier.frame()).toBeUndefined()
  })

  test('an exchange carries messages only if it has an encoder for what is binary', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('a')
    expect(up(carrier.attach()[0])).not.toHaveProperty('batch')
    expect(up(carrier.attach({}, toBase64)[0]).batch).toEqual([1, [['a']]])
  })

  test('a new carrier begins with the first message that is not accepted', () => {
    const { session, send, link } = sessionUnderTest()
    const old = link()
    send('a', 'b', 'c')
    old.frame()
    session.receive(ack(1, 3), 0)
    expect(up(link().frame()).batch).toEqual([2, [['b'], ['c']]])
    expect(old.frame()).toBeUndefined()
  })

  test('a carrier skips what was accepted over another one', () => {
    const { session, send, link } = sessionUnderTest()
    const slow = link()
    send('a', 'b')
    up(link().frame())
    session.receive(ack(1), 0)
    expect(up(slow.frame()).batch).toEqual([2, [['b']]])
  })

  test('only what is accepted is forgotten, not what is received', () => {
    const { session, send } = sessionUnderTest()
    send('a', 'bb', 'ccc')
    expect(session.bufferedBytes).toBe(6)
    session.receive(ack(0, 3), 0)
    expect([session.bufferedBytes, session.unaccepted.length]).toEqual([6, 3])
    session.receive(ack(2, 3), 0)
    expect([session.bufferedBytes, session.unaccepted.length, session.acceptedUpTo]).toEqual([
      3, 1, 2,
    ])
  })

  test('an acknowledgement that was overtaken takes nothing back', () => {
    const { session, send } = sessionUnderTest()
    send('a', 'b')
    session.receive(ack(2), 0)
    session.receive(ack(1), 0)
    expect([session.acceptedUpTo, session.unaccepted.length]).toEqual([2, 0])
  })

  test('what no carrier was given is unsent', () => {
    const { session, send, link } = sessionUnderTest()
    send('a', 'b')
    expect(session.unsentCount).toBe(2)
    const carrier = link()
    carrier.frame()
    send('c')
    expect(session.unsentCount).toBe(1)
    session.receive(ack(1), 0)
    expect(session.unsentCount).toBe(1)
    carrier.frame()
    expect(session.unsentCount).toBe(0)
  })

  test('a second carrier that is still behind makes nothing unsent again', () => {
    const { session, send, link } = sessionUnderTest()
    send('x'.repeat(40_000), 'y'.repeat(40_000))
    const first = link()
    first.frame()
    first.frame()
    link().frame()
    expect(session.unsentCount).toBe(0)
  })

  test('a batch is at most so many bytes, or one message', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('x'.repeat(30_000), 'x'.repeat(29_000), 'x'.repeat(2_000), 'x'.repeat(100_000), 'y')
    const sizes: number[][] = []
    for (let frame; (frame = carrier.frame());) {
      sizes.push(up(frame).batch![1].map(([data]) => (data as string).length))
      expect(sizes.at(-1)!.length === 1 || frame.length < MAX_BATCH + 200).toBe(true)
    }
    expect(sizes).toEqual([[30_000, 29_000], [2_000], [100_000], ['y'.length]])
  })

  test('binary goes as a frame after the packet that announces it', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send('a', new Uint8Array([1, 2]), 'b')
    expect(up(carrier.frame()).batch).toEqual([1, [['a'], [0, 0, BINARY | FRAME]]])
    expect(carrier.frame()).toEqual(new Uint8Array([1, 2]))
    expect(up(carrier.frame()).batch).toEqual([3, [['b']]])
  })

  test('binary goes as base64 where there are no frames', () => {
    const { send, link } = sessionUnderTest()
    const carrier = link()
    send(new Uint8Array([1, 2]), 'b')
    const { batch } = up(carrier.attach({}, toBase64)[0])
    expect(batch).toEqual([1, [['AQI=', 0, BINARY], ['b']]])
  })

  test('a goodbye takes along all that is not accepted, for what is in flight may be cut off', () => {
    const { session, send, link } = sessionUnderTest()
    const carrier = link()
    send('a', 'b')
    carrier.attach({}, toBase64)
    session.receive(ack(1, 2), 0)
    send('c')
    const bye = up(carrier.attach({ bye: '[0]' }, toBase64)[0])
    expect(bye).toMatchObject({ bye: [0], batch: [2, [['b'], ['c']]] })
  })
})

describe('volatile messages', () => {
  test('they have no number, and go out once', () => {
    const { session, link } = sessionUnderTest()
    const [first, second] = [link(), link()]
    session.volatile.push(createMessage('now')!)
    expect(up(first.frame())).toMatchObject({ volatile: [['now']] })
    expect(second.frame()).toBeUndefined()
    expect([session.bufferedBytes, session.unaccepted.length]).toEqual([0, 0])
  })

  test('they travel with the others, and binary ones in a frame of their own', () => {
    const { session, send, link } = sessionUnderTest()
    const carrier = link()
    send('a')
    session.volatile.push(createMessage(new Uint8Array([7]))!)
    expect(up(carrier.frame())).toMatchObject({
      batch: [1, [['a']]],
      volatile: [[0, 0, BINARY | FRAME]],
    })
    expect(carrier.frame()).toEqual(new Uint8Array([7]))
  })

  test('a packet announces one frame only', () => {
    const { session, send, link } = sessionUnderTest()
    const carrier = link()
    send(new Uint8Array([1]))
    session.volatile.push(createMessage(new Uint8Array([2]))!)
    expect(up(carrier.frame())).not.toHaveProperty('volatile')
    expect(carrier.frame()).toEqual(new Uint8Array([1]))
    expect(up(carrier.frame())).toMatchObject({ volatile: [[0, 0, BINARY | FRAME]] })
    expect(carrier.frame()).toEqual(new Uint8Array([2]))
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
