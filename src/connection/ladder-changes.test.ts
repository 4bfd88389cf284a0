import { describe, expect, test } from 'vitest'
import { climbing } from '../../test/support/ladder.ts'
import { both, failsAfter, opensAfter } from '../../test/support/transports.ts'
import type { Link } from '../transports/transport.ts'

const mute = (): void => {}

describe('changing the ladder', () => {
  test('what carries goes on until the new one has proven itself', () => {
    const { clock, ladder, transports, changes, last, alive } = climbing({
      websocket: opensAfter(1),
      sse: opensAfter(10),
    })
    clock.advance(1)
    ladder.setTransports([transports[1]!])
    clock.advance(9)
    expect([changes, alive()]).toEqual([['websocket: opened'], ['websocket', 'sse']])
    clock.advance(1)
    expect([changes.at(-1), alive()]).toEqual(['sse: preferred', ['sse']])
    last('websocket').on.closed('late news of the old one')
    expect(changes.length).toBe(2)
  })

  test('what carries goes on as long as the new ones fail', () => {
    const { clock, ladder, transports, changes, alive } = climbing({
      websocket: opensAfter(1),
      sse: failsAfter(1),
    })
    clock.advance(1)
    ladder.setTransports([transports[1]!])
    clock.advance(1_000)
    expect(changes).toEqual(['websocket: opened', 'websocket: refused'])
    expect(alive()).toEqual(['websocket'])
  })

  test('cool-downs are over, for who changes the ladder wants to see it climbed', () => {
    const { clock, ladder, transports, known, tries } = climbing({
      websocket: failsAfter(1),
      sse: opensAfter(1),
    })
    clock.advance(1_000)
    expect(Object.keys(known.cooldowns)).toEqual(['websocket'])
    ladder.setTransports(transports)
    expect([known.cooldowns, tries()]).toEqual([{}, [2, 1]])
  })

  test('an attempt under way is given up', () => {
    const { ladder, transports, alive } = climbing({ websocket: mute, sse: mute })
    ladder.setTransports([transports[1]!])
    expect(alive()).toEqual(['sse'])
  })

  test('when the old one dies while the new one is tried, the new one goes on', () => {
    const { clock, ladder, transports, changes, last, tries } = climbing({
      websocket: opensAfter(1),
      sse: opensAfter(10),
    })
    clock.advance(1)
    ladder.setTransports([transports[1]!])
    last('websocket').fail('cut')
    clock.advance(1_000)
    expect(changes).toEqual(['websocket: opened', 'null: cut', 'sse: opened'])
    expect(tries()).toEqual([1, 1])
  })

  test('when the old one dies while the new ones wait to be tried again, they wait on', () => {
    const { clock, ladder, transports, changes, last, tries } = climbing({
      websocket: opensAfter(1),
      sse: failsAfter(1),
    })
    clock.advance(6_000)
    ladder.setTransports([transports[1]!])
    clock.advance(1)
    last('websocket').fail('cut')
    expect([changes.at(-1), tries()]).toEqual(['null: cut', [1, 1]])
    clock.advance(250)
    expect(tries()).toEqual([1, 2])
  })
})

describe('links that come later', () => {
  type Given = { use(link: Link): void; fail(reason: string): void }

  function asking(rungs: Parameters<typeof climbing>[0]) {
    const given: Given[] = []
    return { ...climbing(rungs, (use, fail) => void given.push({ use, fail })), given }
  }

  test('nothing is opened before its link is there', () => {
    const { clock, given, link, tries, changes } = asking({ websocket: opensAfter(1) })
    clock.advance(4_000)
    expect(tries()).toEqual([0])
    given[0]!.use(link())
    clock.advance(1)
    expect(changes).toEqual(['websocket: opened'])
  })

  test('a refused link fails the rung', () => {
    const { given, changes } = asking({ websocket: mute, sse: mute })
    given[0]!.fail('auth: no')
    expect([changes, given.length]).toEqual([['null: auth: no'], 2])
  })

  test('the deadline begins when the link is there', () => {
    const { clock, given, link, changes } = asking({ websocket: mute })
    clock.advance(60_000)
    given[0]!.use(link())
    clock.advance(4_999)
    expect(changes).toEqual([])
    clock.advance(1)
    expect(changes).toEqual(['null: deadline'])
  })

  test('a link that comes after the ladder was changed opens nothing', () => {
    const { ladder, transports, given, link, tries, changes } = asking({
      websocket: mute,
      sse: mute,
    })
    ladder.setTransports([transports[1]!])
    given[0]!.use(link())
    given[0]!.fail('late')
    expect([tries(), changes]).toEqual([[0, 0], []])
  })

  test('a link that comes after the end opens nothing', () => {
    const { clock, ladder, given, link, tries, changes } = asking({ websocket: mute, sse: mute })
    ladder.stop()
    given[0]!.use(link())
    given[0]!.fail('late')
    expect([tries(), changes, clock.pending]).toEqual([[0, 0], [], 0])
  })
})

describe('letting go', () => {
  test('what carries says goodbye, and what is tried goes silently', () => {
    const { clock, ladder, transports, last, released } = climbing({
      websocket: opensAfter(1),
      sse: mute,
    })
    clock.advance(1)
    ladder.setTransports([transports[1]!])
    ladder.stop('[0]')
    expect(last('websocket').closed).toEqual({ bye: '[0]' })
    expect(last('sse').closed).toBe('silently')
    expect([released(), clock.pending]).toEqual([2, 0])
  })

  test('what is tried says goodbye where nothing carries', () => {
    const { clock, ladder, last } = climbing({ websocket: mute })
    ladder.stop('[0]')
    expect([last('websocket').closed, clock.pending]).toEqual([{ bye: '[0]' }, 0])
  })

  test('nothing is tried any more', () => {
    const { clock, ladder, tries, changes } = climbing({ websocket: failsAfter(1) })
    clock.advance(1)
    ladder.stop()
    ladder.wake()
    clock.advance(100_000)
    expect([tries(), changes]).toEqual([[1], ['null: refused']])
  })

  test('a restart begins again at the top, with a new carrier', () => {
    const { clock, ladder, changes, tries, alive } = climbing({ websocket: opensAfter(1) })
    clock.advance(10_000)
    ladder.restart('page-cache')
    expect([changes.at(-1), alive()]).toEqual(['null: page-cache', ['websocket']])
    clock.advance(1)
    expect([alive(), tries()]).toEqual([['websocket'], [2]])
    expect(changes.at(-1)).toBe('websocket: opened')
  })

  test('a restart says that nothing carries even if everything was closed before', () => {
    const { clock, ladder, changes } = climbing({ websocket: opensAfter(1) })
    clock.advance(10_000)
    ladder.stop()
    ladder.restart('page-cache')
    expect(changes).toEqual(['websocket: opened', 'null: page-cache'])
  })

  test('a server that has answered is not waited for, unless restarts follow each other', () => {
    const { clock, ladder, tries } = climbing({ websocket: opensAfter(1) })
    clock.advance(100)
    ladder.restart('reset')
    expect(tries()).toEqual([2])
    for (const [round, delay] of [125, 250, 500].entries()) {
      clock.advance(100)
      ladder.restart('reset')
      clock.advance(delay - 1)
      expect(tries()).toEqual([round + 2])
      clock.advance(1)
      expect(tries()).toEqual([round + 3])
    }
    clock.advance(10_000)
    ladder.restart('reset')
    expect(tries()).toEqual([6])
  })

  test('where several servers answer that do not know each other, one carrier opens at a time, and no exchange beside', () => {
    const { clock, ladder, tries, changes } = climbing({
      websocket: failsAfter(1_000),
      sse: both(opensAfter(100), failsAfter(10_000)),
      'long-poll': opensAfter(1),
    })
    const before = tries()
    ladder.restart('reset', true)
    clock.advance(999)
    expect(tries().map((count, place) => count - before[place]!)).toEqual([1, 0, 0])
    clock.advance(101)
    expect(tries().map((count, place) => count - before[place]!)).toEqual([1, 1, 0])
    expect(changes.at(-1)).toBe('sse: opened')
  })

  test('a carrier that meets a server without the session fails alone, and its transport is not to blame', () => {
    const { clock, ladder, known, changes, last, transports } = climbing({
      websocket: mute,
      'long-poll': opensAfter(1),
    })
    clock.advance(10)
    last('websocket').hear({ end: ['gone', 'unknown', 'reset'] })
    expect([changes.at(-1), known.cooldowns]).toEqual(['long-poll: unknown', {}])
    expect(ladder.attempts.map(({ reason }) => reason)).toEqual([undefined, 'unknown'])
    expect(transports[0]!.attempts.length).toBe(1)
  })

  test('a restart after an outage does not wait as the outage did', () => {
    const { clock, ladder, tries, transports } = climbing({ websocket: failsAfter(1) })
    clock.advance(120_000)
    const [before] = tries()
    ladder.restart('reset')
    expect(tries()).toEqual([before! + 1])
    expect(transports[0]!.attempts.length).toBeGreaterThan(20)
  })
})

describe('a listener that acts on what it is told', () => {
  test.each([
    ['while trying', failsAfter(1), 1],
    ['after a short life', both(opensAfter(1), failsAfter(100)), 100],
    ['after a long life', both(opensAfter(1), failsAfter(10_000)), 10_000],
  ])('can stop it for good %s', (_, script, ms) => {
    const test = climbing({ websocket: script, sse: mute })
    test.listener = (transport) => {
      if (!transport) test.ladder.stop()
    }
    test.clock.advance(ms)
    expect([test.alive(), test.clock.pending]).toEqual([[], 0])
  })

  test('can stop it for good when it restarts', () => {
    const test = climbing({ websocket: opensAfter(1) })
    test.clock.advance(10_000)
    test.listener = () => test.ladder.stop()
    test.ladder.restart('reset')
    expect([test.alive(), test.clock.pending]).toEqual([[], 0])
  })

  test('can stop it for good when it opens', () => {
    const test = climbing({ websocket: opensAfter(1) })
    test.listener = () => test.ladder.stop('[0]')
    test.clock.advance(1)
    expect(test.last('websocket').closed).toEqual({ bye: '[0]' })
    expect(test.clock.pending).toBe(0)
  })

  test('can change the ladder, and leaves no second attempt behind', () => {
    const test = climbing({ websocket: failsAfter(1), sse: mute, 'long-poll': mute })
    test.listener = () => test.ladder.setTransports(test.transports.slice(1))
    test.clock.advance(1)
    expect([test.alive(), test.tries()]).toEqual([
      ['sse', 'long-poll'],
      [1, 1, 2],
    ])
    test.last('sse').ready()
    expect(test.changes).toEqual(['null: refused', 'sse: opened'])
  })
})
