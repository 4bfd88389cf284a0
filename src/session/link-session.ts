/** The session, as its links need it. */
import type { Clock } from '../platform/clock.ts'
import type { Message } from '../protocol.ts'
import type { Fence } from './fence.ts'
import type { Outbox } from './outbox.ts'
import type { PacketSize } from './packet-size.ts'
import type { RoundTripTimer } from './round-trip.ts'

export interface LinkSession {
  readonly clock: Clock
  readonly outbox: Outbox
  /** Messages that are sent once, without a number, if a carrier is there. */
  readonly volatile: Message[]
  readonly fence: Fence
  readonly roundTrip: RoundTripTimer
  /** Milliseconds of the server's heartbeat interval. */
  heartbeat(): number
  /** Bytes of the entries of one packet, by the server. */
  maxBatch(): number
  /** The same for packets with numbered messages up, and for those in answers, by what the line can bring. */
  readonly sizeUp: PacketSize
  readonly sizeDown: PacketSize
  /** Whether exchanges that do not ask for hello need no token. */
  isBound(): boolean
  /** Fields of `attach` that say whose packet it is, as they are now. */
  identity(): { readonly [field: string]: unknown }
  /** The token that replaces the one of a link, if the server has asked for it. */
  renewedToken(): string | undefined
  /** Whether an acknowledgement or a ping is to be sent, even without messages. */
  isReplyDue(): boolean
  /** The field `ack` as JSON text. The caller sends it. */
  takeAck(): string
  /** The field `probe`, if a ping was requested. The caller sends it. */
  takePing(): number | undefined
  /** There is something to send again. */
  onPending(): void
  /** Messages of at least so many characters or bytes pass in no request, because bodies of so many bytes are refused. */
  onTooLarge(length: number, refusedBytes: number): void
}
