import { describe, expect, test } from 'vitest'
import { HEARTBEAT, climbing } from '../../test/support/ladder.ts'
import {
  both,
  failsAfter,
  fakeTransport,
  opensAfter,
  type Script,
} from '../../test/support/transports.ts'
import { reconnect } from './reconnect.ts'

const mute = (): void => {}
const of = (script: Script) => climbing({ websocket: script }, undefined, reconnect)

describe('one transport', () => {
  test('is opened, and carries when it has proven itself', () => {
    const { clock, changes } = of(opensAfter(50))
    clock.advance(50)
    expect(changes).toEqual(['websocket: opened'])
  })

  test('is opened again after a random delay that grows, and is short again after a long life', () => {
    const { clock, last, tries } = of(failsAfter(0))
    for (const [round, delay] of [125, 250, 500, 1_000].entries()) {
      clock.advance(delay - 1)
      expect(tries()).toEqual([round + 1])
      clock.advance(1)
      expect(tries()).toEqual([round + 2])
    }
    last('websocket').ready()
  })

  test('begins with short delays again after a long life', () => {
    const { clock, tries } = of(both(opensAfter(1), failsAfter(10_000)))
    clock.advance(10_000 + 125)
    expect(tries()).toEqual([2])
    clock.advance(10_000 + 125)
    expect(tries()).toEqual([3])
  })

  test('has five seconds to prove itself, and so much more as it has waited to be opened', () => {
    const { clock, changes, last, tries } = of(mute)
    let time = 0
    for (const delay of [0, 125, 250, 500, 1_000]) {
      clock.advance(delay)
      expect(last('websocket').closed).toBe(false)
      clock.advance(5_000 + delay)
      expect(last('websocket').closed).toBe('silently')
      time++
    }
    expect([changes, tries()]).toEqual([
      Array.from({ length: time }, () => 'null: deadline'),
      [time],
    ])
  })

  test('one transport that is suspect is opened again', () => {
    const { clock, changes } = of(opensAfter(1))
    clock.advance(1 + HEARTBEAT + 1_500)
    expect(changes).toEqual(['websocket: opened', 'null: silent'])
    clock.advance(126)
    expect(changes.at(-1)).toBe('websocket: opened')
  })

  test('is asked for a sign of life when the page wakes up', () => {
    const { clock, ladder, session, changes, last } = of(opensAfter(1))
    session.rtt = 50
    clock.advance(1_000)
    ladder.wake()
    expect(session.pings).toBe(1)
    last('websocket').hear({})
    clock.advance(1_000)
    ladder.wake()
    clock.advance(250)
    expect(changes).toEqual(['websocket: opened', 'null: silent'])
  })

  test('is not left when it is told to be used', () => {
    const { clock, ladder, transports, changes, tries } = of(opensAfter(1))
    clock.advance(1)
    ladder.setTransports(transports)
    clock.advance(1_000)
    expect([changes, tries()]).toEqual([['websocket: opened'], [1]])
  })

  test('is changed for another one, which opens at once', () => {
    const { clock, ladder, changes, last } = of(opensAfter(1))
    clock.advance(1)
    const other = fakeTransport('sse', opensAfter(1))
    ladder.setTransports([other])
    clock.advance(1)
    expect(last('websocket').closed).toBe('silently')
    expect([changes, other.attempts.length]).toEqual([
      ['websocket: opened', 'null: unused', 'sse: opened'],
      1,
    ])
    clock.advance(HEARTBEAT)
    expect(other.attempts.length).toBe(1)
  })

  test('one transport that waits to be opened is opened at once when the page wakes up', () => {
    const { clock, ladder, tries } = of(failsAfter(1))
    clock.advance(1)
    ladder.wake()
    clock.advance(0)
    expect(tries()).toEqual([2])
  })

  test('one transport that slept with its machine is asked before it is judged', () => {
    const { clock, changes, session, last } = of(opensAfter(1))
    clock.advance(1)
    clock.suspend(3_600_000)
    expect(session.pings).toBe(1)
    last('websocket').hear({})
    clock.advance(10_000)
    expect(changes).toEqual(['websocket: opened'])
  })

  test('is let go of for good, with a goodbye', () => {
    const { clock, ladder, last, changes } = of(opensAfter(1))
    clock.advance(1)
    ladder.stop('[0]')
    ladder.wake()
    clock.advance(1_000_000)
    expect(last('websocket').closed).toEqual({ bye: '[0]' })
    expect([changes, clock.pending]).toEqual([['websocket: opened'], 0])
  })

  test('begins anew when it is told to', () => {
    const { clock, ladder, changes, tries } = of(opensAfter(1))
    clock.advance(10_000)
    ladder.restart('reset')
    clock.advance(126)
    expect([changes, tries()]).toEqual([
      ['websocket: opened', 'null: reset', 'websocket: opened'],
      [2],
    ])
  })

  test('whose listener lets go of everything stays closed', () => {
    const test = of(both(opensAfter(1), failsAfter(100)))
    test.listener = (transport) => {
      if (!transport) test.ladder.stop()
    }
    test.clock.advance(1_000)
    expect([test.alive(), test.clock.pending]).toEqual([[], 0])
  })

  test('tells what was tried', () => {
    const { clock, ladder } = of(both(opensAfter(10), failsAfter(500, 'closed-1006')))
    const start = clock.wallTime()
    clock.advance(500)
    expect(ladder.attempts).toEqual([
      { transport: 'websocket', began: start, opened: 10, ended: 500, reason: 'closed-1006' },
    ])
  })
})
