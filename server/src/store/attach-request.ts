/** An attach or exchange as a store sees it, and the store's yes (PROTOCOL.md 6.4). */
import type { TransportName } from 'rungs/protocol'
import type { PartProgress, SessionRecord } from './records.ts'

/** Which load of a page works on a session (PROTOCOL.md 6.5). */
export interface Page {
  /** Each load of a page that resumes the session raises it by one. */
  readonly generation: number
  /** Drawn at random by each load, so that a duplicated tab is told apart. */
  readonly holder: string
}

/** How far a client is in its log down: a position, and how much it has of the message after it (PROTOCOL.md 4.6). */
export type Cursor = readonly [number: number, tag: string, partial?: number]

/** The client's secret key, and the user whom the application found. */
export interface AuthenticatedClient {
  readonly key: string
  readonly user: string
  /** Milliseconds for which the client's token is good. Absent: for ever. */
  readonly tokenTtl?: number
}

/**
 * The client's secret key alone, with an epoch: the session, and so its user, exists. Once its token has expired, the store
 * admits the client for 10 s more, so that it can be asked for a new one, and then refuses it with `unauthorized`.
 */
export interface KnownClient {
  readonly key: string
  /** Whether the request has a token. If one is needed, the request is refused at once, to be made again as that of a user. */
  readonly hasToken: boolean
}

/** The session that a ticket was issued for. */
export interface TicketHolder {
  readonly id: string
}

/** The request of an attach or exchange. */
export interface AttachRequest {
  readonly identity: AuthenticatedClient | KnownClient | TicketHolder
  /** Absent: create the session if there is none. Present: never create. */
  readonly epoch?: string
  /** The client's number of this attach or exchange: `t` on the wire (PROTOCOL.md 6.4). */
  readonly sequence: number
  /** The lowest sequence that the client still wants: `want` on the wire. */
  readonly lowestWanted: number
  readonly page: Page
  /** Acknowledges everything up to it; a reader begins after it. */
  readonly position: Cursor
  /** Present: register a reader of this node under `sequence`, for this transport. */
  readonly readerTransport?: TransportName
  /** Milliseconds of the longest heartbeat interval that the client allows. A store keeps it with a ticket, and ignores it else. */
  readonly heartbeat?: number
  /** Bytes of the largest batch of an answer or stream that suits the client. Likewise. */
  readonly maxBatch?: number
  /** Bytes of padding that push the beginning of a stream through the client's network. Likewise. */
  readonly pad?: number
  /** Fields of the record of a session that the request creates. */
  readonly origin?: string
  /** Address of the client, by which a store counts its sessions (`maxSessionsPerAddress`); IPv6 by its first 64 bits. */
  readonly address?: string
  readonly url?: string
  readonly protocol?: string
  readonly meta?: string
}

/** An attach request was admitted. */
export interface Admission {
  readonly session: SessionRecord
  /** The request created the session. Its node opens it, as number 0 of the log up. */
  readonly created: boolean
  /** Number of the last message up whose handlers have settled; 0 if there is none. */
  readonly acceptedUpTo: number
  /** The message up of which the store has a part. */
  readonly partProgress: PartProgress | undefined
  /** Number of the last message down; 0 if there is none. */
  readonly head: number
  /** About how many bytes the messages down have that the client has not acknowledged. */
  readonly outstanding: number
  /** Milliseconds until the token expires, below 0 if it has; `Infinity`: never. */
  readonly tokenTtl: number
}
