import { describe, expect, test } from 'vitest'
import { HEARTBEAT, climbing, ladderOf } from '../../test/support/ladder.ts'
import { HELLO } from '../../test/support/session.ts'
import { both, failsAfter, opensAfter, throws } from '../../test/support/transports.ts'
import type { Down } from '../protocol.ts'

const mute = (): void => {}

describe('a race', () => {
  test('the best rung carries, and those below it are not tried', () => {
    const { clock, changes, tries } = climbing({ websocket: opensAfter(50), sse: opensAfter(1) })
    clock.advance(1_000)
    expect(changes).toEqual(['websocket: opened'])
    expect(tries()).toEqual([1, 0])
  })

  test('the next rung begins as soon as one has failed', () => {
    const { clock, changes, tries } = climbing({
      websocket: failsAfter(10, 'closed-1006'),
      sse: failsAfter(10, 'no-ticket'),
      'forever-iframe': opensAfter(10),
    })
    clock.advance(20)
    expect(tries()).toEqual([1, 1, 1])
    clock.advance(10)
    expect(changes).toEqual(['null: closed-1006', 'null: no-ticket', 'forever-iframe: opened'])
  })

  test('the next rung begins after a patience, beside the one that does not answer', () => {
    const { clock, changes, alive } = climbing({ websocket: mute, sse: opensAfter(10) })
    clock.advance(249)
    expect(alive()).toEqual(['websocket'])
    clock.advance(1)
    expect(alive()).toEqual(['websocket', 'sse'])
    clock.advance(10)
    expect(changes).toEqual(['sse: opened'])
  })

  test.each([
    [50, 250],
    [200, 600],
  ])('the patience is three round trips: of %s ms, %s', (rtt, patience) => {
    const { clock, ladder, session, transports, tries } = ladderOf({ websocket: mute, sse: mute })
    session.rtt = rtt
    ladder.setTransports(transports)
    clock.advance(patience - 1)
    expect(tries()).toEqual([1, 0])
    clock.advance(1)
    expect(tries()).toEqual([1, 1])
  })

  test('what is known from before counts until there is a round trip of our own', () => {
    const rungs = { websocket: mute, sse: mute }
    const { clock, ladder, transports, tries } = ladderOf(rungs, undefined, undefined, 200)
    ladder.setTransports(transports)
    clock.advance(599)
    expect(tries()).toEqual([1, 0])
    clock.advance(1)
    expect(tries()).toEqual([1, 1])
  })

  test('what is known is kept when something changes', () => {
    const { clock, session, known } = climbing({ websocket: failsAfter(1), sse: opensAfter(5) })
    session.rtt = 40
    clock.advance(10)
    expect(known).toEqual({
      cooldowns: { websocket: { failures: 1, until: expect.any(Number) } },
      rtt: 40,
    })
  })

  test('an exchange opens beside the first rung, and what is better takes over later', () => {
    const { clock, changes, tries, alive } = climbing({
      websocket: opensAfter(150),
      sse: opensAfter(100),
      'long-poll': opensAfter(50),
      'short-poll': opensAfter(50),
    })
    expect(tries()).toEqual([1, 0, 0, 1])
    clock.advance(50)
    expect(changes).toEqual(['short-poll: opened'])
    clock.advance(100)
    expect(changes).toEqual(['short-poll: opened', 'websocket: preferred'])
    clock.advance(1_000)
    expect([tries(), alive()]).toEqual([[1, 0, 0, 1], ['websocket']])
  })

  test('below what carries nothing is tried, above it everything', () => {
    const { clock, changes, tries } = climbing({
      websocket: mute,
      sse: mute,
      'long-poll': opensAfter(10),
      'short-poll': opensAfter(10),
      'forever-iframe': mute,
    })
    clock.advance(1_000)
    expect(changes).toEqual(['short-poll: opened', 'long-poll: preferred'])
    expect(tries()).toEqual([1, 1, 1, 1, 0])
  })

  test('a better rung that opens late takes over, and the others are closed', () => {
    const { clock, changes, alive } = climbing({ websocket: opensAfter(3_000), sse: opensAfter(1) })
    clock.advance(3_000)
    expect(changes).toEqual(['sse: opened', 'websocket: preferred'])
    expect(alive()).toEqual(['websocket'])
  })

  test('a rung that never answers has five seconds', () => {
    const { clock, changes, last } = climbing({ websocket: mute, sse: opensAfter(1) })
    clock.advance(4_999)
    expect(last('websocket').closed).toBe(false)
    clock.advance(1)
    expect(last('websocket').closed).toBe('silently')
    expect(changes).toEqual(['sse: opened', 'sse: deadline'])
  })

  test('round trips and bytes on their way make the deadline longer', () => {
    const { clock, ladder, session, transports, last } = ladderOf({ websocket: mute })
    Object.assign(session, { rtt: 1_000, uploadTime: 1_000 })
    ladder.setTransports(transports)
    clock.advance(13_999)
    expect(last('websocket').closed).toBe(false)
    clock.advance(1)
    expect(last('websocket').closed).toBe('silently')
  })

  test('a deadline that comes late because the machine slept gets a little more time', () => {
    const { clock, changes, last } = climbing({ websocket: mute })
    clock.suspend(60_000)
    last('websocket').ready()
    clock.advance(1_000)
    expect(changes).toEqual(['websocket: opened'])
  })

  test('packets before the proof do not stretch the deadline', () => {
    const { clock, changes, last } = climbing({ websocket: mute })
    clock.advance(4_000)
    last('websocket').hear({ hello: HELLO, ack: [0, 0, 0] })
    clock.advance(1_000)
    expect(changes).toEqual(['null: deadline'])
  })

  test('the second part of hello may come a second after the first, or four round trips', () => {
    for (const [rtt, patience] of [
      [50, 1_000],
      [500, 2_000],
    ] as const) {
      const { clock, session, changes, last } = climbing({ websocket: mute, sse: opensAfter(1) })
      session.rtt = rtt
      last('websocket').hear({
        hello: { ...session.serverLimits, version: 1, id: 'public', epoch: 'e', lifetime: 1 },
      })
      clock.advance(patience - 1)
      expect(last('websocket').closed).toBe(false)
      clock.advance(1)
      expect(changes).toEqual(['sse: opened', 'sse: deadline'])
    }
  })

  test('a rung that the browser refuses to open has failed with what it threw', () => {
    const { clock, changes } = climbing({ websocket: throws('mixed content'), sse: opensAfter(1) })
    clock.advance(1)
    expect(changes).toEqual(['null: Error: mixed content', 'sse: opened'])
  })

  test.each<Down>([
    { ack: [1, 1, 0] },
    { batch: [1, [['x']]] },
    { volatile: [['x']] },
    { ticket: 'x' },
    { ready: 1 },
    {},
  ])(
    'a carrier that begins with %j instead of hello fails, and the session does not see it',
    (down) => {
      const { changes, packets, last } = climbing({ websocket: mute })
      last('websocket').hear(down)
      expect(changes).toEqual(['null: malformed'])
      expect(packets).toEqual([])
    },
  )

  test('an end fails its carrier with its type', () => {
    const { last, changes, tries } = climbing({ websocket: mute, sse: mute })
    last('websocket').hear({ end: ['draining', 'going away', 'retry'] })
    expect(changes).toEqual(['null: draining'])
    expect(tries()).toEqual([1, 1])
  })
})

describe('racing again', () => {
  test('when all have failed, after a random delay that grows, up to a cap', () => {
    const { clock, tries } = climbing({ websocket: throws('a'), sse: throws('b') })
    const delays = [125, 250, 500, 1_000, 2_000, 2_250, 2_250, 2_250]
    for (const [round, delay] of delays.entries()) {
      clock.advance(delay - 1)
      expect(tries()).toEqual([round + 1, round + 1])
      clock.advance(1)
      expect(tries()).toEqual([round + 2, round + 2])
    }
  })

  test('when what carried has ended', () => {
    const { clock, changes, tries } = climbing({
      websocket: both(opensAfter(1), failsAfter(10_000, 'cut')),
    })
    clock.advance(10_000 + 124)
    expect([changes, tries()]).toEqual([['websocket: opened', 'null: cut'], [1]])
    clock.advance(1)
    expect(tries()).toEqual([2])
  })

  test('after short lives with growing delays, which a long life makes short again', () => {
    const { clock, last, tries } = climbing({ websocket: opensAfter(0) })
    for (const [round, delay] of [125, 250, 500].entries()) {
      clock.advance(10)
      last('websocket').fail('cut')
      clock.advance(delay - 1)
      expect(tries()).toEqual([round + 1])
      clock.advance(1)
      expect(tries()).toEqual([round + 2])
    }
    clock.advance(10_000)
    last('websocket').fail('cut')
    clock.advance(125)
    expect(tries()).toEqual([5])
  })

  test('at once when the page wakes up, if it was waiting', () => {
    const { clock, ladder, tries } = climbing({ websocket: failsAfter(1) })
    ladder.wake()
    expect(tries()).toEqual([1])
    clock.advance(1)
    ladder.wake()
    expect(tries()).toEqual([2])
  })
})

describe('the trace', () => {
  test('tells what was tried, when, and why it ended', () => {
    const { clock, ladder } = climbing({
      websocket: failsAfter(10, 'closed-1006'),
      sse: both(opensAfter(20), failsAfter(5_000, 'stream-ended')),
      'long-poll': mute,
    })
    const start = clock.wallTime()
    clock.advance(5_010)
    expect(ladder.attempts).toEqual([
      { transport: 'long-poll', began: start, ended: 30, reason: 'beaten' },
      { transport: 'websocket', began: start, ended: 10, reason: 'closed-1006' },
      { transport: 'sse', began: start + 10, opened: 20, ended: 5_000, reason: 'stream-ended' },
    ])
  })

  test('keeps the last fifty', () => {
    const { clock, ladder } = climbing({ websocket: failsAfter(1) })
    clock.advance(3_600_000)
    expect(ladder.attempts.length).toBe(50)
    expect(ladder.attempts.at(-1)!.began).toBeGreaterThan(clock.wallTime() - 100_000)
  })
})

test('what is sent goes out on the carrier before it goes out on the racers', () => {
  const { clock, ladder, transports, last } = climbing({ websocket: opensAfter(1), sse: mute })
  ladder.flush()
  expect(last('websocket').flushes).toBe(1)
  clock.advance(1)
  ladder.setTransports([transports[1]!])
  ladder.flush()
  expect([last('websocket').flushes, last('sse').flushes]).toEqual([2, 1])
})

test('a ladder that climbs nothing yet does nothing', () => {
  const { clock, ladder, changes } = ladderOf({ websocket: mute })
  ladder.flush()
  ladder.wake()
  ladder.stop('[0]')
  expect([changes, clock.pending]).toEqual([[], 0])
})

test('one timer does for all of it', () => {
  const { clock, last } = climbing({ websocket: opensAfter(10), sse: mute, 'long-poll': mute })
  clock.advance(5)
  last('long-poll').ready()
  clock.advance(HEARTBEAT)
  // The one of the ladder: those of the transports have run.
  expect(clock.pending).toBe(1)
})
