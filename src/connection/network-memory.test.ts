import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { remember } from './network-memory.ts'
import type { Cooldowns } from './candidates.ts'

const SERVER = 'https://api.example/rungs'
const DAY = 86_400_000
const cooldowns: Cooldowns = { websocket: { failures: 2, until: 1_000_500 } }

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
    memory.save(SERVER, { cooldowns, rtt: 48 })
    expect(memory.load(SERVER)).toMatchObject({ cooldowns, rtt: 48 })
    expect(memory.load('https://other.example/rungs')).toEqual({ cooldowns: {}, rtt: 0 })
  })

  test('has the heartbeat that passes, unless it cannot be one', () => {
    const { memory } = page()
    memory.save(SERVER, { cooldowns, rtt: 48, heartbeat: 7_000 })
    expect(memory.load(SERVER)).toEqual({ cooldowns, rtt: 48, heartbeat: 7_000 })
    for (const heartbeat of [999, -1, Infinity, '7000', null] as never[]) {
      memory.save(SERVER, { cooldowns, rtt: 48, heartbeat })
      expect(memory.load(SERVER)).toEqual({ cooldowns, rtt: 48 })
    }
  })

  test('is forgotten after a day', () => {
    const { memory, pass } = page()
    memory.save(SERVER, { cooldowns, rtt: 48 })
    pass(DAY - 1)
    expect(memory.load(SERVER)).toMatchObject({ cooldowns })
    pass(1)
    expect(memory.load(SERVER)).toEqual({ cooldowns: {}, rtt: 0 })
  })

  test.each([
    '{',
    'null',
    '7',
    '{"cooldowns":{}}',
    '{"cooldowns":null,"savedAt":1000000}',
    '{"savedAt":1000000}',
  ])('is nothing where somebody else wrote %s', (text) => {
    const { memory, items } = page()
    items.set(`rungs@${SERVER}`, text)
    expect(memory.load(SERVER)).toEqual({ cooldowns: {}, rtt: 0 })
  })

  test.each([
    ['of the future', { savedAt: 1_000_001 }],
    ['with a negative round trip', { rtt: -1 }],
    ['with a round trip of hours', { rtt: 10_000_000 }],
    ['with a round trip that is no number', { rtt: '48' }],
    ['without a time', { savedAt: undefined }],
  ])('is not trusted %s', (_, wrong) => {
    const { memory, items } = page()
    const record = { cooldowns, rtt: 48, savedAt: 1_000_000, ...wrong }
    items.set(`rungs@${SERVER}`, JSON.stringify(record))
    expect(memory.load(SERVER)).toEqual({ cooldowns: {}, rtt: 0 })
  })

  test.each([
    ['longer than any', { failures: 1, until: 1_000_000 + 600_001 }],
    ['of half a failure', { failures: 0.5, until: 1_000_500 }],
    ['of a text', { failures: 1, until: 'soon' }],
    ['that is no object', 7],
    ['that is null', null],
  ])('has no cool-down %s', (_, wrong) => {
    const { memory, items } = page()
    const record = { cooldowns: { ...cooldowns, sse: wrong }, rtt: 48, savedAt: 1_000_000 }
    items.set(`rungs@${SERVER}`, JSON.stringify(record))
    expect(memory.load(SERVER)).toEqual({ cooldowns, rtt: 48 })
  })

  test.each([
    [2_048, { pad: 2_048 }],
    [4_097, {}],
    ['2048', {}],
  ])('has the padding %j only if it can be true', (pad, learned) => {
    const { memory, items } = page()
    const record = { cooldowns, rtt: 48, pad, savedAt: 1_000_000 }
    items.set(`rungs@${SERVER}`, JSON.stringify(record))
    expect(memory.load(SERVER)).toEqual({ cooldowns, rtt: 48, ...learned })
  })

  test('is nothing where storage is forbidden, or full', () => {
    const { memory } = page({ getItem: forbidden, setItem: forbidden })
    memory.save(SERVER, { cooldowns, rtt: 48 })
    expect(memory.load(SERVER)).toEqual({ cooldowns: {}, rtt: 0 })
  })
})

describe('the first round trip', () => {
  test('is the one in which the page came', () => {
    const { memory } = page({}, [{ requestStart: 10, responseStart: 70 }])
    expect(memory.load(SERVER)).toEqual({ cooldowns: {}, rtt: 60 })
  })

  test.each([
    ['from the cache of the browser', { requestStart: 0, responseStart: 0 }],
    ['an entry without times', {}],
  ])('is not known of %s', (_, entry) => {
    const { memory } = page({}, [entry])
    expect(memory.load(SERVER)).toEqual({ cooldowns: {}, rtt: 0 })
  })
})
