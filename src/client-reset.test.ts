import { describe, expect, test, vi } from 'vitest'
import { opened, pair, sent } from '../test/support/pair.ts'
import { HELLO } from '../test/support/session.ts'
import type { SessionStorage } from './session/saved.ts'

describe('a reset', () => {
  test.each([
    ['gone', 'expired', 'expired'],
    ['gone', 'unknown', 'unknown'],
    ['lost', 'the position is not of this log', 'lost'],
    ['taken', 'another page holds the session', 'taken'],
    ['forbidden', 'the session belongs to another user', 'user-changed'],
  ] as const)('is what follows %s: %s', (type, said, reason) => {
    const { socket, wire, wires, clock, resets } = opened()
    const { key } = wire().attach
    wire().tell({ end: [type, said, 'reset'] })
    expect(resets).toEqual([{ reason, unsent: [], inDoubt: [] }])
    expect(socket.state).toBe('reconnecting')
    clock.advance(125)
    wire().open()
    expect([socket.state, wires.length]).toEqual(['open', 2])
    expect(wire().attach.key).not.toBe(key)
    expect(wire().attach).not.toHaveProperty('epoch')
  })

  test('follows a server that answers with another epoch', () => {
    const { wire, resets, forget, clock } = opened()
    wire().cut()
    clock.advance(125)
    forget()
    wire().open()
    expect(resets).toMatchObject([{ reason: 'unknown' }])
    clock.advance(500)
    wire().open()
    expect(resets.length).toBe(1)
  })

  test('does not follow a server that does not know the session while another one carries', async () => {
    for (const stranger of [
      { end: ['gone', 'unknown', 'reset'] },
      { hello: { ...HELLO, epoch: 'other' }, ack: [0, 0, 0] },
    ] as const) {
      const test = pair()
      test.clock.advance(250)
      const [websocket, sse] = test.wires
      sse!.open()
      websocket!.connect()
      websocket!.tell(stranger)
      expect([test.resets, test.socket.state, test.socket.transport]).toEqual([[], 'open', 'sse'])
      expect(test.socket.attempts[0]).toMatchObject({ transport: 'websocket', reason: 'unknown' })
      await sent(test, 'a')
      expect(sse!.data).toEqual(['a'])
      test.socket.close()
    }
  })

  test('for the second time in a row that nobody knows it lets the best transport open alone', () => {
    const { wire, wires, clock, resets } = opened()
    wire().tell({ end: ['gone', 'unknown', 'reset'] })
    clock.advance(500)
    // The first one may be a restart of the server: all race.
    expect(wires.map(({ name }) => name)).toEqual(['websocket', 'websocket', 'sse'])
    wires[2]!.tell({ end: ['gone', 'unknown', 'reset'] })
    expect(resets.length).toBe(2)
    clock.advance(3_000)
    expect(wires.slice(3).map(({ name }) => name)).toEqual(['websocket'])
    wire().cut()
    expect(wires.slice(3).map(({ name }) => name)).toEqual(['websocket', 'sse'])
    clock.advance(3_000)
    expect(wires.length).toBe(5)
    wire().open()
    clock.advance(40_000)
    // What carries lives on, and a better transport is tried beside it as ever.
    expect(wires.slice(5).map(({ name }) => name)).toContain('websocket')
  })

  test('follows messages that are missing', () => {
    const { wire, resets, got } = opened()
    wire().message(['a'])
    wire().tell({ batch: [3, [['c']]] })
    expect([got, resets.map(({ reason }) => reason)]).toEqual([['a'], ['lost']])
  })

  test('forgets what was accepted, and delivers nothing twice', async () => {
    const test = opened()
    test.wire().message(['before'])
    await sent(test, 'a')
    test.wire().accept()
    test.forget()
    test.wire().tell({ end: ['gone', 'unknown', 'reset'] })
    test.clock.advance(500)
    test.wire().open()
    test.wire().message(['after'])
    expect([test.got, test.wire().data]).toEqual([['before', 'after'], []])
    expect(test.wire().received[0]!.ack).toEqual([0, ''])
  })

  test('sends again by itself what no carrier was given, and leaves what is in doubt', async () => {
    const test = opened()
    await sent(test, 'doubtful')
    test.socket.send('unsent')
    test.forget()
    test.wire().tell({ end: ['gone', 'unknown', 'reset'] })
    expect(test.resets).toMatchObject([
      { inDoubt: [{ data: 'doubtful' }], unsent: [{ data: 'unsent' }] },
    ])
    test.clock.advance(500)
    test.wire().open()
    expect(test.wire().data).toEqual(['unsent'])
    expect(test.socket.bufferedAmount).toBe('unsent'.length)
  })

  test.each(['unsent', 'all', 'none'] as const)(
    'for another user sends nothing again, also with resend: %s',
    async (resend) => {
      const test = opened({ resend })
      await sent(test, 'doubtful')
      test.socket.send('unsent')
      test.forget()
      test.wire().tell({ end: ['forbidden', 'the session belongs to another user', 'reset'] })
      expect(test.resets).toEqual([
        { reason: 'user-changed', inDoubt: [{ data: 'doubtful' }], unsent: [{ data: 'unsent' }] },
      ])
      test.clock.advance(500)
      test.wire().open()
      expect([test.wire().data, test.socket.bufferedAmount]).toEqual([[], 0])
      await sent(test, 'new')
      expect(test.wire().data).toEqual(['new'])
    },
  )

  test.each([
    ['unsent', ['unsent']],
    ['all', ['doubtful', 'unsent']],
    ['none', []],
  ] as const)('with resend: %s sends %o again by itself', async (resend, again) => {
    const test = opened({ resend })
    await sent(test, 'doubtful')
    test.socket.send('unsent')
    test.forget()
    test.wire().tell({ end: ['gone', 'unknown', 'reset'] })
    expect(test.resets).toMatchObject([
      { inDoubt: [{ data: 'doubtful' }], unsent: [{ data: 'unsent' }] },
    ])
    test.clock.advance(500)
    test.wire().open()
    expect(test.wire().data).toEqual(again)
    expect(test.socket.bufferedAmount).toBe(again.join('').length)
  })

  test('of a session that was never opened sends what was queued', () => {
    const { socket, wire, clock, resets } = pair()
    socket.send('queued')
    wire().tell({ end: ['gone', 'unknown', 'reset'] })
    expect(resets).toMatchObject([{ unsent: [{ data: 'queued' }] }])
    clock.advance(500)
    wire().open()
    expect(wire().data).toEqual(['queued'])
  })

  test('begins one that nobody has, whatever is kept', () => {
    const keeper = {
      take: vi.fn<SessionStorage['take']>(() => ({ page: [3, 'holder'] })),
      put: () => true,
    }
    const test = opened({ resume: keeper })
    const { key } = test.wire().attach
    keeper.take.mockReturnValue({ page: [1, 'other'], key: 'of another page', epoch: 'e' })
    test.wire().tell({ end: ['gone', 'unknown', 'reset'] })
    test.clock.advance(500)
    test.wire().connect()
    expect(test.wire().attach).toMatchObject({ t: 1, page: [3, 'holder'] })
    expect(test.wire().attach).not.toHaveProperty('epoch')
    expect([key, 'of another page']).not.toContain(test.wire().attach.key)
  })

  test('may be answered with sending again', async () => {
    const test = opened()
    await sent(test, 'doubtful')
    test.socket.onReset(({ inDoubt }) => inDoubt.forEach(({ data }) => test.socket.send(data)))
    test.wire().tell({ end: ['gone', 'unknown', 'reset'] })
    test.clock.advance(500)
    test.wire().open()
    expect(test.wire().data).toEqual(['doubtful'])
  })

  test('may be answered with closing', () => {
    const { socket, wire, clock } = opened()
    socket.onReset(() => socket.close())
    wire().tell({ end: ['gone', 'unknown', 'reset'] })
    expect([socket.state, clock.pending]).toEqual(['closed', 0])
  })
})
