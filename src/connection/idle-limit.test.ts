import { describe, expect, test } from 'vitest'
import { settled } from '../../test/support/browser.ts'
import { opened } from '../../test/support/pair.ts'
import { createIdleLimit } from './idle-limit.ts'

const HEARTBEAT = 25_000

describe('a limit for what is idle', () => {
  test.each([
    [5_200, 3_160],
    [10_000, 7_000],
    [15_500, 11_400],
  ])('is learned from the first cut after a round silence: %i ms', (silence, heartbeat) => {
    const limit = createIdleLimit()
    expect([limit.noteCut(silence, HEARTBEAT), limit.heartbeat]).toEqual([true, heartbeat])
  })

  test('is learned when a carrier is cut twice after the same silence', () => {
    const limit = createIdleLimit()
    expect([limit.noteCut(12_500, HEARTBEAT), limit.heartbeat]).toEqual([false, 0])
    expect([limit.noteCut(12_800, HEARTBEAT), limit.heartbeat]).toEqual([true, 9_000])
  })

  test('is not learned from silences of different lengths, which are accidents', () => {
    const limit = createIdleLimit()
    expect([3_000, 9_000, 14_000, 4_000].map((ms) => limit.noteCut(ms, HEARTBEAT))).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(limit.heartbeat).toBe(0)
  })

  test('is not learned where messages flowed, or the heartbeat itself was missing', () => {
    const limit = createIdleLimit()
    for (let i = 0; i < 3; i++) {
      expect([limit.noteCut(900, HEARTBEAT), limit.noteCut(26_000, HEARTBEAT)]).toEqual([
        false,
        false,
      ])
    }
    expect(limit.heartbeat).toBe(0)
  })

  test('a heartbeat has a second at least (PROTOCOL.md 4.2), and what dies sooner was not idle', () => {
    const limit = createIdleLimit()
    expect([limit.noteCut(3_900, HEARTBEAT), limit.noteCut(3_900, HEARTBEAT)]).toEqual([
      false,
      false,
    ])
    expect([limit.noteCut(4_000, HEARTBEAT), limit.noteCut(4_000, HEARTBEAT)]).toEqual([
      false,
      true,
    ])
    expect(limit.heartbeat).toBe(2_200)
  })

  test('a cut that a shorter heartbeat does not prevent is a failure', () => {
    const limit = createIdleLimit(7_000)
    expect([limit.noteCut(10_000, HEARTBEAT), limit.noteCut(10_000, HEARTBEAT)]).toEqual([
      false,
      false,
    ])
  })

  test('is forgotten with the network', () => {
    const limit = createIdleLimit(7_000)
    expect(limit.heartbeat).toBe(7_000)
    limit.forget()
    expect(limit.heartbeat).toBe(0)
  })
})

/** Goes on until the carrier is one that was opened since, and opens that. */
function reopen({ clock, wires, wire }: ReturnType<typeof opened>): void {
  const count = wires.length
  while (wires.length === count) clock.advance(10)
  wire().open()
}

test('behind a proxy that cuts what is idle for 10 s, the best transport stays, with a shorter heartbeat', () => {
  const test = opened()
  const { clock, wire, socket } = test
  expect(wire().attach).not.toHaveProperty('heartbeat')
  clock.advance(10_000)
  wire().cut('closed-1006')
  reopen(test)
  expect(wire().attach.heartbeat).toBe(7_000)
  expect([socket.state, socket.transport]).toEqual(['open', 'websocket'])
})

test('what goes up on the WebSocket counts: the acknowledgement of a message, 5 s after it', async () => {
  const test = opened()
  const { clock, wire } = test
  wire().message(['a'])
  clock.advance(5_000)
  await settled()
  expect(wire().received.length).toBe(2)
  clock.advance(10_000)
  wire().cut('closed-1006')
  reopen(test)
  expect(wire().attach.heartbeat).toBe(7_000)
})

test('what was learned is remembered for the next page, and asked for with its first carrier', () => {
  const records: { [server: string]: unknown } = {}
  const remember = {
    load: (server: string) => records[server] as undefined,
    save: (server: string, record: unknown) => void (records[server] = record),
  }
  const test = opened({ remember })
  test.clock.advance(10_000)
  test.wire().cut('closed-1006')
  reopen(test)
  const next = opened({ remember })
  expect(next.wire().attach.heartbeat).toBe(7_000)
  next.browser.fire('online')
  next.wire().cut()
  reopen(next)
  expect(next.wire().attach).not.toHaveProperty('heartbeat')
})
