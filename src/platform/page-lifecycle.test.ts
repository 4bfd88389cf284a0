import { expect, test } from 'vitest'
import { fakeBrowser } from '../../test/support/browser.ts'
import { watchPage } from './page-lifecycle.ts'

function setUp() {
  const browser = fakeBrowser()
  const events: string[] = []
  const off = watchPage(
    (cached) => events.push(cached ? 'hide into the cache' : 'hide for good'),
    () => events.push('show'),
    (changed) => events.push(changed ? 'network' : 'wake'),
    () => events.push('abort'),
  )
  return { ...browser, events, off }
}

test('it tells a page that goes into the cache from one that goes for good', () => {
  const { fire, events } = setUp()
  fire('pagehide', true)
  fire('pagehide', false)
  expect(events).toEqual(['hide into the cache', 'hide for good'])
})

test('a page shows when it comes out of the cache, not when it loads', () => {
  const { fire, events } = setUp()
  fire('pageshow', false)
  expect(events).toEqual([])
  fire('pageshow', true)
  expect(events).toEqual(['show'])
})

test('it wakes when the user is back', () => {
  const { document, events } = setUp()
  document.dispatchEvent(new Event('visibilitychange'))
  expect(events).toEqual(['wake'])
})

test('it tells that the network has changed, even where nobody sees the page', () => {
  const { fire, document, connection, events } = setUp()
  document.hidden = true
  fire('online')
  connection.dispatchEvent(new Event('change'))
  expect(events).toEqual(['network', 'network'])
})

test('a page that nobody sees does not wake', () => {
  const { document, events } = setUp()
  document.hidden = true
  document.dispatchEvent(new Event('visibilitychange'))
  expect(events).toEqual([])
})

test('it never listens to unload or beforeunload, which keep a page out of the cache', () => {
  const { listeners } = setUp()
  expect(listeners.toSorted()).toEqual([
    'connection change',
    'window online',
    'window pagehide',
    'window pageshow',
    'window visibilitychange',
  ])
})

test('it lets go of everything when it is turned off', () => {
  const { fire, listeners, events, off } = setUp()
  off()
  fire('pagehide', true)
  expect([listeners, events]).toEqual([[], []])
})
