import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser, hurried } from '../test/support/browser.ts'
import { fakeNetwork } from '../test/support/requests.ts'
import { fakeTransport } from '../test/support/transports.ts'
import { RungsError, connect, detect } from './index.ts'

/** Whatever a module could touch when it is imported. */
const GLOBALS = [
  'window document navigator location crypto sessionStorage localStorage',
  'addEventListener setTimeout setInterval queueMicrotask requestAnimationFrame',
  'WebSocket EventSource XMLHttpRequest fetch postMessage MessageChannel Worker',
].flatMap((line) => line.split(' '))

test.each(['./index.ts', './core.ts'])('importing %s does nothing', async (entry) => {
  await import(entry)
  vi.resetModules()
  const touched: string[] = []
  for (const name of GLOBALS) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name)
    const value = (globalThis as Record<string, unknown>)[name]
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() {
        // Whoever runs this test may use timers meanwhile.
        if (new Error('who').stack?.includes('/src/')) touched.push(name)
        return value
      },
    })
    onTestFinished(() => {
      if (before) Object.defineProperty(globalThis, name, before)
      else Reflect.deleteProperty(globalThis, name)
    })
  }
  const names = Object.getOwnPropertyNames(globalThis)
  await import(entry)
  expect(touched).toEqual([])
  expect(Object.getOwnPropertyNames(globalThis)).toEqual(names)
})

describe('detect', () => {
  const NEEDS = {
    websocket: 'WebSocket',
    sse: 'EventSource',
    'long-poll': 'XMLHttpRequest',
    'short-poll': 'XMLHttpRequest',
    'forever-iframe': 'MessageChannel',
  } as const
  const needed = [...new Set(Object.values(NEEDS))]

  function browserWith(names: readonly string[]): void {
    fakeBrowser()
    for (const name of needed) vi.stubGlobal(name, names.includes(name) ? () => {} : undefined)
  }

  test('finds all five transports in a browser that has everything', () => {
    browserWith(needed)
    expect(Object.values(detect())).toEqual([true, true, true, true, true])
  })

  test.each(needed)('finds out what a browser without %s lacks', (missing) => {
    browserWith(needed.filter((name) => name !== missing))
    const expected = Object.entries(NEEDS).map(([name, need]) => [name, need !== missing])
    expect(detect()).toEqual(Object.fromEntries(expected))
  })
})

describe('connect', () => {
  test('climbs all that the browser has, best rung first', () => {
    fakeBrowser()
    const { requests } = fakeNetwork()
    vi.stubGlobal('WebSocket', undefined)
    vi.stubGlobal('EventSource', undefined)
    const socket = hurried(() => connect())
    onTestFinished(() => socket.close())
    expect(requests.map(({ url, up }) => [url, up.answer])).toEqual([
      ['https://page.example/rungs', 'now'],
      ['https://page.example/rungs', 'now'],
    ])
    expect(socket.attempts.map(({ transport }) => transport)).toEqual(['short-poll', 'long-poll'])
  })

  test('takes names and transports of your own', () => {
    fakeBrowser()
    const { requests } = fakeNetwork()
    const own = fakeTransport('sse')
    const socket = hurried(() => connect('/live', { transports: [own, 'short-poll'] }))
    onTestFinished(() => socket.close())
    expect(own.attempts.length).toBe(1)
    expect(requests.map(({ url }) => url)).toEqual(['https://page.example/live'])
  })

  test('knows no other names', () => {
    fakeBrowser()
    const name = 'carrier-pigeon' as 'sse'
    expect(() => connect('/rungs', { transports: [name] })).toThrow(RungsError)
    expect(() => connect('/rungs', { transports: [name] })).toThrow(/carrier-pigeon/)
  })

  test.each([
    [true, 'rungs:default'],
    ['chat', 'rungs:chat'],
  ])('with resume: %s looks for what was kept as %s', (resume, item) => {
    fakeBrowser()
    const asked: string[] = []
    vi.stubGlobal('sessionStorage', { getItem: (name: string) => void asked.push(name) })
    const socket = connect('/rungs', { transports: [fakeTransport('sse')], resume })
    onTestFinished(() => socket.close())
    expect(asked).toEqual([item])
  })
})
