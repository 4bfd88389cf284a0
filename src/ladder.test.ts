import { describe, expect, test } from 'vitest'
import { HEARTBEAT, climbing, ladderOf } from '../test/support/ladder.ts'
import { both, failsAfter, opensAfter, throws } from '../test/support/transports.ts'
import { SLACK } from './heartbeat.ts'

const mute = (): void => {}

describe('down the ladder', () => {
  test('the best rung carries, and the others are not tried', () => {
    const { clock, changes, tries } = climbing({ websocket: opensAfter(50), sse: opensAfter(1) })
    clock.advance(50)
    expect(changes).toEqual(['websocket: opened'])
    expect(tries()).toEqual([1, 0])
  })

  test('when a rung fails the next begins at once', () => {
    const { clock, changes, failures, tries } = climbing({
      websocket: failsAfter(10, 'http-400'),
      sse: failsAfter(10, 'no-ticket'),
      'long-poll': opensAfter(10),
    })
    clock.advance(20)
    expect(tries()).toEqual([1, 1, 1])
    clock.advance(10)
    expect(changes).toEqual(['null: http-400', 'null: no-ticket', 'long-poll: opened'])
    expect(failures).toEqual([
      { websocket: 'http-400' },
      { websocket: 'http-400', sse: 'no-ticket' },
      { websocket: 'http-400', sse: 'no-ticket' },
    ])
  })

  test('a rung that never answers has five seconds', () => {
    const { clock, changes, tries, last } = climbing({ websocket: mute, sse: opensAfter(1) })
    clock.advance(4_999)
    expect(tries()).toEqual([1, 0])
    clock.advance(1)
    expect(last('websocket').closed).toBe('silently')
    clock.advance(1)
    expect(changes).toEqual(['null: deadline', 'sse: opened'])
  })

  test('a deadline that comes late because the machine slept gets a grace period', () => {
    const { clock, changes, last } = climbing({ websocket: mute })
    clock.suspend(60_000)
    last('websocket').ready()
    clock.advance(SLACK)
    expect(changes).toEqual(['websocket: opened'])
  })

  test('packets before the proof do not stretch the deadline', () => {
    const { clock, changes, last } = climbing({ websocket: mute, sse: mute })
    clock.advance(4_000)
    last('websocket').hear({ ack: ['e', 0, 0, 0] })
    clock.advance(1_000)
    expect(changes).toEqual(['null: deadline'])
  })

  test('a packet comes with the knowledge whether its carrier was proven before', () => {
    const { last, proofs } = climbing({ websocket: mute })
    last('websocket').hear({})
    last('websocket').ready()
    last('websocket').hear({})
    expect(proofs).toEqual([false, false, true])
  })

  test('a rung that the browser refuses to open has failed with what it threw', () => {
    const { clock, changes } = climbing({ websocket: throws('mixed content'), sse: opensAfter(1) })
    clock.advance(1)
    expect(changes).toEqual(['null: Error: mixed content', 'sse: opened'])
  })

  test('an end fails its carrier with its type', () => {
    const { last, changes, tries } = climbing({ websocket: mute, sse: mute })
    last('websocket').hear({ end: ['draining', 'going away', 'retry'] })
    expect(changes).toEqual(['null: draining'])
    expect(tries()).toEqual([1, 1])
  })
})

describe('trying again', () => {
  test('when all rungs have failed it begins again after a random delay that grows, up to a cap', () => {
    const { clock, tries } = climbing({ websocket: throws('a'), sse: throws('b') })
    const delays = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]
    for (const [round, delay] of delays.entries()) {
      clock.advance(delay - 1)
      expect(tries()).toEqual([round + 1, round + 1])
      clock.advance(1)
      expect(tries()).toEqual([round + 2, round + 2])
    }
  })

  test('each round names its own failures, and what was told of them does not change later', () => {
    const { clock, failures } = climbing({ websocket: failsAfter(1, 'a'), sse: failsAfter(1, 'b') })
    clock.advance(253)
    expect(failures).toEqual([{ websocket: 'a' }, { websocket: 'a', sse: 'b' }, { websocket: 'a' }])
  })

  test('after a short life the next rung comes first', () => {
    const { clock, changes, tries } = climbing({
      websocket: both(opensAfter(10), failsAfter(3_000, 'closed-1006')),
      sse: opensAfter(10),
    })
    clock.advance(3_010)
    expect(changes).toEqual(['websocket: opened', 'null: closed-1006', 'sse: opened'])
    expect(tries()).toEqual([1, 1])
  })

  test('after a long life it begins at the top, at once and with the delays of the beginning', () => {
    const { clock, last, tries, changes } = climbing({
      websocket: failsAfter(1, 'a'),
      sse: both(opensAfter(1), failsAfter(20_000, 'cut')),
    })
    clock.advance(20_001)
    expect(tries()).toEqual([2, 1])
    clock.advance(1)
    last('sse').fail('b')
    expect(changes.slice(-3)).toEqual(['null: cut', 'null: a', 'null: b'])
    clock.advance(250)
    expect(tries()).toEqual([3, 2])
  })

  test('a carrier of the last rung that lived for a short time does not make it hurry', () => {
    const { clock, tries } = climbing({ websocket: both(opensAfter(1), failsAfter(100)) })
    clock.advance(349)
    expect(tries()).toEqual([1])
    clock.advance(1)
    expect(tries()).toEqual([2])
  })

  test('waking up ends the waiting, and nothing else', () => {
    const { clock, ladder, tries } = climbing({ websocket: failsAfter(1) })
    ladder.wake()
    expect(tries()).toEqual([1])
    clock.advance(1)
    ladder.wake()
    expect(tries()).toEqual([2])
    clock.advance(0)
    expect(tries()).toEqual([2])
  })
})

describe('silence', () => {
  test('a carrier that is silent for a heartbeat and some slack has failed', () => {
    const { clock, changes, last } = climbing({ websocket: opensAfter(1) })
    clock.advance(1 + HEARTBEAT + SLACK - 1)
    expect(changes).toEqual(['websocket: opened'])
    clock.advance(1)
    expect(changes).toEqual(['websocket: opened', 'null: silent'])
    expect(last('websocket').closed).toBe(false)
  })

  test('any packet is a sign of life', () => {
    const { clock, changes, last } = climbing({ websocket: opensAfter(1) })
    for (let beats = 0; beats < 10; beats++) {
      clock.advance(HEARTBEAT)
      last('websocket').hear({})
    }
    expect(changes).toEqual(['websocket: opened'])
  })

  test('a machine that slept reads what has come meanwhile before it judges', () => {
    const { clock, changes, last } = climbing({ websocket: opensAfter(1) })
    clock.advance(1)
    clock.suspend(3_600_000)
    last('websocket').hear({})
    clock.advance(HEARTBEAT)
    expect(changes).toEqual(['websocket: opened'])
  })

  test('a carrier that says nothing after the machine slept has failed soon', () => {
    const { clock, changes } = climbing({ websocket: opensAfter(1) })
    clock.advance(1)
    clock.suspend(3_600_000)
    expect(changes).toEqual(['websocket: opened'])
    clock.advance(SLACK)
    expect(changes).toEqual(['websocket: opened', 'null: silent'])
  })
})

test('what is sent goes out on the carrier before it goes out on the attempt', () => {
  const { clock, ladder, transports, last } = climbing({ websocket: opensAfter(1), sse: mute })
  ladder.flush()
  expect(last('websocket').flushes).toBe(1)
  clock.advance(1)
  ladder.use([transports[1]!])
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
