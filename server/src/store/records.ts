/** Records that a store keeps, and its answers. */
import type { EndType, Peer, TransportName } from 'rungs/protocol'
import type { OutgoingMessage } from './outgoing-message.ts'

/** A session, as the store keeps it for the application. */
export interface SessionRecord {
  /** Public id, made by the store. */
  readonly id: string
  /** Drawn by the store when it created the session. The same key with another epoch is another session. */
  readonly epoch: string
  /** The user id that `authenticate` returned; `''` for nobody in particular. */
  readonly user: string
  /**
   * Origin of the page that made the session, if the browser said that it is the server's own; else `undefined`. A WebSocket of
   * this origin may join the session (PROTOCOL.md 3.7).
   */
  readonly origin: string | undefined
  /** Path and query by which the client addressed the application; `undefined` if it did not say. */
  readonly url: string | undefined
  /** The subprotocol that the server chose; `undefined` if there is none. */
  readonly protocol: string | undefined
  /** The client's description of itself, as JSON text; `undefined` if there is none. */
  readonly meta: string | undefined
  /** The application's state of the session, as JSON text. */
  readonly data: string
  /** Transport of the newest carrier; `null` while there is none. */
  readonly transport: TransportName | null
  /** Bytes of the messages in the log down, and 64 for each. */
  readonly bufferedAmount: number
}

/** Why a request was refused, or a session ended (PROTOCOL.md 8). */
export interface End {
  readonly type: EndType
  /** For people, except for the types `gone` and `closed`, whose reasons are part of the protocol. */
  readonly reason: string
  /** The application's own code, of an end of the type `closed`. */
  readonly code?: number
}

/** A session that ended. The application is told of it, because it was told of its opening, or is about to be. */
export interface EndedSession {
  readonly session: SessionRecord
  readonly end: End
}

/** How much there is of a message up that comes in parts (PROTOCOL.md 4.6). */
export interface PartProgress {
  /** Number of the message. */
  readonly number: number
  /** Bytes, or UTF-16 code units of its JSON text. */
  readonly length: number
}

/** A part of a message up, of which more is to come. */
export interface PartUp {
  /** Number of the message. */
  readonly number: number
  /** Number of the first message of the batch whose last entry the part is. The others are claimed by themselves. */
  readonly first: number
  /** Number of the last message that this node has received, and whose handlers may still run; 0 if there is none. */
  readonly receivedUpTo: number
  /** Recipients and kind of the message. They count in its first part. */
  readonly peer: Peer
  readonly kind: number
  /** Length of the whole message: bytes, or UTF-16 code units of its JSON text. */
  readonly size: number
  /** Where the part begins. */
  readonly offset: number
  readonly data: string | Uint8Array
}

/**
 * Outcome of adding a part. A length: how much there is of its message now; a part that begins below it was not taken. `gap`:
 * something before the part is missing. `malformed`: its size or kind is not that of the parts before. `completed`: its message
 * was handled. `gone`: the session has ended.
 */
export type PartResult = 'gone' | 'completed' | 'gap' | 'malformed' | { readonly length: number }

/** A part of a log down. */
export interface Backlog {
  /** Number of the first message. Higher than what was asked for if the log begins above it. */
  readonly first: number
  readonly messages: readonly OutgoingMessage[]
  /**
   * Tag of the position at each message: a backlog may go out in several packets, and a client acknowledges any of them. Absent: all
   * are empty.
   */
  readonly tags?: readonly string[]
  /** About how many bytes the messages behind these have. */
  readonly outstanding: number
  /** Number of the last message of the log; 0 if there is none. */
  readonly head: number
  /** Number of the last message up whose handlers have settled; 0 if there is none. */
  readonly acceptedUpTo: number
  /** The message up of which the store has a part. */
  readonly partProgress: PartProgress | undefined
  /** Volatile messages that came while the session had no reader. The store forgets them with this answer. */
  readonly volatile: readonly OutgoingMessage[]
}

/** Recipients of a message: every session that any of the fields names. */
export interface Target {
  /** Id of a session. */
  readonly session?: string
  /** User id: all sessions of this user. */
  readonly user?: string
  /** All sessions that joined this room. */
  readonly room?: string
}

/**
 * Which run of a handler sends a message. A store skips a message whose cause it has seen: a handler that runs again,
 * because its node died or the store failed, repeats nothing that was sent. A store refuses a message while one of the same run
 * before it is missing: the handler that runs again could not send that one any more.
 */
export interface Cause {
  readonly sessionId: string
  /** Number of the message that is handled. */
  readonly number: number
  /** 1 for the first message that its handlers send, then 2, 3 … */
  readonly counter: number
}

/**
 * Whether the messages of a batch may be handled now: those from `first` on, because the ones before were handled.
 * `completed`: all were. `busy`: another claim holds them. `gap`: messages before them are missing. `gone`: the session has
 * ended.
 */
export type ClaimResult =
  | 'gone'
  | 'completed'
  | 'gap'
  | 'busy'
  | { readonly first: number; readonly session: SessionRecord }
