/**
 * The interface of a session store. A node holds sockets and nothing else that is its own, so any node may serve any
 * request of any session as soon as the nodes share a store.
 */
import type { PartialMessage } from 'rungs/protocol'
import type { Admission, AttachRequest, Cursor, Page } from './attach-request.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import type {
  Backlog,
  Cause,
  ClaimResult,
  End,
  EndedSession,
  PartProgress,
  PartResult,
  PartUp,
  SessionRecord,
  Target,
} from './records.ts'

export type * from './attach-request.ts'
export type * from './records.ts'

/** A value, or a promise of one: memory answers at once, a store behind a network later. */
export type Awaitable<T> = T | Promise<T>

/** Sessions that a store ends in one step when their lifetimes are over. */
export const EXPIRED_AT_ONCE = 100

/** The limits that a store keeps. Each is also an option of `attach`. */
export interface StoreLimits {
  /** Milliseconds that a session lives without a carrier. Default 150,000. */
  readonly sessionTtl: number
  /** Milliseconds of silence after which a carrier gets a heartbeat, and of the longest wait of a poll. Default 20,000. */
  readonly heartbeat: number
  /** Sessions at a time. More clients are refused with `too-many-sessions`. Default 100,000. */
  readonly maxSessions: number
  /** Sessions of one user id at a time. More are refused with `too-many-user-sessions`. The user `''` has no limit. Default 100. */
  readonly maxSessionsPerUser: number
  /**
   * Sessions of one address at a time, while more than half of `maxSessions` are there. More are refused with `too-many-sessions`.
   * Half of the server is everybody's, so that an office behind one address has room. Default: a tenth of `maxSessions`.
   */
  readonly maxSessionsPerAddress: number
  /** Messages that the log down of one session may hold. One more ends the session with `overflow`. Default 10,000. */
  readonly maxBufferedMessages: number
  /** Bytes of messages, and 64 for each, that the log down of one session may hold, likewise. Default 8,000,000. */
  readonly maxBufferedBytes: number
  /**
   * Bytes that all clients of this process may hold: logs, parts of messages, bodies, messages that wait for handlers, answers. Above
   * it, newcomers are refused with `too-many-sessions`, whoever holds much is slowed, and a client that holds much and does not read
   * ends with `overflow`. A store elsewhere need not keep it. Default: a quarter of the limit of V8's heap.
   */
  readonly maxMemory: number
}

/** A node, as the store knows it. The store tells it of sessions that have a reader of this node, and of no others. */
export interface StoreListener {
  /** A message was appended to the log down of a session. */
  onAppended(id: string, number: number, message: OutgoingMessage, tag: string): void
  /** A volatile message was published to a session. Only the node of the newest reader is told. */
  onPublished(id: string, message: OutgoingMessage): void
  /** A part of a message up was added. */
  onPartAdded(id: string, progress: PartProgress): void
  /** The handlers of a message up have settled. */
  onAccepted(id: string, number: number): void
  /** The client asks for a sign of life on every carrier. */
  onProbed(id: string): void
  /** The client was authenticated again. Its token is good for so many milliseconds; `Infinity`: for ever. */
  onTokenRenewed(id: string, tokenTtl: number): void
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
  /** Bytes that the store holds in the memory of this process, for `maxMemory`. Absent: none. */
  readonly heldBytes?: number

  /** Adds a node, with the limits of its hub. Each hub calls this once, before anything else. */
  connect(listener: StoreListener, limits: StoreLimits): Awaitable<void>
  /** Removes a node with all its readers: its hub was closed. */
  disconnect(listener: StoreListener): Awaitable<void>

  /**
   * A key whose session has ended creates none for a lifetime of it, however many sessions end meanwhile: nothing that strangers
   * do may make a store forget one (PROTOCOL.md 6.1). Answer `too-many-sessions` rather than that.
   *
   * Finds or creates a session; checks epoch, user, token, page and fence; acknowledges the position; registers a reader. A
   * request that is refused changes nothing (PROTOCOL.md 6.4).
   */
  admit(listener: StoreListener, request: AttachRequest): Awaitable<Admission | End>
  /** The session as it is now. */
  find(id: string): Awaitable<SessionRecord | undefined>
  /** The session with this key as it is now. Changes nothing, and is no contact. */
  findByKey(key: string): Awaitable<SessionRecord | undefined>
  /**
   * Messages down after a number: up to `maxBytes` of encoded entries, but at least one message; and the volatile messages that
   * were kept. Neither of them if `maxBytes` is 0.
   */
  read(id: string, after: number, maxBytes: number): Awaitable<Backlog | End>
  /** Drops messages down up to a position, and counts as a contact of the client. Answers `lost` for a foreign position. */
  acknowledge(id: string, position: Cursor): Awaitable<End | undefined>
  /** Removes a reader of this node, unless its place was taken by another node. */
  detach(listener: StoreListener, id: string, sequence: number): Awaitable<void>
  /** Calls `onProbed` of every node that has readers of the session. */
  probe(id: string): Awaitable<void>
  /** Begins the lifetimes of these sessions anew: each has a living reader of this node, or a request that it works on. */
  touch(ids: Iterable<string>): Awaitable<void>
  /** Milliseconds since the last contact of the client, at whatever node. */
  silence(id: string): Awaitable<number>
  /** The client has brought a new token, which is good for so many milliseconds; `Infinity`: for ever. */
  renewToken(id: string, tokenTtl: number): Awaitable<void>

  /**
   * Numbers a message, keeps it and tells the nodes. Sessions that have no room for it beside the `cost` of what they hold end,
   * and are returned. Does nothing if a message with this cause was appended, or one with this id less than `sessionTtl` ago.
   */
  append(
    targets: readonly Target[] | 'all',
    message: OutgoingMessage,
    cause?: Cause,
    id?: string,
  ): Awaitable<readonly EndedSession[]>
  /** The sessions that targets name, as they are now. */
  list(targets: readonly Target[] | 'all'): Awaitable<readonly SessionRecord[]>
  /**
   * Whether the log down of one of these sessions is more than half full, and has been so for less than 5 seconds: whoever sends
   * to it is slowed. After that it reads too slowly for those who write to it, and ends alone.
   */
  areCrowded(targets: readonly Target[] | 'all'): Awaitable<boolean>
  /**
   * Settles once the log down of a session has at most three quarters of its messages and room for one of so many bytes, or is
   * empty; at once if there is no such session, and when it ends. Answers `undefined` where nothing has to be waited for.
   */
  waitForRoom(id: string, bytes: number): Promise<void> | undefined
  /** Settles once everything that is in the log down of a session now was acknowledged, or it has ended. */
  waitUntilAcknowledged(id: string): Promise<void> | undefined
  /**
   * Tells the node of the newest reader of each session of a volatile message. A session without a reader keeps the latest 8,
   * each for a heartbeat interval, for its next poll or stream.
   */
  publish(targets: readonly Target[] | 'all', message: OutgoingMessage): Awaitable<void>

  /**
   * Adds a part to the one message up that a session has in parts, if it begins where that ends. The first part of another
   * message takes its place. The last part of a message is never added: the node that gets it puts the message together, and
   * claims it. If that node dies, what is here is still here.
   */
  addPart(id: string, part: PartUp): Awaitable<PartResult>
  /** The parts of a message up that were added. `undefined`: none. They are kept until the message is completed. */
  readParts(
    id: string,
    number: number,
  ): Awaitable<PartialMessage | 'completed' | 'gone' | undefined>
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
   * The page said goodbye: what else it asks for is refused with `superseded`. Its readers go on, because handlers of its last
   * messages may still send. If it left for good, nobody acknowledges any more, so senders wait no longer. Does nothing if another
   * page holds the session.
   */
  markLeft(id: string, page: Page, isForGood: boolean): Awaitable<void>
  /**
   * The goodbye of the page takes effect: ends the session after so many milliseconds, or its lifetime if that is less, unless a page of a
   * later generation resumes it. Does nothing if one has done so already.
   */
  endAfter(id: string, page: Page, ms: number, end: End): Awaitable<void>
  /** Ends a session now. `undefined`: the application need not be told. */
  end(id: string, end: End): Awaitable<EndedSession | undefined>
  /** Ends all sessions that targets name, now. Answers those that the application is to be told of. */
  endTargets(targets: readonly Target[], end: End): Awaitable<readonly EndedSession[]>
  /**
   * Ends sessions whose lifetime is over. Each is returned to one node only. A store with more of them than {@link EXPIRED_AT_ONCE}
   * leaves the rest for another call, which follows when others have had their turn.
   */
  expire(): Awaitable<readonly EndedSession[]>

  /** Keeps what a ticket stands for, for so many milliseconds. */
  saveTicket(ticket: string, request: AttachRequest, ms: number): Awaitable<void>
  /** Answers what a ticket stands for, and forgets it: a ticket is good for one use. */
  redeemTicket(ticket: string): Awaitable<AttachRequest | undefined>
}
