import { expect, onTestFinished, test, vi } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import type { Link } from './transport.ts'
import { takeSlot } from './connection-slot.ts'

type Granted = (lock: object | null) => Promise<void> | undefined | void

/** The locks of a browser, for all its tabs; they are granted when the test has waited. */
function browserWithLocks() {
  const held = new Set<string>()
  vi.stubGlobal('navigator', {
    locks: {
      async request(name: string, _: object, granted: Granted) {
        await undefined
        if (held.has(name)) return granted(null)
        held.add(name)
        await granted({ name })
        held.delete(name)
      },
    },
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  return held
}

const clock = manualClock()
const part: Partial<Link> = { url: 'https://api.example/rungs', clock }
const link = part as Link
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A stream that wants a slot. */
function stream() {
  const told: string[] = []
  const release = takeSlot(link, {
    granted: () => void told.push('granted'),
    refused: () => void told.push('refused'),
  })
  return { told, release }
}

test('four get a slot, the fifth does not, until one is given back', async () => {
  const held = browserWithLocks()
  const streams = Array.from({ length: 5 }, stream)
  await settled()
  expect(streams.map(({ told }) => told)).toEqual([
    ...Array.from({ length: 4 }, () => ['granted']),
    ['refused'],
  ])
  expect(held.size).toBe(4)
  streams[1]!.release()
  await settled()
  const next = stream()
  await settled()
  expect(next.told).toEqual(['granted'])
})

test('what is closed before it has a slot takes none', async () => {
  const held = browserWithLocks()
  const { told, release } = stream()
  release()
  await settled()
  expect([told, held.size]).toEqual([[], 0])
})

test('without locks it has a turn of 25 seconds, again and again', () => {
  vi.stubGlobal('navigator', {})
  onTestFinished(() => void vi.unstubAllGlobals())
  const { told, release } = stream()
  expect(told).toEqual(['granted'])
  clock.advance(25_000)
  expect(told).toEqual(['granted', 'granted'])
  release()
  clock.advance(100_000)
  expect([told.length, clock.pending]).toEqual([2, 0])
})

test('where locks are forbidden it has turns, too', async () => {
  const forbidden = new DOMException('The request was denied.', 'SecurityError')
  vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(forbidden) } })
  onTestFinished(() => void vi.unstubAllGlobals())
  const { told, release } = stream()
  await settled()
  expect(told).toEqual(['granted'])
  release()
})
