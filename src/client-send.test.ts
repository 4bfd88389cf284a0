import { describe, expect, test } from 'vitest'
import { settled } from '../test/support/browser.ts'
import { errorOf, opened, pair, sent } from '../test/support/pair.ts'
import { HELLO } from '../test/support/session.ts'
import { MAX_MESSAGE } from './protocol.ts'
import type { Data } from './types.ts'

describe('send', () => {
  test.each<[string, Data, unknown]>([
    ['a text', 'naïve \ud83d\ude00', 'naïve \ud83d\ude00'],
    ['a lone surrogate', '\ud800', '\ud800'],
    ['an object', { a: [1, null, true] }, { a: [1, null, true] }],
    ['null', null, null],
    ['a buffer', new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2])],
    ['a view', new Uint8Array([1, 2, 3]).subarray(1), new Uint8Array([2, 3])],
  ])('sends %s', async (_, data, arrived) => {
    const test = opened()
    await sent(test, data)
    expect(test.wire().data).toEqual([arrived])
  })

  test('several messages of one task travel as one frame', async () => {
    const test = opened()
    await sent(test, 'a', 'b', 'c')
    expect(test.wire().received.slice(1)).toMatchObject([{ batch: [1, [['a'], ['b'], ['c']]] }])
  })

  test('what is sent before it is open goes right behind the attach', () => {
    const { socket, wire } = pair()
    socket.send('early')
    wire().connect()
    expect(wire().received).toMatchObject([{ attach: { t: 1 } }, { batch: [1, [['early']]] }])
  })

  test('what is sent while nothing carries goes with the next carrier, in order and once', async () => {
    const test = opened()
    await sent(test, 'a', 'b')
    test.wire().accept()
    await sent(test, 'c')
    test.wire().cut()
    test.clock.advance(125)
    await sent(test, 'd')
    test.wire().open()
    expect(test.wire().received.slice(1)).toMatchObject([{ batch: [3, [['c'], ['d']]] }])
  })

  test('what was given may change afterwards', async () => {
    const test = opened()
    const list = [1]
    const bytes = new Uint8Array([1])
    test.socket.send(list)
    test.socket.send(bytes)
    list.push(2)
    bytes[0] = 2
    await settled()
    expect(test.wire().data).toEqual([[1], new Uint8Array([1])])
  })

  test('an addressed message says whom it is for', async () => {
    const { socket, wire } = opened()
    socket.send('psst', { to: ['alice', 'bob'] })
    await settled()
    expect(wire().received.at(-1)?.batch).toEqual([1, [['psst', ['alice', 'bob']]]])
  })

  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle

  test.each([
    ['undefined', undefined],
    ['a function', () => {}],
    ['a symbol', Symbol('no')],
    ['a BigInt', 1n],
    ['a cycle', cycle],
    ['a list of more than 100,000 objects', Array.from({ length: 100_000 }, () => ({}))],
  ])('%s is an invalid message, and nothing is queued', (_, data) => {
    const { socket } = opened()
    expect(errorOf(() => socket.send(data as Data))).toBe('invalid-message')
    expect(socket.bufferedAmount).toBe(0)
  })

  test('a message is too large above what the server said, and nothing is queued', () => {
    const { socket, wire } = pair()
    wire().open({ maxMessage: 1_000 })
    socket.send('x'.repeat(1_000))
    expect(errorOf(() => socket.send('x'.repeat(1_001)))).toBe('message-too-large')
    expect(errorOf(() => socket.send(new Uint8Array(1_001)))).toBe('message-too-large')
    expect(errorOf(() => socket.send('é'.repeat(501)))).toBe('message-too-large')
    expect(socket.bufferedAmount).toBe(1_000)
  })

  test('before the server has said so, a megabyte is the most', () => {
    const { socket } = pair()
    socket.send('x'.repeat(MAX_MESSAGE))
    expect(errorOf(() => socket.send('x'.repeat(MAX_MESSAGE + 1)))).toBe('message-too-large')
  })

  test('a full buffer is an error, and no message is dropped for it', async () => {
    const test = opened({ maxBuffered: 10 })
    await sent(test, 'x'.repeat(6), 'y'.repeat(4))
    expect(errorOf(() => test.socket.send('z'))).toBe('buffer-full')
    expect(test.socket.bufferedAmount).toBe(10)
    test.wire().accept()
    await sent(test, 'z')
    expect(test.wire().data).toEqual(['xxxxxx', 'yyyy', 'z'])
  })

  test('empty messages count, too: one for each 64 bytes of maxBuffered may wait, at least 16', () => {
    const fill = (maxBuffered?: number): number => {
      const { socket } = pair(maxBuffered ? { maxBuffered } : {})
      for (let count = 0; ; count++) {
        if (errorOf(() => socket.send('')) === 'buffer-full') return count
      }
    }
    expect([fill(100), fill(6_400), fill()]).toEqual([16, 100, 62_500])
  })

  test('errors say the figures and what to do', async () => {
    const test = opened({ maxBuffered: 10 })
    test.wire().tell({ hello: { ...HELLO, epoch: 'e1', maxMessage: 8 } })
    expect(() => test.socket.send('nine char')).toThrow(
      "9 bytes are more than the server's 8; split the message",
    )
    await sent(test, 'x'.repeat(8))
    expect(() => test.socket.send('y'.repeat(3))).toThrow(
      '8 of 10 bytes and 1 of 16 messages wait, so there is no room for 3 bytes more; await drained()',
    )
    expect(() => test.socket.send((() => 0) as never)).toThrow(
      'This function cannot be sent; send JSON, at most 1000 deep and of 100000 arrays and objects, an ArrayBuffer or a view of one',
    )
  })

  test('by default four of the largest messages may wait, as the server has said', () => {
    const { socket, wire } = pair()
    wire().open({ maxMessage: 2_000_000 })
    for (let i = 0; i < 4; i++) socket.send('x'.repeat(2_000_000))
    expect(errorOf(() => socket.send('x'))).toBe('buffer-full')
  })

  test('a server with small messages does not make the buffer smaller', () => {
    const { socket, wire } = pair()
    wire().open({ maxMessage: 1_000 })
    for (let i = 0; i < 4_000; i++) socket.send('x'.repeat(1_000))
    expect([socket.bufferedAmount, errorOf(() => socket.send('x'))]).toEqual([
      4_000_000,
      'buffer-full',
    ])
  })

  test('by default four megabytes may wait', () => {
    const { socket } = pair()
    for (let i = 0; i < 4; i++) socket.send('x'.repeat(MAX_MESSAGE))
    expect(socket.bufferedAmount).toBe(4_000_000)
    expect(errorOf(() => socket.send('x'))).toBe('buffer-full')
  })

  test('after the end it throws', () => {
    const { socket } = opened()
    socket.close()
    expect(errorOf(() => socket.send('a'))).toBe('closed')
  })

  test('an error says what to do, and which error it is', () => {
    const { socket } = opened()
    socket.close()
    expect(() => socket.send('a')).toThrow(/connect again/)
    expect(() => socket.send('a')).toThrow(Error)
  })
})

describe('volatile messages', () => {
  test('go out without a number, and are not sent again', async () => {
    const { socket, wire, clock } = opened()
    socket.send('now', { volatile: true })
    await settled()
    expect(wire().received.at(-1)).toMatchObject({ volatile: [['now']] })
    expect(socket.bufferedAmount).toBe(0)
    wire().cut()
    clock.advance(125)
    wire().open()
    expect(wire().received).toMatchObject([{ attach: {} }])
  })

  test('are dropped while nothing carries', () => {
    const { socket, wire } = pair()
    socket.send('too early', { volatile: true })
    wire().open()
    expect(wire().received).toMatchObject([{ attach: {} }])
  })

  test('are checked like all others', () => {
    const { socket } = opened()
    expect(errorOf(() => socket.send(1n as unknown as Data, { volatile: true }))).toBe(
      'invalid-message',
    )
  })

  test('fill no buffer', () => {
    const { socket } = opened({ maxBuffered: 1 })
    expect(() => socket.send('more than that', { volatile: true })).not.toThrow()
  })
})
