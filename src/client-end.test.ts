import { describe, expect, test } from 'vitest'
import { settled } from '../test/support/browser.ts'
import { opened, pair, sent } from '../test/support/pair.ts'

describe('close', () => {
  test('says goodbye with code and reason, and says them in the last event', () => {
    const { socket, wire, states } = opened()
    socket.close(4_000, 'done')
    expect(wire().closed).toEqual({ bye: [0, 4_000, 'done'] })
    expect(states.at(-1)).toEqual({
      state: 'closed',
      reason: 'done',
      code: 4_000,
      unsent: [],
      inDoubt: [],
    })
  })

  test('the last event lists what was not delivered, as it was given to send', async () => {
    const test = pair()
    const bytes = new Uint8Array([1])
    test.wire().connect()
    await sent(test, { a: 1 })
    test.socket.send(bytes, { to: ['bob'] })
    test.wire().cut()
    test.socket.send('later')
    test.socket.close()
    // The goodbye takes everything along, also between carriers.
    expect(test.browser.lasting.map(({ up: { batch } }) => batch?.[1].length)).toEqual([3])
    expect(test.states.at(-1)).toMatchObject({
      inDoubt: [{ data: { a: 1 } }, { data: bytes, to: ['bob'] }, { data: 'later' }],
      unsent: [],
    })
  })

  test('what no carrier and no goodbye took along is certainly unsent', async () => {
    const test = pair({ auth: 'old' })
    test.wire().connect()
    await sent(test, 'doubtful')
    test.socket.send('later')
    test.wire().tell({ end: ['unauthorized', 'no', 'final'] })
    expect([test.states.at(-1), test.browser.lasting]).toMatchObject([
      { state: 'closed', inDoubt: [{ data: 'doubtful' }], unsent: [{ data: 'later' }] },
      [],
    ])
  })

  test('what the goodbye takes along is in doubt, for it may well arrive', () => {
    const { socket, wire, states } = opened()
    socket.send('last words')
    socket.close()
    expect(wire().data).toEqual(['last words'])
    expect(states.at(-1)).toMatchObject({ unsent: [], inDoubt: [{ data: 'last words' }] })
  })

  test('what the server has accepted is not listed', async () => {
    const test = opened()
    await sent(test, 'a', 'b')
    test.wire().accept()
    test.socket.close()
    expect(test.states.at(-1)).toMatchObject({ unsent: [], inDoubt: [] })
  })

  test('leaves no timer and no listener behind', async () => {
    const test = opened()
    await sent(test, 'a')
    test.socket.close()
    expect([test.clock.pending, test.browser.listeners]).toEqual([0, []])
  })
})

describe('a packet that the server refuses', () => {
  test.each(['malformed', 'too-large'] as const)(
    'as %s a second time ends the session',
    async (type) => {
      const test = opened()
      await sent(test, 'refused')
      test.wire().tell({ end: [type, 'why', 'retry'] })
      test.clock.advance(1_000)
      test.wire().open()
      test.wire().tell({ end: [type, 'why', 'retry'] })
      expect(test.states.at(-1)).toMatchObject({
        state: 'closed',
        reason: type,
        inDoubt: [{ data: 'refused' }],
      })
    },
  )
})

describe('an end that the server calls final', () => {
  test.each([
    ['closed', 'kicked', 4_001, 'kicked', 4_001],
    ['closed', 'closed', undefined, 'closed', 1_000],
    [
      'unsupported-version',
      'this server speaks version 2',
      undefined,
      'unsupported-version',
      1_000,
    ],
  ] as const)('%s: %s closes the socket', (type, said, given, reason, code) => {
    const { socket, wire, wires, clock, states } = opened()
    wire().tell({ end: [type, said, 'final', ...(given ? [given] : [])] as never })
    clock.advance(1_000_000)
    expect([socket.state, wires.length]).toEqual(['closed', 1])
    expect(states.at(-1)).toMatchObject({ reason, code })
  })

  test('lists what was not delivered', async () => {
    const test = opened()
    await sent(test, 'a')
    test.wire().tell({ end: ['closed', 'kicked', 'final'] })
    expect(test.states.at(-1)).toMatchObject({ unsent: [], inDoubt: [{ data: 'a' }] })
  })

  test('unauthorized on a carrier that lives asks auth again, for a token may grow old', async () => {
    const tokens = ['old', 'new']
    const { socket, wire, clock } = pair({ auth: () => Promise.resolve(tokens.shift()!) })
    await settled()
    wire().open()
    wire().tell({ end: ['unauthorized', 'expired', 'final'] })
    expect(socket.state).toBe('reconnecting')
    clock.advance(125)
    await settled()
    wire().open()
    expect([socket.state, wire().attach.token]).toEqual(['open', 'new'])
  })

  test('unauthorized beside a carrier that lives ends nothing but itself', () => {
    const { socket, wires, clock } = pair({ auth: 'good once' })
    clock.advance(250)
    wires[1]!.open()
    wires[0]!.connect()
    wires[0]!.tell({ end: ['unauthorized', 'used', 'final'] })
    expect([socket.state, socket.transport]).toEqual(['open', 'sse'])
  })

  test('unauthorized at the door is final', async () => {
    const { socket, wire, states } = pair({ auth: () => Promise.resolve('wrong') })
    await settled()
    wire().connect()
    wire().tell({ end: ['unauthorized', 'no such user', 'final'] })
    expect([socket.state, states.at(-1)?.reason]).toEqual(['closed', 'unauthorized'])
  })

  test('a refused origin is final for one transport alone, and to be tried again beside others that may prove it', () => {
    const refused = { end: ['origin-refused', 'not proven', 'retry'] } as const
    const alone = pair()
    alone.socket.setTransports(['websocket'])
    alone.wire().connect()
    alone.wire().tell(refused)
    expect([alone.socket.state, alone.states.at(-1)?.reason]).toEqual(['closed', 'origin-refused'])
    const several = pair()
    several.wire().connect()
    several.wire().tell(refused)
    expect(several.socket.state).toBe('connecting')
  })

  test('a fixed token that was refused is not sent again: the socket closes when nothing carries', () => {
    const { socket, states, wire, wires, clock } = opened({ auth: 'old' })
    wire().tell({ end: ['unauthorized', 'expired', 'final'] })
    clock.advance(60_000)
    expect([socket.state, wires.length]).toEqual(['closed', 1])
    expect(states.map(({ state, reason }) => [state, reason])).toEqual([
      ['open', 'opened'],
      ['closed', 'unauthorized'],
    ])
  })

  test('a fixed token that was refused beside what carries ends nothing yet', () => {
    const { socket, wire, wires, clock } = opened({ auth: 'old' })
    socket.setTransports(['sse'])
    wire().tell({ end: ['unauthorized', 'expired', 'final'] })
    clock.advance(10_000)
    expect([socket.state, socket.transport, wires.length]).toEqual(['open', 'websocket', 2])
    wires[0]!.cut()
    expect(socket.state).toBe('closed')
  })
})

test('any other end is a failure like all others', () => {
  const { socket, wires, wire, clock } = opened()
  wire().tell({ end: ['draining', 'going away', 'retry'] })
  expect(socket.state).toBe('reconnecting')
  clock.advance(125)
  expect(wires.length).toBe(2)
})
