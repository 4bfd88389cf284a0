import { describe, expect, test } from 'vitest'
import { settled } from '../test/support/browser.ts'
import { opened, pair, sent } from '../test/support/pair.ts'

describe('bufferedAmount', () => {
  test('counts what the server has not accepted, wherever it is', async () => {
    const test = pair()
    test.socket.send('four')
    test.socket.send(new Uint8Array(6))
    test.wire().open()
    expect(test.socket.bufferedAmount).toBe(10)
    test.wire().tell({ ack: [2, 1, 0] })
    expect(test.socket.bufferedAmount).toBe(6)
    test.wire().accept()
    expect(test.socket.bufferedAmount).toBe(0)
  })
})

describe('rtt', () => {
  test('is measured by what the server has received', async () => {
    const test = opened()
    expect(test.socket.rtt).toBeNull()
    await sent(test, 'a')
    test.clock.advance(40)
    test.wire().tell({ ack: [1, 0, 0] })
    expect(test.socket.rtt).toBe(40)
  })
})

describe('drained', () => {
  test('resolves at once if nothing waits', async () => {
    await expect(pair().socket.drained()).resolves.toBeUndefined()
  })

  test('resolves when everything sent so far is accepted, whatever is sent later', async () => {
    const { socket, wire } = opened()
    const done: string[] = []
    socket.send('a')
    const first = socket.drained().then(() => done.push('a'))
    await settled()
    socket.send('b')
    void socket.drained().then(() => done.push('b'))
    wire().accept()
    await first
    await settled()
    expect(done).toEqual(['a'])
    wire().accept()
    await settled()
    expect(done).toEqual(['a', 'b'])
  })

  test('does not resolve while messages are received and not accepted', async () => {
    const { socket, wire } = opened()
    let done = false
    socket.send('a')
    void socket.drained().then(() => (done = true))
    wire().tell({ ack: [1, 0, 0] })
    await settled()
    expect(done).toBe(false)
  })

  test('rejects if the session is lost or closed first', async () => {
    const { socket, wire } = opened()
    socket.send('a')
    const lost = socket.drained()
    wire().tell({ end: ['gone', 'expired', 'reset'] })
    await expect(lost).rejects.toMatchObject({ type: 'reset' })
    const closed = socket.drained()
    socket.close()
    await expect(closed).rejects.toMatchObject({ type: 'closed' })
    await expect(socket.drained()).rejects.toMatchObject({ type: 'closed' })
  })
})

describe('onMessage', () => {
  test('gets data, and who sent it if a client did', () => {
    const { socket, wire } = opened()
    const got: unknown[] = []
    socket.onMessage((data, info) => got.push([data, info]))
    wire().message(['a'], [{ b: 1 }, 'peer'])
    expect(got).toEqual([
      ['a', {}],
      [{ b: 1 }, { from: 'peer' }],
    ])
  })

  test('messages wait, unacknowledged, for the first listener', async () => {
    const { socket, clock, wire, got } = opened({ deaf: true })
    wire().message(['a'], ['b'])
    wire().cut()
    wire().open()
    expect(wire().received[0]!.ack).toEqual([0, ''])
    socket.onMessage((data) => got.push(data))
    await settled()
    expect(got).toEqual(['a', 'b'])
    clock.advance(10_000)
    wire().cut()
    wire().open()
    expect(wire().received[0]!.ack).toEqual([2, ''])
  })

  test('a listener may leave with the first message that waited, and the rest waits on', async () => {
    const { socket, wire, got } = opened({ deaf: true })
    wire().message(['a'], ['b'])
    const off = socket.onMessage((data) => {
      got.push(data)
      off()
    })
    await settled()
    expect(got).toEqual(['a'])
    socket.onMessage((data) => got.push(data))
    await settled()
    expect(got).toEqual(['a', 'b'])
  })

  test('a listener that brings another one is done before the next message comes', async () => {
    const { socket, wire, got } = opened({ deaf: true })
    let depth = 0
    socket.onMessage((data) => {
      got.push([data, ++depth])
      if (data === 'a') socket.onMessage((later) => got.push(['second', later]))
      depth--
    })
    wire().message(['a'], ['b'])
    await settled()
    expect(got).toEqual([
      ['a', 1],
      ['b', 1],
      ['second', 'b'],
    ])
  })

  test('nothing comes after the end, even of a batch that has begun', async () => {
    const { socket, wire, got } = opened({ deaf: true })
    socket.onMessage((data) => {
      got.push(data)
      socket.close()
    })
    wire().tell({ batch: [1, [['a'], ['b']]], volatile: [['c']] })
    socket.onMessage((data) => got.push(data))
    await settled()
    expect(got).toEqual(['a'])
  })
})

describe('onRefused', () => {
  test('gets back what the server would not relay', () => {
    const { wire, refused, got } = opened()
    wire().message(['psst', ['bob'], 2], ['next'])
    expect(refused).toEqual([{ data: 'psst', to: ['bob'], reason: 'relay' }])
    expect(got).toEqual(['next'])
  })
})
