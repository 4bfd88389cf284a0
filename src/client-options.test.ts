import { describe, expect, test, vi } from 'vitest'
import { settled } from '../test/support/browser.ts'
import { opened, pair } from '../test/support/pair.ts'
import type { CoreOptions } from './types.ts'

describe('auth', () => {
  test('a token goes along with every carrier', () => {
    const { wires, wire, clock } = opened({ auth: 'secret' })
    wire().cut()
    clock.advance(125)
    wire().connect()
    expect(wires.map(({ attach }) => attach.token)).toEqual(['secret', 'secret'])
  })

  test('a function is asked before each carrier', async () => {
    const tokens = ['first', 'second']
    const { wires, wire, clock } = pair({ auth: () => Promise.resolve(tokens.shift()!) })
    expect(wires.length).toBe(0)
    await settled()
    wire().open()
    wire().cut()
    clock.advance(125)
    await settled()
    wire().open()
    expect(wires.map(({ attach }) => attach.token)).toEqual(['first', 'second'])
  })

  test.each<[string, CoreOptions['auth']]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('a function that %s counts as a failed attempt', async (_, auth) => {
    const { moves, socket, wires, clock } = pair({ auth: auth! })
    await settled()
    clock.advance(250)
    await settled()
    expect([socket.state, wires.length]).toEqual(['connecting', 0])
    expect(moves.at(-1)?.reason).toBe('auth: Error: no')
    expect(socket.attempts.slice(0, 2)).toMatchObject([
      { transport: 'websocket', reason: 'auth: Error: no' },
      { transport: 'sse', reason: 'auth: Error: no' },
    ])
  })

  test('a slow token is asked for once, and no other transport starts meanwhile', async () => {
    const auth = vi.fn<() => Promise<string>>()
    let answer = (_: string): void => {}
    auth.mockReturnValue(new Promise<string>((resolve) => (answer = resolve)))
    const { wires, clock } = pair({ auth })
    await settled()
    clock.advance(4_000)
    expect(auth).toHaveBeenCalledTimes(1)
    answer('slow')
    await settled()
    expect(wires.map(({ name }) => name)).toEqual(['websocket'])
    auth.mockResolvedValue('next')
    clock.advance(250)
    await settled()
    wires.forEach((wire) => wire.connect())
    expect(wires.map(({ name, attach }) => [name, attach.token])).toEqual([
      ['websocket', 'slow'],
      ['sse', 'next'],
    ])
  })

  test('a function that does not answer for 10 s is a failed attempt, and is asked again', async () => {
    const auth = vi
      .fn<() => Promise<string>>()
      .mockReturnValueOnce(new Promise(() => {}))
      .mockResolvedValue('good')
    const { wires, clock, socket } = pair({ auth })
    await settled()
    clock.advance(10_000)
    await settled()
    expect(socket.attempts[0]).toMatchObject({
      ended: 10_000,
      reason: 'auth: no answer for 10000 ms',
    })
    clock.advance(250)
    await settled()
    wires[0]!.connect()
    expect(wires[0]!.attach.token).toBe('good')
  })

  test('a token that comes after the end opens nothing', async () => {
    const { socket, wires } = pair({ auth: () => Promise.resolve('late') })
    socket.close()
    await settled()
    expect(wires).toEqual([])
  })
})

test.each<[string, object, RegExp]>([
  ['an option that is none', { reconnect: true }, /no option reconnect; pass some of: auth,/],
  [
    'one transport that is no list',
    { transports: 'websocket' },
    /transports is a string; pass a list/,
  ],
  ['transports by number', { transports: [3] }, /no transport 3 here; pass some of: websocket/],
])('%s is told at the call', (_, options, message) => {
  expect(() => pair(options as Partial<CoreOptions>)).toThrow(
    expect.objectContaining({ type: 'invalid-option', message: expect.stringMatching(message) }),
  )
})

describe('signal', () => {
  test('closes the socket when it is aborted', () => {
    const controller = new AbortController()
    const { socket, wire, states } = opened({ signal: controller.signal })
    controller.abort()
    expect(socket.state).toBe('closed')
    expect(states.at(-1)).toMatchObject({ state: 'closed', reason: 'aborted', code: 1_000 })
    expect(wire().closed).toEqual({ bye: [0, 1_000, 'aborted'] })
  })

  test('a signal that is aborted already closes the socket at once', () => {
    const { socket, wires, clock } = pair({ signal: AbortSignal.abort() })
    clock.advance(60_000)
    expect([socket.state, wires.filter(({ closed }) => !closed)]).toEqual(['closed', []])
  })

  test('is let go of when the socket is closed', () => {
    const controller = new AbortController()
    const off = vi.spyOn(controller.signal, 'removeEventListener')
    const { socket, states } = opened({ signal: controller.signal })
    socket.close(4_000, 'mine')
    expect(off).toHaveBeenCalledOnce()
    controller.abort()
    expect(states.at(-1)).toMatchObject({ reason: 'mine', code: 4_000 })
  })
})
