/**
 * Where sessions live. Everything above this interface holds sockets and nothing else, so any node may serve any
 * request of any session, as soon as the nodes share a store. Each method is one atomic step.
 */
import type { EndType, Position, TransportName } from 'rungs/protocol'
import type { LogMessage } from './outgoing-message.ts'

/** Stores answer at once or later. */
export type Awaitable<T> = T | Promise<T>

export interface StoreLimits {
  /** Milliseconds that a session lives without a carrier. */
  readonly sessionTtl: number
  readonly maxSessions: number
  readonly maxSessionsPerUser: number
  /** Messages, and bytes of messages, that one session's log down may hold unacknowledged. */
  readonly maxBufferedMessages: number
  readonly maxBufferedBytes: number
}

/** A session, as the store keeps it for the application. */
export interface SessionRecord {
  readonly id: string
  readonly epoch: string
  /** Empty for nobody in particular. */
  readonly user: string
  /** The application's state, as JSON text. */
  readonly data: string
  /** Transport of the newest carrier; `null` while there is none. */
  readonly transport: TransportName | null
}

/** An attach or exchange of a client that was let in. */
export interface Contact {
  /** The client's secret, or the id that a ticket stood for. */
  readonly who: { readonly key: string; readonly user: string } | { readonly id: string }
  /** Absent: create the session if there is none. */
  readonly epoch?: string
  readonly t: number
  readonly want: number
  readonly page: readonly [generation: number, holder: string]
  /** Acknowledged, and where a reader begins. */
  readonly position: Position
  /** Registers a reader of this node under `t`. */
  readonly reader?: TransportName
}

export interface Contacted {
  readonly session: SessionRecord
  /** This contact created the session; it is this node's to open it, as number 0 of the log up. */
  readonly created: boolean
  readonly accepted: number
  readonly head: number
}

/** Why a contact was refused, or a session ended. */
export interface End {
  readonly type: EndType
  readonly reason: string
  readonly code?: number
}

export interface Backlog {
  /** Number of the first message; the log may begin above the position that was asked for. */
  readonly first: number
  readonly messages: readonly LogMessage[]
  /** Tag of the last of them. */
  readonly tag: string
  readonly head: number
  readonly accepted: number
}

/** Who gets a message: all that any of its fields names. */
export interface Target {
  readonly session?: string
  readonly user?: string
  readonly room?: string
}

/** The message whose handler sends, and a counter: a handler that runs again repeats nothing that was sent. */
export interface Cause {
  readonly id: string
  readonly number: number
  readonly counter: number
}

/** What may be run of the numbers asked for. `busy`: someone runs them now. `gap`: some before are missing. */
export type Taken =
  | 'gone'
  | 'done'
  | 'gap'
  | 'busy'
  | { readonly from: number; readonly session: SessionRecord }

/** A session that ended, for whoever must tell the application: only if it was opened, or was about to be. */
export interface Ended {
  readonly session: SessionRecord
  readonly end: End
}

/** A hub, as the store knows it: what it hears of sessions that have a reader of it. */
export interface Node {
  appended(id: string, number: number, message: LogMessage, tag: string): void
  /** Told to the node of the newest reader only. */
  volatile(id: string, message: LogMessage): void
  accepted(id: string, number: number): void
  /** A client asks for a sign of life on every carrier. */
  probed(id: string): void
  /**
   * A reader's place was taken, or its client gave it up. Where a contact of the same node takes it, this comes before
   * the contact settles.
   */
  superseded(id: string, t: number): void
  ended(id: string, end: End): void
}

export interface SessionStore {
  /** Called once by each hub, with the limits of its options. */
  open(node: Node, limits: StoreLimits): Awaitable<void>
  /** The hub is gone: forget its readers. */
  close(node: Node): Awaitable<void>

  /** Creates or finds a session; checks user, page and fence; acknowledges; registers a reader. */
  contact(node: Node, contact: Contact): Awaitable<Contacted | End>
  /** The session as it is now. */
  find(id: string): Awaitable<SessionRecord | undefined>
  /** Messages after a position: so many encoded bytes, or one message; none for 0. Or how the session ended. */
  read(id: string, after: number, bytes: number): Awaitable<Backlog | End>
  /** A client that acknowledges was there again: this counts as a contact. */
  acknowledge(id: string, position: Position): Awaitable<End | undefined>
  /** A reader of this node is gone. Does nothing if its place was taken from another node. */
  detach(node: Node, id: string, t: number): Awaitable<void>
  /** Tells every node that has readers of the session. */
  probe(id: string): Awaitable<void>
  /** These have a living reader of this node: they stay alive. */
  touch(ids: Iterable<string>): Awaitable<void>

  /** Numbers, logs and notifies in one step. Sessions that overflow by it end, and are returned. */
  append(
    targets: readonly Target[] | 'all',
    message: LogMessage,
    cause?: Cause,
  ): Awaitable<readonly Ended[]>
  /** Notifies only: nothing is kept. */
  publish(targets: readonly Target[] | 'all', message: LogMessage): Awaitable<void>

  /** Claims the numbers of a batch for one runner. Number 0 stands for opening the session. */
  take(id: string, first: number, last: number, token: string): Awaitable<Taken>
  /** The runner is still at work. */
  renew(id: string, token: string): Awaitable<void>
  /** A number's handler has settled; `data` is the application's new state, if it changed. False: not yours. */
  done(id: string, number: number, token: string, data?: string): Awaitable<boolean>
  /** Keeps the application's state, where it changed outside of a number. */
  keep(id: string, data: string): Awaitable<void>

  join(id: string, room: string): Awaitable<void>
  leave(id: string, room: string): Awaitable<void>

  /**
   * The page said goodbye: the session ends in so many milliseconds, unless a page of a later generation resumes. Does
   * nothing if one has done so already.
   */
  linger(id: string, page: Contact['page'], ms: number): Awaitable<void>
  /** Ends a session. `undefined`: it had ended already. */
  end(id: string, end: End): Awaitable<Ended | undefined>
  /** Sessions whose time is over, each told to one node only. */
  expire(): Awaitable<readonly Ended[]>

  /** Keeps a ticket for so many milliseconds. */
  issue(ticket: string, contact: Contact, ms: number): Awaitable<void>
  /** Takes a ticket: it is good for one use. */
  redeem(ticket: string): Awaitable<Contact | undefined>
}
