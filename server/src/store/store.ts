/**
 * The interface of a session store. A node holds sockets and nothing else that is its own, so any node may serve any
 * request of any session as soon as the nodes share a store.
 */
import type { EndType, Position, TransportName } from 'rungs/protocol'
import type { OutgoingMessage } from './outgoing-message.ts'

/** A value, or a promise of one: memory answers at once, a store behind a network later. */
export type Awaitable<T> = T | Promise<T>

/** The limits that a store keeps. Each is also an option of `attach`. */
export interface StoreLimits {
  /** Milliseconds that a session lives without a carrier. Default 150,000. */
  readonly sessionTtl: number
  /** Sessions at a time. More clients are refused with `too-many-sessions`. Default 100,000. */
  readonly maxSessions: number
  /** Sessions of one user id at a time. More are refused with `too-many-user-sessions`. The user `''` has no limit. Default 100. */
  readonly maxSessionsPerUser: number
  /** Messages that the log down of one session may hold. One more ends the session with `overflow`. Default 10,000. */
  readonly maxBufferedMessages: number
  /** Bytes of messages, and 256 for each, that the log down of one session may hold, likewise. Default 8,000,000. */
  readonly maxBufferedBytes: number
}

/** A session, as the store keeps it for the application. */
export interface SessionRecord {
  /** Public id, made by the store. */
  readonly id: string
  /** Drawn by the store when it created the session. The same key with another epoch is another session. */
  readonly epoch: string
  /** The user id that `authenticate` returned; `''` for nobody in particular. */
  readonly user: string
  /** The application's state of the session, as JSON text. */
  readonly data: string
  /** Transport of the newest carrier; `null` while there is none. */
  readonly transport: TransportName | null
}

/** Which load of a page works on a session (PROTOCOL.md 6.5). */
export interface Page {
  /** Each load of a page that resumes the session raises it by one. */
  readonly generation: number
  /** Drawn at random by each load, so that a duplicated tab is told apart. */
  readonly holder: string
}

/** The request of an attach or exchange whose client is known. */
export interface AttachRequest {
  /** The client's secret key and its user, or the id of the session that a ticket was issued for. */
  readonly identity: { readonly key: string; readonly user: string } | { readonly id: string }
  /** Absent: create the session if there is none. Present: never create. */
  readonly epoch?: string
  /** The client's number of this attach or exchange: `t` on the wire (PROTOCOL.md 6.4). */
  readonly sequence: number
  /** The lowest sequence that the client still wants: `want` on the wire. */
  readonly lowestWanted: number
  readonly page: Page
  /** Acknowledges everything up to it; a reader begins after it. */
  readonly position: Position
  /** Present: register a reader of this node under `sequence`, for this transport. */
  readonly readerTransport?: TransportName
}

/** An attach request was admitted. */
export interface Admission {
  readonly session: SessionRecord
  /** The request created the session. Its node opens it, as number 0 of the log up. */
  readonly created: boolean
  /** Number of the last message up whose handlers have settled; 0 if there is none. */
  readonly acceptedUpTo: number
  /** Number of the last message down; 0 if there is none. */
  readonly head: number
}

/** Why a request was refused, or a session ended (PROTOCOL.md 8). */
export interface End {
  readonly type: EndType
  /** For people, except for the types `gone` and `closed`, whose reasons are part of the protocol. */
  readonly reason: string
  /** The application's own code, of an end of the type `closed`. */
  readonly code?: number
}

/** A part of a log down. */
export interface Backlog {
  /** Number of the first message. Higher than what was asked for if the log begins above it. */
  readonly first: number
  readonly messages: readonly OutgoingMessage[]
  /** Tag of the position at the last message. */
  readonly tag: string
  /** Number of the last message of the log; 0 if there is none. */
  readonly head: number
  /** Number of the last message up whose handlers have settled; 0 if there is none. */
  readonly acceptedUpTo: number
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
 * because its node died, repeats nothing that was sent.
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

/** A session that ended. The application is told of it, because it was told of its opening, or is about to be. */
export interface EndedSession {
  readonly session: SessionRecord
  readonly end: End
}

/** A node, as the store knows it. The store tells it of sessions that have a reader of this node, and of no others. */
export interface StoreListener {
  /** A message was appended to the log down of a session. */
  onAppended(id: string, number: number, message: OutgoingMessage, tag: string): void
  /** A volatile message was published to a session. Only the node of the newest reader is told. */
  onPublished(id: string, message: OutgoingMessage): void
  /** The handlers of a message up have settled. */
  onAccepted(id: string, number: number): void
  /** The client asks for a sign of life on every carrier. */
  onProbed(id: string): void
  /**
   * A reader lost its place, to another one or because its client gave it up. Where a request of the same node takes the
   * place, this comes before that request is admitted.
   */
  onSuperseded(id: string, sequence: number): void
  /** The session ended. */
  onEnded(id: string, end: End): void
}

/**
 * Where sessions live. Each method is one atomic step. Methods that name a session which is not there do nothing, or answer
 * how it ended.
 */
export interface SessionStore {
  /** Adds a node, with the limits of its hub. Each hub calls this once, before anything else. */
  connect(listener: StoreListener, limits: StoreLimits): Awaitable<void>
  /** Removes a node with all its readers: its hub was closed. */
  disconnect(listener: StoreListener): Awaitable<void>

  /**
   * Finds or creates a session; checks epoch, user, page and fence; acknowledges the position; registers a reader. A request
   * that is refused changes nothing (PROTOCOL.md 6.4).
   */
  admit(listener: StoreListener, request: AttachRequest): Awaitable<Admission | End>
  /** The session as it is now. */
  find(id: string): Awaitable<SessionRecord | undefined>
  /** Messages down after a number: up to `maxBytes` of encoded entries, but at least one message. None if `maxBytes` is 0. */
  read(id: string, after: number, maxBytes: number): Awaitable<Backlog | End>
  /** Drops messages down up to a position, and counts as a second contact of the client. Answers `lost` for a foreign position. */
  acknowledge(id: string, position: Position): Awaitable<End | undefined>
  /** Removes a reader of this node, unless its place was taken by another node. */
  detach(listener: StoreListener, id: string, sequence: number): Awaitable<void>
  /** Calls `onProbed` of every node that has readers of the session. */
  probe(id: string): Awaitable<void>
  /** Begins the lifetimes of these sessions anew: each has a living reader of this node. */
  touch(ids: Iterable<string>): Awaitable<void>

  /**
   * Numbers a message, keeps it and tells the nodes. Sessions that have no room for it beside the `cost` of what they hold end,
   * and are returned.
   */
  append(
    targets: readonly Target[] | 'all',
    message: OutgoingMessage,
    cause?: Cause,
  ): Awaitable<readonly EndedSession[]>
  /** Tells the node of the newest reader of each session of a volatile message, and keeps nothing. */
  publish(targets: readonly Target[] | 'all', message: OutgoingMessage): Awaitable<void>

  /**
   * Claims messages up for one batch. Number 0 stands for the opening of the session. `token` names the claim. A claim that is
   * not renewed for 5 seconds is free again: its node may have died.
   */
  claim(id: string, first: number, last: number, token: string): Awaitable<ClaimResult>
  /** Keeps a claim: its handlers still run. */
  renewClaim(id: string, token: string): Awaitable<void>
  /** Accepts a claimed message, and saves the application's state if it changed. False if the claim is another's by now. */
  complete(id: string, number: number, token: string, data?: string): Awaitable<boolean>
  /** Saves the application's state after a message without a number. */
  saveData(id: string, data: string): Awaitable<void>

  /** Adds a session to a room. */
  join(id: string, room: string): Awaitable<void>
  /** Takes a session out of a room. */
  leave(id: string, room: string): Awaitable<void>

  /**
   * The page said goodbye: ends the session after so many milliseconds, unless a page of a later generation resumes it. Does
   * nothing if one has done so already.
   */
  endAfter(id: string, page: Page, ms: number): Awaitable<void>
  /** Ends a session now. `undefined`: the application need not be told. */
  end(id: string, end: End): Awaitable<EndedSession | undefined>
  /** Ends sessions whose lifetime is over. Each is returned to one node only. */
  expire(): Awaitable<readonly EndedSession[]>

  /** Keeps what a ticket stands for, for so many milliseconds. */
  saveTicket(ticket: string, request: AttachRequest, ms: number): Awaitable<void>
  /** Answers what a ticket stands for, and forgets it: a ticket is good for one use. */
  redeemTicket(ticket: string): Awaitable<AttachRequest | undefined>
}
