/** Large messages on slow lines: what takes long to come down is not begun anew for ever. */
import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { HELLO, URL, ack } from '../../test/support/session.ts'
import { fakeTransport, type Script } from '../../test/support/transports.ts'
import { ladder } from './ladder.ts'
import { reconnect } from './reconnect.ts'
import type { CreateStrategy, Strategy } from './strategy.ts'
import { createSession } from '../session/session.ts'

const RTT = 50
const MEGABYTE = 1_000_000

/** Milliseconds until a message of so many bytes has come down a line of so many bytes a millisecond. */
function download(size: number, rate: number, create: CreateStrategy): number {
  const clock = manualClock()
  const began = clock.now()
  let strategy: Strategy | undefined
  let arrived = Infinity
  const session = createSession(clock, {
    onMessage: () => void (arrived = Math.min(arrived, clock.now() - began)),
    hasListeners: () => true,
    onPending: () => strategy?.flush(),
    onSessionLost: expect.unreachable,
  })

  /** Each carrier says hello, then begins with the message from the start. */
  const stream: Script = ({ hear }) => {
    clock.after(3 * RTT, () => hear({ ...ack(0, 0, 1), hello: HELLO }))
    clock.after(3 * RTT + 1, () => hear({ ready: 1 }))
    clock.after(3 * RTT + size / rate, () => hear({ ...ack(0, 0, 1), batch: [1, [['large']]] }))
  }
  strategy = create(
    clock,
    {
      session: () => session,
      isVisible: () => true,
      openLink: (onLink) => onLink(session.openLink({ url: URL, credentials: false })),
      onPacket: session.receive,
      onTransportChange: () => {},
    },
    URL,
  )
  strategy.setTransports([fakeTransport('websocket', stream), fakeTransport('sse', stream)])
  clock.advance(120_000)
  return arrived
}

const LINES = [
  [MEGABYTE, 800],
  [MEGABYTE, 500],
  [MEGABYTE, 100],
  [MEGABYTE, 50],
  [60_000, 50],
  [60_000, 20],
  [60_000, 8],
] as const

test('a large message comes down a slow line, for who begins with it anew has more time', () => {
  for (const [size, rate] of LINES) {
    const alone = 3 * RTT + size / rate
    for (const create of [ladder, reconnect]) {
      expect(download(size, rate, create)).toBeLessThan(3 * alone + 5_000)
    }
  }
})
