/** One carrier of a transport, on a session without a server. */
import type { Down } from '../../src/protocol.ts'
import type { Carrier, CarrierEvents, Transport } from '../../src/transports/transport.ts'
import { sessionUnderTest, type SessionUnderTest } from './session.ts'

export interface CarrierUnderTest extends SessionUnderTest {
  readonly carrier: Carrier
  /** What it heard. */
  readonly packets: Down[]
  /** Why it ended, if it did so by itself. */
  readonly ends: string[]
}

export function openCarrier(
  transport: Transport,
  test: SessionUnderTest = sessionUnderTest(),
  also: Partial<CarrierEvents> = {},
): CarrierUnderTest {
  const packets: Down[] = []
  const ends: string[] = []
  const carrier = transport.open(test.link(), {
    packet(down, bytes) {
      packets.push(down)
      test.session.receive(down, bytes)
      also.packet?.(down, bytes)
    },
    progress: () => also.progress?.(),
    closed(reason) {
      ends.push(reason)
      also.closed?.(reason)
    },
  })
  return Object.assign(test, { carrier, packets, ends })
}
