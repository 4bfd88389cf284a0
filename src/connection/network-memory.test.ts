import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { remember } from './network-memory.ts'
import type { Scores } from './candidates.ts'

const SERVER = 'https://api.example/rungs'
const DAY = 86_400_000
const scores: Scores = { websocket: [2, 1_000_500] }

/** A page with storage, or one that forbids it, that was loaded in so many milliseconds. */
function page(storage: Partial<Storage> = {}, entries: readonly object[] = []) {
  const items = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, text: string) => void items.set(name, text),
    ...storage,
  })
  vi.stubGlobal('performance', { getEntriesByType: () => entries })
  onTestFinished(() => void vi.unstubAllGlobals())
  let now = 1_000_000
  return { items, memory: remember(() => now), pass: (ms: number) => void (now += ms) }
}

const forbidden = (): never => {
  throw new DOMException('The operation is insecure.', 'SecurityError')
}

describe('what is known of a network', () => {
  test('is there on the next page, for the same server only', () => {
    const { memory } = page()
    memory.save(SERVER, { scores, rtt: 48 })
    expect(memory.load(SERVER)).toMatchObject({ scores, rtt: 48 })
    expect(memory.load('https://other.example/rungs')).toEqual({ scores: {}, rtt: 0 })
  })

  test('is forgotten after a day', () => {
    const { memory, pass } = page()
    memory.save(SERVER, { scores, rtt: 48 })
    pass(DAY - 1)
    expect(memory.load(SERVER)).toMatchObject({ scores })
    pass(1)
    expect(memory.load(SERVER)).toEqual({ scores: {}, rtt: 0 })
  })

  test.each([
    '{',
    'null',
    '7',
    '{"scores":{}}',
    '{"scores":null,"saved":1000000}',
    '{"saved":1000000}',
  ])('is nothing where somebody else wrote %s', (text) => {
    const { memory, items } = page()
    items.set(`rungs@${SERVER}`, text)
    expect(memory.load(SERVER)).toEqual({ scores: {}, rtt: 0 })
  })

  test('is nothing where storage is forbidden, or full', () => {
    const { memory } = page({ getItem: forbidden, setItem: forbidden })
    memory.save(SERVER, { scores, rtt: 48 })
    expect(memory.load(SERVER)).toEqual({ scores: {}, rtt: 0 })
  })
})

describe('the first round trip', () => {
  test('is the one in which the page came', () => {
    const { memory } = page({}, [{ requestStart: 10, responseStart: 70 }])
    expect(memory.load(SERVER)).toEqual({ scores: {}, rtt: 60 })
  })

  test.each([
    ['from the cache of the browser', { requestStart: 0, responseStart: 0 }],
    ['an entry without times', {}],
  ])('is not known of %s', (_, entry) => {
    const { memory } = page({}, [entry])
    expect(memory.load(SERVER)).toEqual({ scores: {}, rtt: 0 })
  })
})
