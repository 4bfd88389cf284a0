/** Exchanges of a session whose requests the test answers. */
import type { Down } from '../../src/protocol.ts'
import type { CarrierEvents } from '../../src/transports/transport.ts'
import {
  createExchanges,
  type Exchanges,
  type Request,
} from '../../src/transports/http-exchange.ts'
import { fakeNetwork, type FakeNetwork, type FakeRequest } from './requests.ts'
import type { Link } from '../../src/transports/transport.ts'
import { sessionUnderTest, type SessionUnderTest } from './session.ts'

export interface ExchangesUnderTest extends Pick<
  SessionUnderTest,
  'clock' | 'send' | 'session' | 'refused'
> {
  readonly network: FakeNetwork
  readonly requests: FakeRequest[]
  readonly link: Link
  readonly exchanges: Exchanges
  /** What hears them. */
  readonly events: CarrierEvents
  /** What the carrier has heard. */
  readonly packets: Down[]
  /** Why it ended, if it did so by itself. */
  readonly ends: string[]
}

export function exchangesUnderTest(request?: Request): ExchangesUnderTest {
  const network = fakeNetwork()
  const under = sessionUnderTest()
  const { clock, send, session, refused } = under
  const link = under.link()
  const packets: Down[] = []
  const ends: string[] = []
  const events = {
    packet(down: Down): void {
      packets.push(down)
      session.receive(down, 10)
    },
    progress: (): void => {},
    closed: (reason: string): void => void ends.push(reason),
  }
  const exchanges = createExchanges(link, events, request)
  return {
    ...{ network, requests: network.requests, link, exchanges, events },
    ...{ clock, session, send, refused, packets, ends },
  }
}
