import { expect, test } from 'vitest'
import { fakeBrowser } from '../../test/support/browser.ts'
import { watchPage } from './page-lifecycle.ts'

function setUp() {
  const browser = fakeBrowser()
  const events: string[] = []
  const off = watchPage({
    onHide: (isCached) => events.push(isCached ? 'hide into the cache' : 'hide for good'),
    onShow: () => events.push('show'),
    onWake: () => events.push('wake'),
    onNetworkChange: () => events.push('network'),
  })
  return { ...browser, events, off }
}

test('going into the cache and going for good are told apart', () => {
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

test.each(['visibilitychange', 'resume'])('a page wakes on %s, if it is seen', (name) => {
  const { document, events } = setUp()
  document.dispatchEvent(new Event(name))
  document.hidden = true
  document.dispatchEvent(new Event(name))
  expect(events).toEqual(['wake'])
})

test('a change of the network is told even where nobody sees the page', () => {
  const { fire, document, connection, events } = setUp()
  document.hidden = true
  fire('online')
  connection.dispatchEvent(new Event('change'))
  expect(events).toEqual(['network', 'network'])
})

test('unload and beforeunload, which keep a page out of the cache, are never listened to', () => {
  const { listeners } = setUp()
  expect(listeners.toSorted()).toEqual([
    'connection change',
    'window online',
    'window pagehide',
    'window pageshow',
    'window resume',
    'window visibilitychange',
  ])
})

test('no listener is left after the end', () => {
  const { fire, listeners, events, off } = setUp()
  off()
  fire('pagehide', true)
  expect([listeners, events]).toEqual([[], []])
})
