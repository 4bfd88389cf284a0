/** Nothing passes for a long time: what is tried meanwhile, and how soon messages flow again. */
import { describe, expect, test } from 'vitest'
import { climbing, type Rungs } from '../../test/support/ladder.ts'
import { failsAfter, opensAfter, type Script } from '../../test/support/transports.ts'

const mute: Script = () => {}

/** A network that is down until the test says otherwise. */
function network(down: Script) {
  let isDown = true
  const script: Script = (attempt) => (isDown ? down : opensAfter(50))(attempt)
  const rungs: Rungs = { websocket: script, sse: script, 'long-poll': script, 'short-poll': script }
  return Object.assign(climbing(rungs), { comesBack: () => void (isDown = false) })
}

describe('while connections are refused', () => {
  test('an attempt is one cheap request, and now and then the whole ladder', () => {
    const { clock, tries } = network(failsAfter(1))
    clock.advance(10)
    expect(tries()).toEqual([1, 1, 1, 1])
    const rounds: number[][] = []
    for (let before = tries(); rounds.length < 8; clock.advance(5)) {
      const now = tries()
      if (now[3] !== before[3]) rounds.push(now.map((count, index) => count - before[index]!))
      before = now
      clock.advance(5)
    }
    expect(rounds.map((round) => round[3])).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    expect(tries()[0]).toBeGreaterThan(1)
    expect(tries()[0]).toBeLessThanOrEqual(4)
  })

  test('each failure of a race leaves the delay before the next one as it was drawn', () => {
    const { clock, tries } = climbing({
      websocket: failsAfter(40),
      sse: failsAfter(30),
      'long-poll': failsAfter(20),
      'short-poll': failsAfter(10),
    })
    // The last transport starts at 40 ms, when the delay is drawn, and fails 20 ms later.
    clock.advance(40 + 124)
    expect(tries()).toEqual([1, 1, 1, 1])
    clock.advance(1)
    expect(tries()).toEqual([1, 1, 1, 2])
  })

  test('a visible page is back five seconds after the end at the latest, whatever chance says', () => {
    for (const chance of [0.01, 0.3, 0.7, 0.999]) {
      const { clock, changes, comesBack } = network(failsAfter(1))
      clock.chances = [chance]
      clock.advance(120_000)
      comesBack()
      clock.advance(5_000)
      expect(changes.filter((change) => change.includes('opened'))).toHaveLength(1)
    }
  })

  test('a hidden page waits for half a minute at most, and tries at once when it is seen', () => {
    const test = network(failsAfter(1))
    test.clock.chances = [0.999]
    test.isVisible = false
    test.clock.advance(600_000)
    const [before] = test.tries().slice(-1)
    test.clock.advance(29_000)
    expect(test.tries().at(-1)! - before!).toBeLessThanOrEqual(1)
    test.isVisible = true
    test.comesBack()
    test.ladder.wake()
    test.clock.advance(51)
    expect(test.changes.at(-1)).toContain('opened')
  })

  test('the better transports are tried as soon as one request has got through', () => {
    const { clock, changes, comesBack } = network(failsAfter(1))
    clock.advance(120_000)
    comesBack()
    clock.advance(5_200)
    expect(changes.filter((change) => /opened|preferred/.test(change))[0]).toBe(
      'short-poll: opened',
    )
    expect(changes.at(-1)).toBe('websocket: preferred')
  })

  test('where the cheap request cools down, the whole ladder is tried each time', () => {
    const { clock, known, tries } = network(failsAfter(1))
    known.cooldowns['short-poll'] = { failures: 3, until: clock.wallTime() + 600_000 }
    known.cooldowns['long-poll'] = { failures: 3, until: clock.wallTime() + 600_000 }
    clock.advance(60_000)
    const [first, , , fourth] = tries()
    expect(first).toBe(fourth)
  })
})

describe('while nothing is answered', () => {
  test('another request goes out about every second, and two hang at most', () => {
    const { clock, transports, tries } = network(mute)
    clock.advance(60_000)
    const polls = transports[3]!.attempts
    expect(tries()[3]).toBeGreaterThan(40)
    expect(tries()[3]).toBeLessThan(70)
    expect(polls.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(2)
  })

  test('the oldest request keeps the time that a slow line needs', () => {
    const { clock, transports } = network(mute)
    clock.advance(4_900)
    expect(transports[3]!.attempts[0]!.closed).toBe(false)
    expect(transports[3]!.attempts.length).toBeGreaterThan(3)
  })

  test('a visible page is back a second and a half after the end at the latest', () => {
    for (const chance of [0, 0.5, 0.999]) {
      const { clock, changes, comesBack } = network(mute)
      clock.chances = [chance]
      clock.advance(120_000)
      comesBack()
      clock.advance(1_500)
      expect(changes.filter((change) => change.includes('opened')).length).toBeGreaterThan(0)
    }
  })

  test('a slow line is given the time of its bytes between two requests', () => {
    const { clock, session, tries } = network(mute)
    session.uploadTime = 7_500
    clock.advance(8_000)
    expect(tries()[3]).toBe(1)
  })

  test('an answer that is on its way is not disturbed, and its attempt not given up', () => {
    const { clock, last, tries, changes } = network(mute)
    clock.advance(500)
    const poll = last('short-poll')
    for (let seconds = 0; seconds < 20; seconds += 0.5) {
      poll.on.progress()
      clock.advance(500)
    }
    expect([tries()[3], poll.closed]).toEqual([1, false])
    poll.ready()
    expect(changes.at(-1)).toBe('short-poll: opened')
  })
})

test('a server with many clients spreads their return', () => {
  const { clock, session, last, tries } = network(opensAfter(1))
  clock.advance(1_000)
  session.retryBounds = [10_000, 30_000]
  const [before] = tries()
  last('websocket').fail('closed-1006')
  clock.advance(19_999)
  expect(tries()[0]).toBe(before)
  clock.advance(1)
  expect(tries()[0]).toBe(before! + 1)
})
