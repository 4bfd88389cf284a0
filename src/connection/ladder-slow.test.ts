/** Large messages on slow lines, in parts: however often a carrier is cut, the next one goes on where it was. */
import { expect, test } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { HELLO, URL } from '../../test/support/session.ts'
import { fakeTransport, type Script } from '../../test/support/transports.ts'
import { PART, createMessage, type Down } from '../protocol.ts'
import { createSession } from '../session/session.ts'
import { ladder } from './ladder.ts'
import { reconnect } from './reconnect.ts'
import type { CreateStrategy, Strategy } from './strategy.ts'

const RTT = 50
/** Units of a part; with its names and numbers it is a batch. */
const PIECE = 59_000

interface Line {
  readonly create: CreateStrategy
  readonly size: number
  /** Bytes a millisecond. */
  readonly rate: number
  /** Milliseconds after which each carrier is cut. */
  readonly cutAfter: number
}

/** Milliseconds until a message has come down a line, and how many carriers that took. */
function download({ create, size, rate, cutAfter }: Line): { ms: number; carriers: number } {
  const clock = manualClock()
  const began = clock.now()
  const json = createMessage('x'.repeat(size))!.body as string
  let strategy: Strategy | undefined
  let arrived = Infinity
  let carriers = 0
  let carriersThen = 0
  const session = createSession(clock, {
    onMessage([data]) {
      arrived = data === 'x'.repeat(size) ? clock.now() - began : NaN
      carriersThen = carriers
    },
    hasListeners: () => true,
    onPending: () => strategy?.flush(),
    onTokenAsked: expect.unreachable,
    onTooLarge: () => expect.unreachable(),
    onSessionLost: expect.unreachable,
  })

  /** Each carrier says hello, then goes on where the client's attach says that it was. */
  const stream: Script = ({ link, hear, fail }) => {
    carriers++
    const [, , have = 0] = JSON.parse(link.attach().text).ack as [number, string, number?]
    const send = (offset: number): void => {
      const data = json.slice(offset, offset + PIECE)
      if (!data) return
      const left = json.length - offset - data.length
      const batch: Down = {
        batch: [1, [[data, 0, PART, offset, json.length]]],
        ack: [0, 0, 1, 0, left],
      }
      clock.after(data.length / rate, () => {
        hear(batch)
        send(offset + data.length)
      })
    }
    clock.after(3 * RTT, () => {
      hear({ hello: HELLO, ack: [0, 0, 1, 0, json.length - have] })
      hear({ ready: 1 })
      send(have)
    })
    clock.after(cutAfter, () => fail('closed-1006'))
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
  clock.advance(600_000)
  return { ms: arrived, carriers: carriersThen }
}

test.each([
  ['ladder', ladder],
  ['one transport', reconnect],
])('a large message comes down a slow line that is cut every 20 seconds, with %s', (_, create) => {
  for (const [size, rate] of [
    [1_000_000, 8],
    [1_000_000, 50],
    [240_000, 20],
    [60_000, 8],
  ] as const) {
    const { ms } = download({ create, size, rate, cutAfter: 20_000 })
    const bytesTime = size / rate
    expect(ms).toBeLessThan(1.3 * bytesTime + (5_000 * bytesTime) / 20_000 + 5_000)
  }
})

test('a carrier that brings parts is never suspect', () => {
  const { carriers } = download({ create: ladder, size: 500_000, rate: 8, cutAfter: Infinity })
  expect(carriers).toBe(1)
})
