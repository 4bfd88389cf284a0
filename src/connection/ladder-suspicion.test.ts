import { describe, expect, test } from 'vitest'
import { HEARTBEAT, climbing } from '../../test/support/ladder.ts'
import { beats, both, failsAfter, opensAfter } from '../../test/support/transports.ts'

const mute = (): void => {}
/** Opens at first, and never again. */
const once =
  () =>
  (attempt: Parameters<ReturnType<typeof opensAfter>>[0]): void => {
    if (attempt.link.clock.now() < 1_000_010) opensAfter(1)(attempt)
  }

describe('a suspect', () => {
  test('keeps its chance while others are opened beside it', () => {
    const { clock, changes, alive, tries } = climbing({ websocket: once(), sse: mute })
    clock.advance(1 + HEARTBEAT + 1_500)
    expect(tries()).toEqual([2, 0])
    clock.advance(250)
    expect(tries()).toEqual([2, 1])
    expect([changes, alive()]).toEqual([['websocket: opened'], ['websocket', 'sse']])
  })

  test('is replaced by the first that delivers', () => {
    const { clock, changes, transports } = climbing({
      websocket: once(),
      'short-poll': opensAfter(10),
    })
    clock.advance(1 + HEARTBEAT + 1_500)
    clock.advance(10)
    expect(changes).toEqual(['websocket: opened', 'short-poll: silent'])
    expect(transports[0]!.attempts[0]!.closed).toBe('silently')
  })

  test('a suspect that speaks up again goes on, and the others are closed', () => {
    const { clock, changes, transports, alive } = climbing({ websocket: once(), sse: mute })
    clock.advance(1 + HEARTBEAT + 2_000)
    transports[0]!.attempts[0]!.hear({})
    clock.advance(10_000)
    expect(changes).toEqual(['websocket: opened'])
    expect(transports[0]!.attempts[0]!.closed).toBe(false)
    expect(transports[0]!.attempts[1]!.closed).toBe('silently')
    expect(alive()).toEqual(['websocket'])
  })

  test('has ended when all the others have failed too', () => {
    const { clock, changes } = climbing({ websocket: once(), sse: failsAfter(100) })
    clock.advance(1 + HEARTBEAT + 1_500 + 5_000)
    expect(changes).toEqual([
      'websocket: opened',
      'websocket: refused',
      'websocket: deadline',
      'null: silent',
    ])
  })

  test('a suspect that lost twice has a cool-down', () => {
    const { clock, ladder, changes, known, session } = climbing({
      websocket: opensAfter(1),
      sse: opensAfter(300),
    })
    for (const failures of [1, 2]) {
      clock.advance(1_000)
      session.receiptOwedSince = clock.now()
      ladder.flush()
      clock.advance(2_001)
      session.receiptOwedSince = Infinity
      expect(known.cooldowns.websocket!.failures).toBe(failures)
    }
    expect(changes).toEqual([
      'websocket: opened',
      'websocket: not-received',
      'websocket: not-received',
    ])
    expect(known.cooldowns.websocket!.until).toBeGreaterThan(clock.wallTime())
  })
})

describe('suspicion', () => {
  test('any packet is a sign of life', () => {
    const { clock, changes, last, tries } = climbing({ websocket: opensAfter(1) })
    for (let beats = 0; beats < 10; beats++) {
      clock.advance(HEARTBEAT)
      last('websocket').hear({})
    }
    expect([changes, tries()]).toEqual([['websocket: opened'], [1]])
  })

  test('but not an answer beside the stream', () => {
    const { clock, transports, tries } = climbing({ websocket: once() })
    for (let beats = 0; beats < 10; beats++) {
      clock.advance(HEARTBEAT / 10)
      transports[0]!.attempts[0]!.on.packet({}, 10, true)
    }
    clock.advance(1_501)
    expect(tries()).toEqual([2])
  })

  test.each([
    ['a receipt is missing', 'receiptOwedSince', 2_000, 'not-received'],
    ['messages are missing whose head the server has named', 'missingSince', 1_000, 'stalled'],
  ] as const)('begins when %s', (_, sign, ms, reason) => {
    const { clock, ladder, session, changes, tries } = climbing({ websocket: opensAfter(1) })
    clock.advance(1_000)
    session[sign] = clock.now()
    ladder.flush()
    clock.advance(ms - 1)
    expect(tries()).toEqual([1])
    clock.advance(1)
    expect(tries()).toEqual([2])
    clock.advance(1)
    expect(changes.at(-1)).toBe(`websocket: ${reason}`)
  })

  test('does not fall on a new carrier for what the old one owed', () => {
    const { clock, ladder, session, changes } = climbing({
      websocket: both(opensAfter(1), failsAfter(3_000, 'cut')),
      sse: opensAfter(1),
    })
    session.receiptOwedSince = clock.now()
    clock.advance(1_999)
    session.receiptOwedSince = clock.now() - 1_900
    ladder.flush()
    clock.advance(1)
    expect(changes).toEqual(['websocket: opened'])
  })

  test('asks for a sign of life when the page wakes up, and waits for it a round trip and 200 ms', () => {
    const { clock, ladder, session, tries, last } = climbing({ websocket: opensAfter(1) })
    session.rtt = 50
    clock.advance(1_000)
    ladder.wake()
    ladder.wake()
    expect(session.pings).toBe(1)
    last('websocket').hear({})
    clock.advance(10_000)
    expect(tries()).toEqual([1])
    ladder.wake()
    clock.advance(249)
    expect(tries()).toEqual([1])
    clock.advance(1)
    expect([tries(), session.pings]).toEqual([[2], 2])
  })

  test('a machine that slept asks, too, and reads what has come meanwhile before it judges', () => {
    const { clock, changes, last, session } = climbing({ websocket: opensAfter(1) })
    clock.advance(1)
    clock.suspend(3_600_000)
    expect(session.pings).toBe(1)
    last('websocket').hear({})
    clock.advance(1_000)
    expect(changes).toEqual(['websocket: opened'])
  })

  test('a timer that is always late, as in a hidden tab, does not keep a dead carrier alive', () => {
    const { clock, tries } = climbing({ websocket: once() })
    clock.advance(1)
    clock.suspend(60_000)
    clock.suspend(60_000)
    expect(tries()).toEqual([2])
  })
})

describe('climbing', () => {
  test('what failed is tried again when its cool-down is over, longer every time', () => {
    const { clock, tries } = climbing({
      websocket: failsAfter(1),
      sse: both(opensAfter(1), beats),
    })
    clock.chances = [0]
    clock.advance(2)
    const rounds: number[] = []
    for (let seconds = 0; seconds < 200; seconds++) {
      const [before] = tries()
      clock.advance(1_000)
      if (tries()[0] !== before) rounds.push(seconds + 1)
    }
    expect(rounds).toEqual([30, 71, 151])
    expect(tries()[1]).toBe(1)
  })

  test('chance adds up to a quarter, so that clients which fell together do not climb together', () => {
    const { clock, tries } = climbing({
      websocket: failsAfter(1),
      sse: both(opensAfter(1), beats),
    })
    clock.chances = [0.8]
    clock.advance(2)
    clock.advance(35_900)
    expect(tries()).toEqual([1, 1])
    clock.advance(200)
    expect(tries()).toEqual([2, 1])
  })

  test('what carries goes on meanwhile, and is left only for what has proven itself', () => {
    const { clock, changes, last, alive } = climbing({
      websocket: (attempt) =>
        (attempt.link.clock.now() < 1_030_000 ? failsAfter(1) : opensAfter(10))(attempt),
      sse: both(opensAfter(1), beats),
    })
    clock.chances = [0]
    clock.advance(30_002)
    expect(alive()).toEqual(['websocket', 'sse'])
    clock.advance(10)
    expect(changes.slice(-1)).toEqual(['websocket: preferred'])
    expect(last('sse').closed).toBe('silently')
  })

  test('a rung that dies young again and again goes behind the next, for a cool-down', () => {
    const { clock, changes, known } = climbing({
      websocket: both(opensAfter(1), failsAfter(3_000, 'closed-1006')),
      sse: opensAfter(1),
    })
    clock.advance(10_000)
    expect(changes).toEqual([
      'websocket: opened',
      'null: closed-1006',
      'websocket: opened',
      'null: closed-1006',
      'sse: opened',
    ])
    expect(known.cooldowns.websocket?.failures).toBe(2)
  })

  test('what is cut twice after the same silence is not to blame, and a shorter heartbeat is asked for', () => {
    const { clock, changes, known } = climbing({
      websocket: both(opensAfter(1), failsAfter(12_401, 'closed-1006')),
      sse: opensAfter(1),
    })
    clock.advance(26_000)
    expect(changes.slice(0, 5)).toEqual([
      'websocket: opened',
      'null: closed-1006',
      'websocket: opened',
      'null: closed-1006',
      'websocket: opened',
    ])
    expect(known.cooldowns.websocket?.failures).toBe(1)
  })

  test('what is cut once after 10 s of silence is not to blame', () => {
    const { clock, changes, known } = climbing({
      websocket: both(opensAfter(1), failsAfter(10_001, 'closed-1006')),
    })
    clock.advance(11_000)
    expect(changes.at(-1)).toBe('websocket: opened')
    expect(known.cooldowns.websocket).toBeUndefined()
  })

  test('a rung that has no slot beside other tabs is not to blame', () => {
    const { clock, known, tries } = climbing({
      sse: failsAfter(0, 'no-slot'),
      'long-poll': opensAfter(1),
    })
    clock.advance(1_000)
    expect([known.cooldowns, tries()]).toEqual([{}, [1, 1]])
  })

  test('failures count only if something else passes', () => {
    const { clock, known } = climbing({ websocket: failsAfter(1), sse: failsAfter(1) })
    clock.advance(60_000)
    expect(known.cooldowns).toEqual({})
  })

  test('what cools down is tried last where nothing carries', () => {
    const { clock, ladder, known, transports, changes } = climbing({
      websocket: opensAfter(1),
      sse: failsAfter(1),
    })
    ladder.stop()
    known.cooldowns.websocket = { failures: 3, until: clock.wallTime() + 600_000 }
    ladder.setTransports(transports)
    clock.advance(2)
    expect(changes).toEqual(['null: refused', 'websocket: opened'])
  })

  test('a change of the network ends all cool-downs, and is tried at once', () => {
    const { clock, ladder, known, tries } = climbing({
      websocket: failsAfter(1),
      sse: opensAfter(1),
    })
    clock.advance(1_000)
    expect(known.cooldowns.websocket?.failures).toBe(1)
    ladder.onNetworkChange()
    expect([known.cooldowns, tries()]).toEqual([{}, [2, 1]])
  })

  test('a storm of changes of the network ends cool-downs once in ten seconds', () => {
    const { clock, ladder, known, tries, last } = climbing({
      websocket: failsAfter(1),
      sse: opensAfter(1),
    })
    clock.advance(1_000)
    for (let i = 0; i < 99; i++) {
      ladder.onNetworkChange()
      last('sse').hear({})
      clock.advance(100)
    }
    expect(known.cooldowns.websocket?.failures).toBe(1)
    expect(tries()).toEqual([2, 1])
    clock.advance(100)
    ladder.onNetworkChange()
    expect([known.cooldowns, tries()]).toEqual([{}, [3, 1]])
  })
})
