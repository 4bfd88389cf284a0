import { describe, expect, test, vi } from 'vitest'
import { settled } from '../test/support/browser.ts'
import { opened, pair, sent } from '../test/support/pair.ts'
import { connect } from './client.ts'
import { ladder } from './connection/ladder.ts'
import type { SavedSession, SessionStorage } from './session/saved.ts'
import type { Transport } from './transports/transport.ts'

const unopened: Transport = {
  name: 'websocket',
  supported: () => true,
  open: () => expect.unreachable('the socket was closed before it began'),
}

describe('the page', () => {
  function keeper(): SessionStorage & { kept: SavedSession | undefined } {
    let holders = 0
    return {
      kept: undefined,
      take() {
        const taken = this.kept
        this.kept = undefined
        return { ...taken, page: [taken ? taken.page[0] + 1 : 0, `holder ${++holders}`] }
      },
      put(next) {
        this.kept = next
        return true
      },
    }
  }

  test('goes for good: the session ends', () => {
    const { browser, wire } = opened()
    browser.fire('pagehide', false)
    expect(wire().closed).toEqual({ bye: [0] })
  })

  test('goes into the cache: the carriers are let go of, silently', () => {
    const { browser, wire } = opened()
    browser.fire('pagehide', true)
    expect(wire().closed).toEqual({ bye: undefined })
  })

  test('comes out of the cache: the session goes on', async () => {
    const test = opened()
    await sent(test, 'a')
    const { key } = test.wire().attach
    test.browser.fire('pagehide', true)
    test.clock.suspend(60_000)
    test.browser.fire('pageshow', true)
    expect([test.socket.state, test.socket.transport]).toEqual(['reconnecting', null])
    test.clock.advance(125)
    test.wire().open()
    expect([test.wire().attach.key, test.wire().data]).toEqual([key, ['a']])
    expect(test.socket.state).toBe('open')
  })

  test('wakes: what waits to try again tries at once', () => {
    const { browser, wires, wire } = pair()
    wire().cut()
    wire().cut()
    expect(wires.length).toBe(2)
    browser.fire('online')
    expect(wires.length).toBe(3)
  })

  test('reloads: with resume the session goes on where it was', async () => {
    const resume = keeper()
    const before = opened({ resume })
    before.wire().message(['x'])
    await sent(before, 'a', 'b')
    before.wire().tell({ ack: [2, 1, 1] })
    before.browser.fire('pagehide', false)
    expect(before.wire().closed).toEqual({ bye: [10] })

    const after = pair({ resume })
    expect(resume.kept).toBeUndefined()
    after.wire().open()
    const { key, page } = before.wire().attach
    expect(page).toEqual([0, 'holder 1'])
    expect(after.wire().attach).toMatchObject({ key, epoch: 'e1', page: [1, 'holder 2'] })
    expect(after.wire().received[0]!.ack).toEqual([1, ''])
    expect(after.wire().received[1]!.batch).toEqual([2, [['b']]])
  })

  test('reloads: what the goodbye took along is not called unsent when the session is lost', () => {
    const resume = keeper()
    const before = opened({ resume })
    before.socket.send('last words')
    before.browser.fire('pagehide', false)
    expect(before.wire().data).toEqual(['last words'])

    const after = pair({ resume })
    after.wire().tell({ end: ['gone', 'expired', 'reset'] })
    expect(after.resets).toMatchObject([{ unsent: [], inDoubt: [{ data: 'last words' }] }])
  })

  test('reloads, and connects twice in one task: the session goes on, with what both sent', async () => {
    const resume = keeper()
    const before = opened({ resume })
    before.socket.send('a')
    before.browser.fire('pagehide', false)
    const { key } = before.wire().attach

    const first = connect(
      '/rungs',
      { transports: [unopened], resume },
      { createStrategy: ladder, known: [unopened] },
    )
    first.send('b')
    first.close()
    expect(before.browser.lasting).toEqual([])
    await settled()

    const second = pair({ resume })
    second.socket.send('c')
    second.wire().open()
    await settled()
    expect(second.wire().attach).toMatchObject({ key, epoch: 'e1', page: [2, 'holder 3'] })
    expect(second.wire().data).toEqual(['a', 'b', 'c'])
    expect(second.browser.lasting).toEqual([])
  })

  test('reloads: where nothing can be kept, the session ends', () => {
    const { browser, wire } = opened({
      resume: { take: () => ({ page: [0, 'holder'] }), put: () => false },
    })
    browser.fire('pagehide', false)
    expect(wire().closed).toEqual({ bye: [0] })
  })

  test('goes into the cache with resume: what was kept is taken back when it comes out', () => {
    const resume = keeper()
    const take = vi.spyOn(resume, 'take')
    const { browser, clock } = opened({ resume })
    browser.fire('pagehide', true)
    expect(resume.kept).toMatchObject({ epoch: 'e1' })
    clock.suspend(60_000)
    browser.fire('pageshow', true)
    expect(resume.kept).toBeUndefined()
    expect(take).toHaveBeenCalledTimes(2)
  })
})
