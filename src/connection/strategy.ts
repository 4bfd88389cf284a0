/** The interface between the client and what changes its carriers: `ladder.ts`, or `reconnect.ts` for one transport. */
import type { Clock } from '../platform/clock.ts'
import type { Down, TransportName } from '../protocol.ts'
import type { CarrierNeeds } from '../session/link.ts'
import type { Session } from '../session/session.ts'
import type { Link, Transport } from '../transports/transport.ts'
import type { AttemptRecord } from './attempt.ts'
import type { NetworkMemory } from './network-memory.ts'

export interface StrategyEvents {
  /** Gets a link for a new carrier, now or later. */
  openLink(
    onLink: (link: Link) => void,
    onFailure: (reason: string) => void,
    needs: CarrierNeeds,
  ): void
  /** The session as it is now; a reset replaces it. */
  session(): Pick<
    Session,
    | 'rtt'
    | 'serverLimits'
    | 'retryBounds'
    | 'uploadTime'
    | 'healthDeadline'
    | 'ping'
    | 'isForeign'
    | 'lastSentAt'
  >
  /** Whether somebody looks at the page. */
  isVisible(): boolean
  /** A packet arrived. Answers false if it breaks the protocol. */
  onPacket(down: Down, bytes: number): boolean
  /** Another transport carries, or none, or an attempt has failed and `transport` is what it was. */
  onTransportChange(transport: TransportName | null, reason: string): void
}

export interface Strategy {
  /** Attempts so far, the latest last. */
  readonly attempts: readonly AttemptRecord[]
  /** There may be something to send. */
  flush(): void
  /** Changes the transports, best first, beside what carries now. The first call begins. */
  setTransports(transports: readonly Transport[]): void
  /** The page runs again: asks what carries for a sign of life, or tries again at once. */
  wake(): void
  /** The same, and what was known of the network counts no more. */
  onNetworkChange(): void
  /**
   * Closes all carriers and begins again. `oneByOne`: with one carrier at a time, the best first, because each may meet another
   * server.
   */
  restart(reason: string, oneByOne?: boolean): void
  /**
   * Closes all carriers. The one that carries, or the first that may come to, says goodbye. Answers true if that is enough.
   */
  stop(bye?: string): boolean
}

/** `server`: URL by which the memory knows the network. */
export type CreateStrategy = (
  clock: Clock,
  on: StrategyEvents,
  server: string,
  memory?: NetworkMemory,
) => Strategy
