/** What a session knows of a carrier that may be dead: what is missing, since when, and how to ask for a sign of life. */
import { describe, expect, test } from 'vitest'
import { URL, ack, attach, sessionUnderTest, up } from '../../test/support/session.ts'
import { toBase64 } from '../transports/base64.ts'
import { PART } from '../protocol.ts'
import { SLOWEST_LINE } from './health.ts'

const CALM = { due: Infinity, reason: 'silent' }

describe('messages down are missing', () => {
  test('from when the server has named a head that did not come', () => {
    const { session, clock } = sessionUnderTest()
    session.receive(ack(0, 0, 2), 0)
    const named = clock.now()
    clock.advance(300)
    session.receive(ack(0, 0, 2), 0)
    expect(session.healthDeadline(Infinity, 0)).toEqual({ due: named + 1_000, reason: 'stalled' })
  })

  test('no longer when all has come, though it came without an acknowledgement', () => {
    const { session } = sessionUnderTest()
    session.receive(ack(0, 0, 1), 10)
    session.receive({ batch: [1, [['what was named']]] }, 10)
    expect(session.healthDeadline(Infinity, 0)).toEqual(CALM)
  })

  test('anew for the rest, when a part of them comes', () => {
    const { session, clock } = sessionUnderTest()
    session.receive(ack(0, 0, 2), 0)
    clock.advance(900)
    session.receive({ batch: [1, [['a']]] }, 10)
    expect(session.healthDeadline(Infinity, 0)).toEqual({
      due: clock.now() + 1_000,
      reason: 'stalled',
    })
  })

  test('not where they only wait for a listener', () => {
    const test = sessionUnderTest()
    test.listening = false
    test.session.receive({ ...ack(0, 0, 1), batch: [1, [['a']]] }, 10)
    expect(test.session.healthDeadline(Infinity, 0)).toEqual(CALM)
  })
})

test('messages down have the time of the bytes that are still to come, or of a batch', () => {
  const { session, clock } = sessionUnderTest()
  for (const [outstanding, bytes] of [
    [800, 800],
    [5_000_000, 60_000],
  ] as const) {
    session.receive({ ack: [0, 0, 2, 0, outstanding] }, 0)
    expect(session.healthDeadline(Infinity, 0)).toEqual({
      due: clock.now() + 1_000 + bytes / SLOWEST_LINE,
      reason: 'stalled',
    })
  }
})

test('packets that are asked to be small are missed after twice their time', () => {
  const { session, clock } = sessionUnderTest()
  session.receive({ ack: [0, 0, 2, 0, 5_000_000] }, 0)
  expect(session.healthDeadline(Infinity, 0, 8_000).due).toBe(
    clock.now() + 1_000 + (2 * 8_000) / SLOWEST_LINE,
  )
})

test('a carrier that shows nothing of a packet before its end asks for small ones', () => {
  const { session } = sessionUnderTest()
  const most = (maxPacketDown?: number): unknown =>
    attach(session.openLink({ url: URL, credentials: false, maxPacketDown })).maxBatch
  expect([most(8_000), most(1e9), most()]).toEqual([8_000, undefined, undefined])
})

test('a part that comes in shows that the rest is on its way', () => {
  const { session, clock } = sessionUnderTest()
  const piece = 'x'.repeat(1_000)
  session.receive({ ack: [0, 0, 1, 0, 1_000_000] }, 0)
  clock.advance(8_000)
  session.receive({ ack: [0, 0, 1, 0, 900_000], batch: [1, [[piece, 0, PART, 0, 9_000]]] }, 1_020)
  expect(session.healthDeadline(Infinity, 0).due).toBe(clock.now() + 1_000 + 7_500)
})

describe('a receipt is missing', () => {
  test('from when a carrier has had the first message, whatever is sent after it', () => {
    const { session, clock, send, link } = sessionUnderTest()
    const carrier = link()
    send('a')
    expect(session.healthDeadline(Infinity, 0)).toEqual(CALM)
    carrier.nextFrame()
    const handed = clock.now()
    clock.advance(500)
    send('b')
    carrier.nextFrame()
    expect(session.healthDeadline(Infinity, 0)).toEqual({
      due: handed + 2_000 + 2 / SLOWEST_LINE,
      reason: 'not-received',
    })
  })

  test('no longer when it comes, though the handler still runs', () => {
    const { session, send, link } = sessionUnderTest()
    send('a')
    link().nextFrame()
    session.receive(ack(0, 1), 0)
    expect(session.healthDeadline(Infinity, 0)).toEqual(CALM)
  })

  test('anew for the rest, when a part is received', () => {
    const { session, clock, send, link } = sessionUnderTest()
    const carrier = link()
    send('a')
    carrier.nextFrame()
    send('b')
    carrier.nextFrame()
    clock.advance(400)
    session.receive(ack(1), 0)
    // Four round trips of 400 ms are less than two seconds.
    expect(session.healthDeadline(Infinity, 0)).toEqual({
      due: clock.now() + 2_000 + 1 / SLOWEST_LINE,
      reason: 'not-received',
    })
  })
})

test('a carrier answers for nothing that was missing before it carried', () => {
  const { session, clock, send, link } = sessionUnderTest()
  send('a')
  link().nextFrame()
  session.receive(ack(0, 0, 1), 0)
  clock.advance(60_000)
  expect(session.healthDeadline(Infinity, clock.now())).toEqual({
    due: clock.now() + 1_000,
    reason: 'stalled',
  })
})

describe('a probe', () => {
  test('goes up once, with a frame of its own where nothing else is to be sent', () => {
    const { session, link, flushes } = sessionUnderTest()
    const carrier = link()
    expect(carrier.hasPending()).toBe(false)
    session.ping()
    expect([flushes(), carrier.hasPending()]).toEqual([1, true])
    expect(up(carrier.nextFrame())).toEqual({ ack: [0, ''], probe: 1 })
    expect(carrier.nextFrame()).toBeUndefined()
  })

  test('goes with an exchange that carries messages, not with one that waits', () => {
    const { session, link } = sessionUnderTest()
    const carrier = link()
    session.ping()
    expect(up(carrier.attach().text)).not.toHaveProperty('probe')
    expect(up(carrier.attach({}, toBase64).text).probe).toBe(1)
    expect(up(carrier.attach({}, toBase64).text)).not.toHaveProperty('probe')
  })
})

test.each([
  ['accepted only later', 0],
  ['accepted at last', 1],
])(
  'what was received before and goes up again on another carrier is owed no receipt: %s',
  (_, accepted) => {
    const { session, send, link } = sessionUnderTest()
    send('a')
    link().nextFrame()
    session.receive(ack(0, 1), 0)
    link().nextFrame()
    session.receive(ack(accepted, 1), 0)
    expect(session.healthDeadline(Infinity, 0)).toEqual({ due: Infinity, reason: 'silent' })
  },
)
