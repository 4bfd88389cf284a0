import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createMessage } from '../protocol.ts'
import { resume } from './storage.ts'
import type { SavedSession } from './saved.ts'

/** A page like no other. */
const page = (generation: number): SavedSession['page'] => [
  generation,
  expect.stringMatching(/^[\da-z]{28}$/) as string,
]

/** A `sessionStorage`, or one that throws what the browser throws. */
function storage(failing: { read?: boolean; write?: boolean } = {}): Map<string, string> {
  const items = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem(name: string) {
      if (failing.read) throw new DOMException('not here', 'SecurityError')
      return items.get(name) ?? null
    },
    setItem(name: string, value: string) {
      if (failing.write) throw new DOMException('full', 'QuotaExceededError')
      items.set(name, value)
    },
    removeItem: (name: string) => void items.delete(name),
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  return items
}

const saved = (...data: readonly unknown[]): SavedSession => ({
  key: '0123456789abcdef0123456789abcdef',
  epoch: 'e',
  page: [3, 'holder'],
  position: [7, 'tag'],
  accepted: 5,
  log: data.map((each) => createMessage(each, ['bob'])!),
})

test('what was kept is what is taken', () => {
  storage()
  const kept = saved('a', { b: [1, null] }, '', 'naïve')
  expect(resume().put(kept)).toBe(true)
  expect(resume().take()).toEqual({ ...kept, page: page(4) })
})

test('binary and lone surrogates survive', () => {
  storage()
  const kept = saved(new Uint8Array([0, 1, 255]), new Uint8Array(0), '\ud800', ['\udfff'])
  resume().put(kept)
  expect(resume().take()).toEqual({ ...kept, page: page(4) })
})

test('every message survives, with its size and whom it is for', () => {
  storage()
  const text = fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((units) => String.fromCharCode(...units))
  const data = fc.oneof(text, fc.jsonValue(), fc.uint8Array())
  fc.assert(
    fc.property(fc.array(data), (all) => {
      const kept = saved(...all)
      resume().put(kept)
      expect(resume().take()).toEqual({ ...kept, page: page(4) })
    }),
  )
})

test('each reload is one generation later, and has a holder of its own', () => {
  storage()
  const holders = new Set<string>()
  let taken = resume().take()
  for (let generation = 0; generation < 4; generation++) {
    expect(taken.page).toEqual(page(generation))
    holders.add(taken.page[1])
    resume().put({ ...saved(), page: taken.page })
    taken = resume().take()
  }
  expect(holders.size).toBe(4)
})

test('a stored session is removed when it is read: a copy of the tab that comes later finds nothing', () => {
  const items = storage()
  resume().put(saved())
  resume().take()
  expect([items.size, resume().take()]).toEqual([0, { page: page(0) }])
})

test('every name has its own session', () => {
  storage()
  resume('chat').put(saved('chat'))
  expect(resume('game').take()).toEqual({ page: page(0) })
  expect(resume().take()).toEqual({ page: page(0) })
  expect(resume('chat').take()).toEqual({ ...saved('chat'), page: page(4) })
})

describe('there is nothing to resume', () => {
  test('where nothing was kept', () => {
    storage()
    expect(resume().take()).toEqual({ page: page(0) })
  })

  test('where storage is forbidden', () => {
    storage({ read: true })
    expect(resume().take()).toEqual({ page: page(0) })
  })

  test('where there is no storage at all', () => {
    vi.stubGlobal('sessionStorage', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(resume().take()).toEqual({ page: page(0) })
    expect(resume().put(saved())).toBe(false)
  })

  test.each(['', 'nonsense', '{"log":', 'null', '5', '"text"', '{}', '{"log":5}'])(
    'where somebody else has written %j, which is removed',
    (text) => {
      const items = storage()
      items.set('rungs:default', text)
      expect(resume().take()).toEqual({ page: page(0) })
      expect(items.size).toBe(0)
    },
  )
})

test('full storage is told', () => {
  storage({ write: true })
  expect(resume().put(saved('a'))).toBe(false)
})
