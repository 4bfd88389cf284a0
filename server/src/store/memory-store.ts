import type { Position } from 'rungs/protocol'
import { monotonicNow } from './clock.ts'
import { ExpiringMap } from './expiring-map.ts'
import { MemorySession } from './memory-session.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { SessionIndex } from './session-index.ts'
import type {
  Admission,
  AttachRequest,
  Backlog,
  Cause,
  ClaimResult,
  End,
  EndedSession,
  Page,
  SessionRecord,
  SessionStore,
  StoreLimits,
  StoreListener,
  Target,
} from './store.ts'

/** Milliseconds that a session lives whose client has contacted it only once (PROTOCOL.md 6.11). */
const UNCONFIRMED_TTL = 10_000
/** Milliseconds after which a claim that is not renewed is free again. */
const CLAIM_TTL = 5_000
/** Ends that are remembered, two for each ended session, so that a delayed request does not revive one. */
const MAX_TOMBSTONES = 200_000
const MAX_TICKETS = 100_000

const UNKNOWN: End = { type: 'gone', reason: 'unknown' }

/** Sessions in the memory of this process. Tags of positions are empty, because this log is never rolled back. */
export class MemoryStore implements SessionStore {
  readonly #now: () => number
  readonly #sessions = new SessionIndex()
  /** How sessions ended, by their keys and by their ids. */
  readonly #tombstones: ExpiringMap<End>
  readonly #tickets: ExpiringMap<AttachRequest>
  #limits!: StoreLimits

  /** @param now A clock in milliseconds that only goes forward. Default: that of the process. */
  constructor(now: () => number = monotonicNow) {
    this.#now = now
    this.#tombstones = new ExpiringMap(now, MAX_TOMBSTONES)
    this.#tickets = new ExpiringMap(now, MAX_TICKETS)
  }

  connect(_: StoreListener, limits: StoreLimits): void {
    this.#limits = limits
  }

  disconnect(listener: StoreListener): void {
    for (const session of this.#sessions.all()) this.#detach(session, listener)
  }

  admit(listener: StoreListener, request: AttachRequest): Admission | End {
    const { identity, epoch } = request
    const found =
      'key' in identity ? this.#sessions.byKey(identity.key) : this.#sessions.byId(identity.id)
    if (found && epoch !== undefined && epoch !== found.epoch) return UNKNOWN
    const refusal = found ? found.refusalFor(request) : this.#refusalToCreate(request)
    if (refusal) return refusal
    const session = found ?? this.#create(request)
    session.confirmed = found !== undefined
    session.admit(request, listener)
    this.#renewLifetime(session)
    const { acceptedUpTo, head } = session
    return { session, created: !found, acceptedUpTo, head }
  }

  find(id: string): SessionRecord | undefined {
    return this.#sessions.byId(id)
  }

  read(id: string, after: number, maxBytes: number): Backlog | End {
    const session = this.#sessions.byId(id)
    return session?.backlog(after, maxBytes) ?? this.#tombstones.get(id) ?? UNKNOWN
  }

  acknowledge(id: string, position: Position): End | undefined {
    const session = this.#sessions.byId(id)
    if (session) session.confirmed = true
    return session?.acknowledge(position)
  }

  detach(listener: StoreListener, id: string, sequence: number): void {
    const session = this.#sessions.byId(id)
    if (session) this.#detach(session, listener, sequence)
  }

  probe(id: string): void {
    for (const listener of this.#sessions.byId(id)?.listeners ?? []) listener.onProbed(id)
  }

  touch(): void {
    // Nothing to do: a node that died took this store along, so a session that has readers is alive.
  }

  append(
    targets: readonly Target[] | 'all',
    message: OutgoingMessage,
    cause?: Cause,
  ): EndedSession[] {
    if (cause && this.#wasSent(cause)) return []
    const { maxBufferedMessages, maxBufferedBytes } = this.#limits
    const full: MemorySession[] = []
    for (const session of this.#sessions.resolve(targets)) {
      if (session.hasRoomFor(message, maxBufferedMessages, maxBufferedBytes)) {
        session.append(message)
      } else {
        full.push(session)
      }
    }
    return this.#endEach(full, { type: 'gone', reason: 'overflow' })
  }

  publish(targets: readonly Target[] | 'all', message: OutgoingMessage): void {
    for (const session of this.#sessions.resolve(targets)) {
      session.newestListener?.onPublished(session.id, message)
    }
  }

  claim(id: string, first: number, last: number, token: string): ClaimResult {
    const session = this.#sessions.byId(id)
    if (!session) return 'gone'
    const { nextNumber, claim } = session
    if (last < nextNumber) return 'completed'
    if (claim && claim.token !== token && claim.expiresAt > this.#now()) return 'busy'
    // A node that was to open the session may have died. Then the batch that begins with number 1 opens it, as number 0.
    if (first > Math.max(nextNumber, 1)) return 'gap'
    session.claim = { token, last, expiresAt: this.#now() + CLAIM_TTL }
    return { first: nextNumber, session }
  }

  renewClaim(id: string, token: string): void {
    const claim = this.#sessions.byId(id)?.claim
    if (claim?.token === token) claim.expiresAt = this.#now() + CLAIM_TTL
  }

  complete(id: string, number: number, token: string, data?: string): boolean {
    const session = this.#sessions.byId(id)
    if (session?.claim?.token !== token || number !== session.nextNumber) return false
    session.nextNumber++
    if (data !== undefined) session.data = data
    if (number === session.claim.last) session.claim = undefined
    for (const listener of session.listeners) listener.onAccepted(id, number)
    return true
  }

  saveData(id: string, data: string): void {
    const session = this.#sessions.byId(id)
    if (session) session.data = data
  }

  join(id: string, room: string): void {
    const session = this.#sessions.byId(id)
    if (session) this.#sessions.join(session, room)
  }

  leave(id: string, room: string): void {
    const session = this.#sessions.byId(id)
    if (session) this.#sessions.leave(session, room)
  }

  endAfter(id: string, page: Page, ms: number): void {
    const session = this.#sessions.byId(id)
    if (session?.sayGoodbye(page)) session.expiresAt = this.#now() + ms
  }

  end(id: string, end: End): EndedSession | undefined {
    const session = this.#sessions.byId(id)
    return session && this.#end(session, end)
  }

  /** Ends every session: its process goes away, and no other node has them. */
  endAll(end: End): EndedSession[] {
    return this.#endEach([...this.#sessions.all()], end)
  }

  expire(): EndedSession[] {
    const now = this.#now()
    const expired: MemorySession[] = []
    for (const session of this.#sessions.all()) {
      if (session.listeners.length === 0 && session.expiresAt <= now) expired.push(session)
    }
    this.#tombstones.prune()
    this.#tickets.prune()
    return this.#endEach(expired, { type: 'gone', reason: 'expired' })
  }

  saveTicket(ticket: string, request: AttachRequest, ms: number): void {
    this.#tickets.set(ticket, request, ms)
  }

  redeemTicket(ticket: string): AttachRequest | undefined {
    const request = this.#tickets.get(ticket)
    this.#tickets.delete(ticket)
    return request
  }

  #refusalToCreate({ identity, epoch, position: [number] }: AttachRequest): End | undefined {
    const ended = this.#tombstones.get('key' in identity ? identity.key : identity.id)
    if (ended) return ended
    if (!('key' in identity) || epoch !== undefined) return UNKNOWN
    if (number > 0) return { type: 'lost', reason: 'the position is of another log' }
    const { maxSessions, maxSessionsPerUser } = this.#limits
    if (this.#sessions.size >= maxSessions) {
      return { type: 'too-many-sessions', reason: 'the server is full; try again later' }
    }
    if (identity.user && this.#sessions.countOf(identity.user) >= maxSessionsPerUser) {
      return {
        type: 'too-many-user-sessions',
        reason: `a user may have ${maxSessionsPerUser} sessions; close another one first`,
      }
    }
    return undefined
  }

  #create({ identity, page }: AttachRequest): MemorySession {
    if (!('key' in identity)) throw new TypeError('a ticket creates no session')
    const session = new MemorySession(identity.key, identity.user, page)
    this.#sessions.add(session)
    return session
  }

  #renewLifetime(session: MemorySession): void {
    // A goodbye has named the time.
    if (session.saidGoodbye) return
    const { sessionTtl } = this.#limits
    const ttl = session.confirmed ? sessionTtl : Math.min(sessionTtl, UNCONFIRMED_TTL)
    session.expiresAt = this.#now() + ttl
  }

  /** Removes readers of a node. The session's lifetime runs from when its last reader has gone. */
  #detach(session: MemorySession, listener: StoreListener, sequence?: number): void {
    const removed = session.detach(listener, sequence)
    if (removed && session.listeners.length === 0) this.#renewLifetime(session)
  }

  /** Whether a handler that runs again has sent this message before. */
  #wasSent(cause: Cause): boolean {
    const source = this.#sessions.byId(cause.sessionId)
    if (!source) return false
    const last = source.lastCause
    if (last && !isAfter(cause, last)) return true
    source.lastCause = cause
    return false
  }

  #endEach(sessions: readonly MemorySession[], end: End): EndedSession[] {
    return sessions.map((session) => this.#end(session, end)).filter((ended) => ended !== undefined)
  }

  #end(session: MemorySession, end: End): EndedSession | undefined {
    const { id, key, listeners, nextNumber, claim } = session
    this.#sessions.remove(session)
    for (const name of [key, id]) this.#tombstones.set(name, end, this.#limits.sessionTtl)
    for (const listener of listeners) listener.onEnded(id, end)
    const wasOpened = nextNumber > 0 || claim !== undefined
    return wasOpened ? { session, end } : undefined
  }
}

function isAfter(cause: Cause, other: Cause): boolean {
  return (
    cause.number > other.number || (cause.number === other.number && cause.counter > other.counter)
  )
}
