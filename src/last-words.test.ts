import { describe, expect, test, vi } from 'vitest'
import { settled } from '../test/support/browser.ts'
import { errorOf, opened, pair, sent } from '../test/support/pair.ts'
import { fakeNetwork } from '../test/support/requests.ts'
import type { SavedSession, SessionStorage } from './session/saved.ts'

/** Texts whose UTF-8 is three times as long as their number of characters. */
const LONG = '€'.repeat(15_000)

function storage(): SessionStorage & { stored: SavedSession | undefined } {
  return {
    stored: undefined,
    take: () => ({ page: [0, 'holder'] }),
    put(saved) {
      this.stored = saved
      return !!saved
    },
  }
}

describe('the page goes for good', () => {
  test('a carrier that lives says goodbye, and no request is needed', () => {
    const { browser, wire } = opened()
    browser.fire('pagehide')
    expect([wire().closed, browser.lasting]).toEqual([{ bye: [0] }, []])
  })

  test('a request says goodbye, too, where more waits than a socket passes on as its page ends', () => {
    const { socket, browser, wire } = opened()
    socket.send(LONG)
    browser.fire('pagehide')
    expect(wire().closed).toEqual({ bye: [0] })
    expect(browser.lasting.map(({ up }) => up)).toMatchObject([{ bye: [0], batch: [1, [[LONG]]] }])
  })

  test('a request says goodbye where the browser has ended the carrier before', async () => {
    const { socket, browser, wire } = opened()
    wire().hang()
    socket.send('last')
    await settled()
    browser.fire('pagehide')
    expect(browser.lasting.map(({ up }) => up)).toMatchObject([
      { attach: { key: wire().attach.key, epoch: 'e1' }, bye: [0], batch: [1, [['last']]] },
    ])
    expect(browser.lasting[0]).toMatchObject({
      url: 'https://page.example/rungs',
      options: { method: 'POST', keepalive: true, credentials: 'same-origin' },
    })
  })

  test('between carriers, too, with what was not accepted, and with the cookies of the exchanges', async () => {
    const test = opened({ credentials: true })
    await sent(test, 'a')
    test.wire().cut()
    test.socket.send('b')
    test.browser.fire('pagehide')
    expect(test.browser.lasting).toMatchObject([
      { options: { credentials: 'include' }, up: { bye: [0], batch: [1, [['a'], ['b']]] } },
    ])
  })

  test('the token of the last carrier goes along, unless the server needs none', async () => {
    const auth = vi.fn<() => Promise<string>>(async () => 'secret')
    const test = pair({ auth })
    await settled()
    test.wire().open()
    test.wire().cut()
    test.browser.fire('pagehide')
    expect(test.browser.lasting.map(({ up }) => up.attach?.token)).toEqual(['secret'])
    expect(auth).toHaveBeenCalledTimes(1)

    const bound = opened({ auth: 'secret' })
    bound.wire().tell({ hello: { ...hello, bound: 1 }, ack: [0, 0, 0] })
    bound.wire().cut()
    bound.browser.fire('pagehide')
    expect(bound.browser.lasting.map(({ up }) => up.attach?.token)).toEqual([undefined])
  })

  test('one request has less than 64 KiB of UTF-8 in all, and the goodbye, because nothing can follow', () => {
    const { socket, browser, wire } = opened()
    wire().cut()
    for (let i = 0; i < 4; i++) socket.send(LONG)
    browser.fire('pagehide')
    expect(browser.lasting.map(({ up }) => [up.batch?.[1].length, up.bye])).toEqual([[1, [0]]])
    const bytes = new TextEncoder().encode(browser.lasting[0]!.text).length
    expect(bytes).toBeLessThanOrEqual(65_536)
  })

  test('a later listener that sends is told so', () => {
    const { socket, browser } = opened()
    const errors: unknown[] = []
    for (const name of ['pagehide', 'visibilitychange', 'unload']) {
      browser.window.addEventListener(name, () => errors.push(errorOf(() => socket.send('late'))))
    }
    for (const name of ['pagehide', 'visibilitychange', 'unload']) browser.fire(name)
    expect(errors).toEqual(['closed', 'closed', 'closed'])
    expect(socket.bufferedAmount).toBe(0)
  })

  test('with resume, a later listener that sends has its message kept for the next page', () => {
    const resume = storage()
    const { socket, browser, wire } = opened({ resume })
    browser.fire('pagehide')
    expect(wire().closed).toEqual({ bye: [10] })
    browser.window.addEventListener('unload', () => socket.send('late'))
    browser.fire('unload')
    expect(resume.stored?.log.map(({ body }) => body)).toEqual(['"late"'])
  })

  test('a page that never spoke to its server has nothing to say', () => {
    const { browser } = pair({ auth: () => new Promise(() => {}) })
    browser.fire('pagehide')
    expect(browser.lasting).toEqual([])
  })
})

describe('the page goes into the cache, from which it may not come back', () => {
  test('what waits is sent without a goodbye, also what a later listener sends', async () => {
    const test = opened()
    await sent(test, 'a')
    test.browser.fire('pagehide', true)
    test.browser.window.addEventListener('visibilitychange', () => test.socket.send('late'))
    test.browser.fire('visibilitychange')
    await settled()
    const said = test.browser.lasting.map(({ up }) => [up.bye, up.batch])
    expect(said).toEqual([
      [undefined, [1, [['a']]]],
      [undefined, [1, [['a'], ['late']]]],
    ])
    test.browser.fire('pageshow', true)
    test.clock.advance(125)
    test.wire().open()
    expect(test.wire().data).toEqual(['a', 'late'])
    const { t, want } = test.wire().attach
    expect([t, want]).toEqual([4, 4])
  })

  test('nothing is sent where nothing waits', () => {
    const { browser } = opened()
    browser.fire('pagehide', true)
    expect(browser.lasting).toEqual([])
  })
})

describe('the socket is closed between carriers', () => {
  test('a request says goodbye with all that waits, one below 64 KiB after the other', async () => {
    const { socket, browser, wire, states } = opened()
    wire().cut()
    for (let i = 0; i < 3; i++) socket.send(LONG)
    socket.close(4_000, 'done')
    expect(states.at(-1)).toMatchObject({ state: 'closed', unsent: [] })
    expect(states.at(-1)!.inDoubt!.length).toBe(3)
    for (let i = 0; i < 3; i++) await browser.lasting[i]!.answer()
    const said = browser.lasting.map(({ up }) => [up.batch?.[0], up.batch?.[1].length, up.bye])
    expect(said).toEqual([
      [1, 1, undefined],
      [2, 1, undefined],
      [3, 1, [0, 4_000, 'done']],
    ])
  })

  test('what finds no room in the 64 KiB of the page goes by a plain request', async () => {
    const { socket, browser, wire } = opened()
    const { requests } = fakeNetwork()
    wire().cut()
    for (let i = 0; i < 2; i++) socket.send(LONG)
    socket.close()
    await browser.lasting[0]!.fails()
    expect(requests.map(({ body }) => body)).toEqual([browser.lasting[0]!.text])
    expect(browser.lasting.length).toBe(1)
    requests[0]!.answer({})
    expect(browser.lasting.map(({ up }) => up.bye)).toEqual([undefined, [0, 1_000, 'closed']])
  })

  test('by the signal, too', () => {
    const controller = new AbortController()
    const { browser, wire } = opened({ signal: controller.signal })
    wire().cut()
    controller.abort()
    expect(browser.lasting.map(({ up }) => up.bye)).toEqual([[0, 1_000, 'aborted']])
  })

  test('what was sent before the first carrier opens goes along', async () => {
    const { socket, browser, states } = pair()
    socket.send('only')
    socket.close()
    expect(browser.lasting.map(({ up }) => [up.batch, up.bye])).toEqual([
      [
        [1, [['only']]],
        [0, 1_000, 'closed'],
      ],
    ])
    const { requests } = fakeNetwork()
    await browser.lasting[0]!.fails()
    requests[0]!.breaks()
    expect(states.at(-1)).toMatchObject({ inDoubt: [{ data: 'only' }], unsent: [] })
  })

  test('a token that the server has refused says nothing more', () => {
    const { browser, wire } = pair({ auth: 'old' })
    wire().tell({ end: ['unauthorized', 'no', 'final'] })
    browser.fire('pagehide')
    expect(browser.lasting).toEqual([])
  })
})

describe('where a request ends with its page', () => {
  test('a beacon says goodbye', () => {
    const { browser, wire } = opened()
    const network = fakeNetwork()
    vi.stubGlobal('Request', undefined)
    wire().cut()
    browser.fire('pagehide')
    expect(network.beacons).toMatchObject([{ bye: [0] }])
  })

  test('a plain request does if there are no beacons, or none is taken', () => {
    const { browser, wire } = opened()
    const network = fakeNetwork()
    network.takesBeacons = false
    vi.stubGlobal('Request', undefined)
    wire().cut()
    browser.fire('pagehide')
    expect(network.requests.map(({ up }) => up.bye)).toEqual([[0]])
  })
})

const hello = {
  ...{ version: 1, id: 'public', epoch: 'e1', heartbeat: 25_000, lifetime: 120_000 },
  ...{ maxMessage: 1_000_000, maxBatch: 60_000, window: 40_000 },
}
