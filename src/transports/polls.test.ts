import { describe, expect, test } from 'vitest'
import { openCarrier } from '../../test/support/carrier.ts'
import { fakeNetwork } from '../../test/support/requests.ts'
import type { Down } from '../protocol.ts'
import { longPoll } from './long-poll.ts'
import { shortPoll } from './short-poll.ts'

const ready = (accepted: number): Down => ({ ready: 1, ack: [accepted, accepted, 0] })
const message: Down = { ready: 1, ack: [0, 0, 1], batch: [1, [['down']]] }

describe('long-poll', () => {
  test('opens with an exchange that is answered at once, and waits from then on', () => {
    const { requests } = fakeNetwork()
    const { packets } = openCarrier(longPoll)
    expect(requests.map(({ up }) => up.answer)).toEqual(['now'])
    requests[0]!.answer(ready(0))
    requests[1]!.answer(message)
    expect(requests.map(({ up }) => up.answer)).toEqual(['now', 'wait', 'wait'])
    expect(packets).toEqual([ready(0), message])
  })

  test('tells with every wait how far it knows its log up to be accepted', () => {
    const { requests } = fakeNetwork()
    const { send } = openCarrier(longPoll)
    requests[0]!.answer(ready(0))
    send('a')
    requests[1]!.answer(ready(1))
    expect(requests.map(({ up }) => up.accepted)).toEqual([undefined, undefined, 1])
  })

  test('sends beside the exchange that waits', () => {
    const { requests } = fakeNetwork()
    const { send, carrier } = openCarrier(longPoll)
    requests[0]!.answer(ready(0))
    send('a')
    carrier.flush()
    expect(requests.map(({ up }) => up.batch)).toEqual([undefined, undefined, [1, [['a']]]])
  })

  test('sends nothing beside the exchange that opens, which might be overtaken', () => {
    const { requests } = fakeNetwork()
    const { send, carrier } = openCarrier(longPoll)
    send('a')
    carrier.flush()
    expect(requests.length).toBe(1)
    requests[0]!.answer(ready(0))
    expect(requests.map(({ up }) => up.batch)).toEqual([undefined, undefined, [1, [['a']]]])
  })

  test('makes no further exchange when it is closed for what it has heard', () => {
    const { requests } = fakeNetwork()
    const { carrier } = openCarrier(longPoll, undefined, { packet: () => carrier.close() })
    requests[0]!.answer(ready(0))
    expect(requests.length).toBe(1)
  })

  test('waits for less after a proxy has cut a wait', () => {
    const { requests } = fakeNetwork()
    const { clock, ends } = openCarrier(longPoll)
    requests[0]!.answer(ready(0))
    clock.advance(3_000)
    requests[1]!.breaks()
    expect(ends).toEqual([])
    expect(requests.map(({ up }) => up.within)).toEqual([undefined, undefined, 2_400])
    clock.advance(2_400)
    requests[2]!.answer(ready(0))
    expect(requests[3]!.up.within).toBe(2_400)
  })

  test('is a short poll where no connection is to spare', async () => {
    const { requests } = fakeNetwork()
    const locks = {
      request: async (_: string, __: object, granted: (lock: null) => void) => granted(null),
    }
    Object.assign(navigator, { locks })
    const { clock } = openCarrier(longPoll)
    requests[0]!.answer(ready(0))
    clock.advance(150)
    expect(requests.map(({ up }) => up.answer)).toEqual(['now', 'now'])
  })

  test('asks again for a connection to spare, and waits once it has one', () => {
    const { requests } = fakeNetwork()
    let isFree = false
    const locks = {
      async request(_: string, __: object, granted: (lock: object | null) => Promise<void>) {
        await granted(isFree ? {} : null)
      },
    }
    Object.assign(navigator, { locks })
    const { clock } = openCarrier(longPoll)
    requests[0]!.answer(ready(0))
    clock.advance(9_000)
    isFree = true
    expect(requests.map(({ up }) => up.answer)).not.toContain('wait')
    clock.advance(1_000)
    requests.at(-1)!.answer(ready(0))
    expect(requests.at(-1)!.up.answer).toBe('wait')
  })

  test('pauses if a wait is answered at once without news, longer each time', () => {
    const { requests } = fakeNetwork()
    const { clock } = openCarrier(longPoll)
    for (let answered = 0; clock.now() < 1_060_000; clock.advance(50)) {
      for (; answered < requests.length; answered++) requests[answered]!.answer(ready(0))
    }
    expect(requests.length).toBeLessThan(30)
  })

  test('pauses if a wait is answered at once with what it knows, as by a cache on the way', () => {
    const { requests } = fakeNetwork()
    const { clock } = openCarrier(longPoll)
    const again: Down = { ready: 1, ack: [0, 0, 2, 0, 70_000], batch: [1, [['one']]] }
    for (let answered = 0; clock.now() < 1_060_000; clock.advance(50)) {
      for (const { length } = requests; answered < length; answered++)
        requests[answered]!.answer(again)
    }
    expect(requests.length).toBeLessThan(30)
  })

  test('ends when its wait fails', () => {
    const { requests } = fakeNetwork()
    const { ends } = openCarrier(longPoll)
    requests[0]!.answer(ready(0))
    requests[1]!.breaks()
    expect(ends).toEqual(['unreachable'])
  })
})

describe('short-poll', () => {
  test('asks ever more seldom while nothing flows, and often again when something does', () => {
    const { requests } = fakeNetwork()
    const { clock } = openCarrier(shortPoll)
    const pauses: number[] = []
    const pause = (answer: Down): void => {
      const asked = requests.length
      requests.at(-1)!.answer(answer)
      let ms = 0
      for (; requests.length === asked; ms++) clock.advance(1)
      pauses.push(ms)
    }
    for (let i = 0; i < 11; i++) pause(ready(0))
    pause(message)
    expect(pauses).toEqual([150, 225, 338, 507, 760, 1_140, 1_709, 2_563, 3_845, 5_000, 5_000, 100])
  })

  test('sends at once what is to be sent', () => {
    const { requests } = fakeNetwork()
    const { send, carrier } = openCarrier(shortPoll)
    requests[0]!.answer(ready(0))
    send('a')
    carrier.flush()
    expect(requests.map(({ up }) => [up.answer, up.batch])).toEqual([
      ['now', undefined],
      ['now', [1, [['a']]]],
    ])
  })

  test('asks on at once while an answer was too small for all that waits', () => {
    const { requests } = fakeNetwork()
    const { clock } = openCarrier(shortPoll)
    requests[0]!.answer({ ready: 1, ack: [0, 0, 2, 0, 70_000], batch: [1, [['one']]] })
    clock.advance(0)
    requests[1]!.answer({ ready: 1, ack: [0, 0, 2], batch: [2, [['two']]] })
    clock.advance(99)
    expect(requests.length).toBe(2)
  })

  test('makes one exchange at a time', () => {
    const { requests } = fakeNetwork()
    const { send, carrier, clock } = openCarrier(shortPoll)
    send('a')
    carrier.flush()
    clock.advance(60_000)
    expect(requests.length).toBe(1)
    requests[0]!.answer(ready(0))
    clock.advance(0)
    expect(requests[1]!.up.batch).toEqual([1, [['a']]])
  })

  test('asks no more when it is closed', () => {
    const { requests } = fakeNetwork()
    const { carrier, clock } = openCarrier(shortPoll)
    requests[0]!.answer(ready(0))
    carrier.close()
    clock.advance(60_000)
    expect([requests.length, clock.pending]).toEqual([1, 0])
  })
})
