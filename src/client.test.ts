import { describe, expect, test, vi } from 'vitest'
import { fakeBrowser, hurried, settled, thrownLater } from '../test/support/browser.ts'
import { errorOf, opened, pair, type Pair } from '../test/support/pair.ts'
import { fakeTransport } from '../test/support/transports.ts'
import { connect } from './client.ts'
import { ladder } from './connection/ladder.ts'
import type { Transport } from './transports/transport.ts'
import type { Socket } from './types.ts'

const connectTo = (transports: readonly Transport[]): Socket =>
  connect('/', { transports }, { createStrategy: ladder, known: transports })

describe('connect', () => {
  test.each([
    ['/rungs', 'https://page.example/rungs'],
    ['rungs', 'https://page.example/app/rungs'],
    ['/rungs/', 'https://page.example/rungs'],
    ['https://other.example/live', 'https://other.example/live'],
    ['http://other.example:8080/live', 'http://other.example:8080/live'],
    ['//other.example/live', 'https://other.example/live'],
    ['ws://other.example/live', 'http://other.example/live'],
    ['wss://other.example:8443/live', 'https://other.example:8443/live'],
    [undefined, 'https://page.example/rungs'],
  ])('takes the URL or path %s', (url, target) => {
    expect(pair({ ...(url && { url }) }).wire().url).toBe(target)
  })

  test.each([
    '/rungs?room=1',
    '/rungs#top',
    'ftp://other.example/',
    'javascript:void(0)',
    'data:,x',
    'http://',
    'wss:',
  ])('refuses the URL %s', (url) => {
    expect(errorOf(() => pair({ url }))).toBe('invalid-url')
  })

  test.each([0, -1, Number.NaN])('refuses to buffer %s bytes', (maxBuffered) => {
    expect(errorOf(() => pair({ maxBuffered }))).toBe('invalid-option')
  })

  test.each([
    [{ resend: 'some' as 'all' }, /resend is some; pass unsent, all or none/],
    [{ auth: 42 as unknown as string }, /auth is a number; pass a token or a function/],
    [{ maxBuffered: 0 }, /maxBuffered is 0; pass bytes above 0/],
  ])('refuses %o, and says what to do', (options, message) => {
    expect(errorOf(() => pair(options))).toBe('invalid-option')
    expect(() => pair(options)).toThrow(message)
  })

  test('needs a transport that the browser has', () => {
    fakeBrowser()
    const transport = { ...fakeTransport('websocket'), supported: () => false }
    expect(errorOf(() => connectTo([transport]))).toBe('unsupported')
    expect(errorOf(() => connectTo([]))).toBe('unsupported')
  })

  test('needs a browser', () => {
    fakeBrowser()
    vi.stubGlobal('document', undefined)
    expect(errorOf(() => connectTo([fakeTransport('sse')]))).toBe('unsupported')
  })

  test('passes over the transports that the browser lacks', () => {
    fakeBrowser()
    const [missing, present] = [fakeTransport('websocket'), fakeTransport('sse')]
    hurried(() => connectTo([{ ...missing, supported: () => false }, present]))
    expect([missing.attempts.length, present.attempts.length]).toEqual([0, 1])
  })

  test.each([true, false])('sends cookies to another origin if told to: %s', (credentials) => {
    expect(pair({ credentials }).wire().credentials).toBe(credentials)
  })
})

describe('the state', () => {
  test('is connecting until a carrier is proven, then open', () => {
    const { socket, wire, states, moves } = pair()
    expect([socket.state, socket.transport, socket.id]).toEqual(['connecting', null, null])
    wire().open()
    expect([socket.state, socket.transport, socket.id]).toEqual(['open', 'websocket', 'public'])
    expect(states).toEqual([{ state: 'open', reason: 'opened' }])
    expect(moves).toEqual([{ transport: 'websocket', previous: null, reason: 'opened' }])
  })

  test('stays connecting while transports fail, which onTransport tells', () => {
    const { socket, wire, states, moves } = pair()
    wire().cut('closed-1006')
    expect([socket.state, states]).toEqual(['connecting', []])
    expect(moves).toEqual([{ transport: null, previous: null, reason: 'closed-1006' }])
    wire().open()
    expect([socket.state, socket.transport]).toEqual(['open', 'sse'])
    expect(moves[1]).toMatchObject({ transport: 'sse', previous: null, reason: 'opened' })
    expect(socket.attempts).toMatchObject([
      { transport: 'websocket', reason: 'closed-1006' },
      { transport: 'sse', opened: 0 },
    ])
  })

  test('is reconnecting while nothing carries, and open again with the next carrier', () => {
    const { socket, wire, clock, states } = opened()
    wire().cut('closed-1006')
    expect([socket.state, socket.transport]).toEqual(['reconnecting', null])
    clock.advance(125)
    wire().open()
    expect(states.slice(1)).toEqual([
      { state: 'reconnecting', reason: 'closed-1006' },
      { state: 'open', reason: 'opened' },
    ])
  })

  test('is closed for good', () => {
    const { socket, wire, wires, clock, states } = opened()
    socket.close()
    socket.close(4_000, 'again')
    wire().cut()
    clock.advance(1_000_000)
    expect([socket.state, socket.transport, wires.length]).toEqual(['closed', null, 1])
    expect(states.slice(1)).toMatchObject([{ state: 'closed', reason: 'closed', code: 1_000 }])
  })
})

describe('use', () => {
  test('opens the better transport beside the one that carries, which is closed then', () => {
    const { socket, wires, wire, states, moves } = opened()
    socket.setTransports(['sse'])
    expect([socket.transport, wires[0]!.closed]).toEqual(['websocket', false])
    wire().open()
    expect([socket.transport, wires[0]!.closed]).toEqual(['sse', { bye: undefined }])
    expect(moves.at(-1)).toMatchObject({
      transport: 'sse',
      previous: 'websocket',
      reason: 'preferred',
    })
    expect(states.length).toBe(1)
  })

  test('counts at once, even in the task that connects', async () => {
    fakeBrowser()
    const [all, chosen] = [fakeTransport('websocket'), fakeTransport('sse')]
    const socket = connectTo([all, chosen])
    socket.setTransports(['sse'])
    await settled()
    expect([all.attempts.length, chosen.attempts.length]).toEqual([0, 1])
    socket.close()
  })

  test('takes them in the order given', () => {
    const { socket, wire } = opened()
    socket.setTransports(['sse', 'websocket'])
    expect(wire().name).toBe('sse')
  })

  test('refuses what the browser does not have', () => {
    const { socket } = opened()
    expect(errorOf(() => socket.setTransports(['long-poll']))).toBe('unsupported')
    expect(socket.state).toBe('open')
  })

  test('refuses when the socket is closed', () => {
    const { socket } = opened()
    socket.close()
    expect(errorOf(() => socket.setTransports(['sse']))).toBe('closed')
  })
})

describe('listeners', () => {
  test('stop with what their subscription returned', async () => {
    const { socket, wire } = opened()
    const heard: string[] = []
    const offs = [
      socket.onMessage(() => heard.push('message')),
      socket.onState(() => heard.push('state')),
      socket.onTransport(() => heard.push('transport')),
      socket.onReset(() => heard.push('reset')),
      socket.onRefused(() => heard.push('refused')),
    ]
    offs.forEach((off) => off())
    wire().message(['a'], ['b', ['bob'], 2])
    wire().tell({ end: ['gone', 'unknown', 'reset'] })
    await settled()
    expect(heard).toEqual([])
  })

  test('one that throws keeps the message from nobody, and is reported', async () => {
    const error = thrownLater()
    const { socket, wire, got } = opened({ deaf: true })
    socket.onMessage(() => {
      throw new Error('mine')
    })
    socket.onMessage((data) => got.push(data))
    wire().message(['a'], ['b'])
    expect(got).toEqual(['a', 'b'])
    expect(await error).toEqual(new Error('mine'))
  })

  test('may close the socket whatever they are told', () => {
    const { socket, wire, wires, clock } = opened()
    socket.onState(({ state }) => state === 'reconnecting' && socket.close())
    wire().cut()
    clock.advance(1_000_000)
    expect([socket.state, wires.length, clock.pending]).toEqual(['closed', 1, 0])
  })
})

describe('a state that lasts while attempts fail', () => {
  /** Every attempt fails at once, for so many seconds. */
  async function fail({ wires, clock }: Pick<Pair, 'wires' | 'clock'>, seconds: number) {
    for (let left = seconds * 10; left > 0; left--) {
      for (const wire of wires) wire.cut('http-502')
      clock.advance(100)
      await settled()
    }
  }

  test('is told again every five seconds, with the reason of the last attempt', async () => {
    const test = pair()
    const times: number[] = []
    test.socket.onState(() => times.push(test.clock.now()))
    await fail(test, 30)
    expect(test.states.length).toBeGreaterThanOrEqual(3)
    expect(new Set(test.states.map(({ state, reason }) => `${state}: ${reason}`))).toEqual(
      new Set(['connecting: http-502']),
    )
    const gaps = times.slice(1).map((time, index) => time - times[index]!)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5_000)
  })

  test('is told again while it reconnects', async () => {
    const test = opened()
    await fail(test, 7)
    expect(test.states.map(({ state }) => state)).toEqual(['open', 'reconnecting', 'reconnecting'])
  })

  test('is not told again while it is open, whatever carries', () => {
    const { wires, clock, states, moves } = pair()
    clock.advance(300)
    wires[1]!.open()
    clock.advance(6_000)
    wires[0]!.open()
    expect(moves.map(({ transport }) => transport)).toContain('sse')
    expect(states.map(({ state }) => state)).toEqual(['open'])
  })
})
