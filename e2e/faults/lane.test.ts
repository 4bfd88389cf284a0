import { expect, test } from 'vitest'
import { Lane, SharedLine } from './lane.mjs'
import { manualClock } from './manual-clock.ts'
import type { Conditions } from './parts.ts'

function setUp(
  start: Partial<Conditions> = {},
  options: { random?: () => number; readyAt?: number } = {},
) {
  const clock = manualClock()
  const arrived: { at: number; what: string }[] = []
  const state = {
    conditions: { delay: 0, jitter: 0, ...start } as Conditions,
    room: true,
    drained: 0,
  }
  const lane = new Lane({
    clock,
    random: () => 0,
    ...options,
    conditions: () => state.conditions,
    onDrain: () => state.drained++,
    outlet: {
      write(chunk) {
        arrived.push({ at: clock.now(), what: chunk.toString() })
        return state.room
      },
      end: () => arrived.push({ at: clock.now(), what: '<end>' }),
      close: () => arrived.push({ at: clock.now(), what: '<close>' }),
    },
  })
  const send = (text: string): boolean => lane.write(Buffer.from(text))
  const text = (): string => arrived.map(({ what }) => what).join('')
  return { clock, arrived, state, lane, send, text }
}

test('without faults, bytes pass at once', () => {
  const { send, lane, arrived } = setUp()
  send('a')
  lane.end()
  expect(arrived).toEqual([
    { at: 0, what: 'a' },
    { at: 0, what: '<end>' },
  ])
})

test('everything arrives after the delay, closings too', () => {
  const { send, lane, arrived, clock } = setUp({ delay: 50 })
  send('a')
  clock.pass(20)
  send('b')
  lane.end()
  lane.close()
  clock.pass(1000)
  expect(arrived.map(({ at, what }) => `${at} ${what}`)).toEqual([
    '50 a',
    '70 b',
    '70 <end>',
    '70 <close>',
  ])
})

test('nothing leaves before the lane is ready', () => {
  const { send, arrived, clock } = setUp({ delay: 10 }, { readyAt: 100 })
  send('a')
  clock.pass(200)
  send('b')
  clock.pass(100)
  expect(arrived.map(({ at, what }) => `${at} ${what}`)).toEqual(['110 a', '210 b'])
})

test('jitter never reorders', () => {
  const draws = [0.9, 0, 0.5, 0]
  const { send, arrived, clock } = setUp(
    { delay: 10, jitter: 100 },
    { random: () => draws.shift() ?? 0 },
  )
  for (const letter of 'abcd') {
    send(letter)
    clock.pass(1)
  }
  clock.pass(1000)
  expect(arrived.map(({ at, what }) => `${at} ${what}`)).toEqual([
    '100 a',
    '100 b',
    '100 c',
    '100 d',
  ])
})

test('a shorter delay lets nothing overtake', () => {
  const { send, state, clock, arrived } = setUp({ delay: 100 })
  send('a')
  state.conditions = { delay: 0, jitter: 0 }
  send('b')
  clock.pass(100)
  expect(arrived.map(({ at, what }) => `${at} ${what}`)).toEqual(['100 a', '100 b'])
})

test('the bandwidth is kept, and shared', () => {
  const line = new SharedLine(1000)
  const [one, other] = [setUp({ bottleneck: line }), setUp({ bottleneck: line })]
  one.send('x'.repeat(500))
  other.send('y'.repeat(500))
  for (let ms = 0; ms < 500; ms++) {
    one.clock.pass(1)
    other.clock.pass(1)
  }
  expect(one.text().length + other.text().length).toBe(500)
  expect([240, 260], 'turns are taken by slices of 20 bytes').toContain(one.text().length)
  for (let ms = 0; ms < 500; ms++) {
    one.clock.pass(1)
    other.clock.pass(1)
  }
  expect([one.text(), other.text()]).toEqual(['x'.repeat(500), 'y'.repeat(500)])
})

test('bandwidth and delay add up', () => {
  const { send, clock, text } = setUp({ delay: 100, bottleneck: new SharedLine(1000) })
  send('x'.repeat(200))
  clock.pass(299)
  expect(text().length).toBe(180)
  clock.pass(1)
  expect(text().length).toBe(200)
})

test('an end does not overtake bytes that wait for bandwidth', () => {
  const { send, lane, state, clock, text } = setUp({ bottleneck: new SharedLine(10) })
  send('abc')
  lane.end()
  clock.pass(150)
  expect(text()).toBe('a')
  state.conditions = { delay: 0, jitter: 0 }
  lane.update()
  clock.pass(100)
  expect(text()).toBe('abc<end>')
})

test('nothing is delivered while the outlet is full', () => {
  const { send, lane, state, text } = setUp()
  state.room = false
  send('a')
  send('b')
  expect(text()).toBe('a')
  state.room = true
  lane.resume()
  expect(text()).toBe('ab')
})

test('memory is bounded: write says when it is full, and onDrain when it is not', () => {
  const { lane, state, clock } = setUp({ delay: 1000 })
  let sent = 0
  while (lane.write(Buffer.alloc(10_000))) sent += 10_000
  expect(sent).toBeGreaterThan(1_048_576)
  expect(sent).toBeLessThan(1_048_576 + 65_536 + 20_000)
  expect(state.drained).toBe(0)
  clock.pass(1000)
  expect(state.drained).toBe(1)
})

test('a silence holds, and its end delivers', () => {
  const { send, lane, text } = setUp()
  lane.hold()
  lane.hold()
  send('a')
  lane.end()
  lane.release()
  expect(text()).toBe('')
  lane.release()
  expect(text()).toBe('a<end>')
})

test('what is lost is lost for ever, and does not block the sender', () => {
  const { send, lane, text, state } = setUp()
  lane.hold()
  while (send('x'.repeat(50_000)));
  lane.lose()
  expect(state.drained).toBe(1)
  expect(send('x'.repeat(5_000_000))).toBe(true)
  lane.close()
  lane.release()
  expect(text()).toBe('')
})

test('an outlet that calls back cannot make items overtake', () => {
  const seen: string[] = []
  const lane: Lane = new Lane({
    conditions: () => ({ delay: 0, jitter: 0 }),
    outlet: {
      write(chunk) {
        if (chunk.toString() === 'a') lane.write(Buffer.from('b'))
        seen.push(chunk.toString())
        return true
      },
      end: () => seen.push('<end>'),
      close: () => seen.push('<close>'),
    },
  })
  lane.write(Buffer.from('a'))
  lane.end()
  expect(seen).toEqual(['a', 'b', '<end>'])
})
