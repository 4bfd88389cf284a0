import { expect, onTestFinished, test, vi } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { takeSlot } from './connection-slot.ts'
import { longPoll } from './long-poll.ts'
import type { Link } from './transport.ts'
import { openCarrier } from '../../test/support/carrier.ts'
import { fakeNetwork } from '../../test/support/requests.ts'

/** Tabs of a browser without Web Locks, which share a storage. */
function browser() {
  const items = new Map<string, string>()
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  const clock = manualClock()
  const part: Partial<Link> = { url: 'http://api.example/rungs', clock }
  const stream = () => {
    const told: string[] = []
    const release = takeSlot(part as Link, {
      granted: () => void told.push('granted'),
      refused: () => void told.push('refused'),
    })
    return { told, release }
  }
  return { items, clock, stream }
}

test('of eight tabs four get a slot, for as long as they live', () => {
  const { clock, stream } = browser()
  const streams = Array.from({ length: 8 }, stream)
  clock.advance(50)
  const told = (): string[] => streams.map((each) => each.told.join())
  const expected = [...Array(4).fill('granted'), ...Array(4).fill('refused')] as string[]
  expect(told()).toEqual(expected)
  clock.advance(300_000)
  expect(told()).toEqual(expected)
  streams.forEach(({ release }) => release())
  expect(clock.pending).toBe(0)
})

test('a slot that is given back is for the next, and that of a tab that died too, after a while', () => {
  const { items, clock, stream } = browser()
  const streams = Array.from({ length: 4 }, stream)
  clock.advance(50)
  streams[1]!.release()
  const next = stream()
  clock.advance(50)
  expect(next.told).toEqual(['granted'])

  // The lease of a tab that renews no more.
  const [name] = [...items.keys()]
  streams[0]!.release()
  items.set(name!, JSON.stringify({ holder: 'dead', until: clock.wallTime() + 90_000 }))
  const tooEarly = stream()
  expect(tooEarly.told).toEqual([])
  clock.advance(0)
  expect(tooEarly.told).toEqual(['refused'])
  clock.advance(90_000)
  const last = stream()
  clock.advance(50)
  expect(last.told).toEqual(['granted'])
})

test('a long poll without a slot asks again, until it is closed', () => {
  fakeNetwork()
  const { items, clock: tabs } = browser()
  const { carrier, clock } = openCarrier(longPoll)
  const lease = JSON.stringify({ holder: 'other', until: clock.wallTime() + 15_000 })
  for (const slot of [0, 1, 2, 3]) items.set(`rungs:https://server.example/rungs:${slot}`, lease)
  clock.advance(50)
  carrier.close()
  clock.advance(60_000)
  expect([clock.pending, tabs.pending]).toEqual([0, 0])
})

test('of two tabs that take a slot in the same moment one looks for another', () => {
  const { items, clock, stream } = browser()
  const { told } = stream()
  const [name] = [...items.keys()]
  items.set(name!, JSON.stringify({ holder: 'other', until: clock.wallTime() + 90_000 }))
  clock.advance(50)
  expect(told).toEqual([])
  clock.advance(50)
  expect([told, items.size]).toEqual([['granted'], 2])
})

test('a tab that was frozen for longer than its lease is told that it lost the slot', () => {
  const { items, clock, stream } = browser()
  const { told, release } = stream()
  clock.advance(50)
  const [name] = [...items.keys()]
  const other = JSON.stringify({ holder: 'other', until: clock.wallTime() + 90_000 })
  items.set(name!, other)
  clock.advance(20_000)
  expect(told).toEqual(['granted', 'refused'])
  release()
  expect(items.get(name!)).toBe(other)
})

test.each(['{', 'null', '7', '{"holder":"x","until":1e15}'])(
  'what somebody else wrote counts for nothing: %s',
  (text) => {
    const { items, clock, stream } = browser()
    items.set('rungs:http://api.example/rungs:0', text)
    const { told } = stream()
    clock.advance(50)
    expect([told, items.size]).toEqual([['granted'], 1])
  },
)
