/** The terms on which a carrier begins to read a session's log down. */
import type { TransportName } from 'rungs/protocol'
import type { Cursor, PartProgress } from '../store/store.ts'

export interface ReaderStart {
  readonly sessionId: string
  /** The client's number of the request that made this reader: `t` on the wire. */
  readonly sequence: number
  readonly transport: TransportName
  /** How far the client is in its log down. */
  readonly position: Cursor
  /** Number of the last message up that the client knows to be accepted. */
  readonly acceptedUpTo: number
  /** The message up of which there is a part. */
  readonly partProgress: PartProgress | undefined
  /** Number of the last message down. */
  readonly head: number
  /** About how many bytes the messages after the position have. */
  readonly outstanding: number
  /** The hello, as JSON text; empty if the client does not ask for it. */
  readonly hello: string
  /** Milliseconds of silence after which the carrier gets a heartbeat. */
  readonly heartbeat: number
  /** Bytes of the entries of one packet, if no single volatile message has more. */
  readonly packetSize: number
  /** Milliseconds for which the client's token is good; `Infinity`: for ever. */
  readonly tokenTtl: number
}
