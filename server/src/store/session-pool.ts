/** The sessions of a memory store: who may create one, how long each lives, and how each ends. */
import type { AttachRequest } from './attach-request.ts'
import { FULL, OVERFLOW, SCARCE, refusalToCreate } from './creation.ts'
import { CrowdedSessions } from './crowded-sessions.ts'
import { EXPIRED, EndedSessions } from './ended-sessions.ts'
import { HeldBytes } from './held-bytes.ts'
import { MemorySession } from './memory-session.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import type { End, EndedSession } from './records.ts'
import { SessionIndex } from './session-index.ts'
import { EXPIRED_AT_ONCE, type StoreLimits, type StoreListener } from './store.ts'
import { UnconfirmedSessions } from './unconfirmed-sessions.ts'

/** Milliseconds that a session lives whose client has contacted it only once (PROTOCOL.md 6.11). */
const UNCONFIRMED_TTL = 10_000
/** Bytes that a session counts besides its logs. */
const SESSION_COST = 1_024
/** How much less a log may hold while memory is short. A client that reads holds a quarter of `window` at most. */
const SHORTAGE_FACTOR = 16
/** Milliseconds after which a part of a message is dropped while memory is short. */
const PART_TIME = 10_000

export class SessionPool {
  limits!: StoreLimits
  readonly held: HeldBytes = new HeldBytes()
  readonly index: SessionIndex = new SessionIndex()
  readonly ended: EndedSessions
  readonly unconfirmed: UnconfirmedSessions
  readonly crowded: CrowdedSessions
  readonly #now: () => number
  /** Sessions that made room for others, until the application is told. */
  #evicted: EndedSession[] = []

  constructor(now: () => number) {
    this.#now = now
    this.ended = new EndedSessions(now, () => this.limits.sessionTtl)
    this.unconfirmed = new UnconfirmedSessions(now)
    this.crowded = new CrowdedSessions(now)
  }

  /** The limits as they are now: while memory is short, logs have less room, so that those who hold most of it give way. */
  get limitsNow(): StoreLimits {
    const { maxBufferedBytes } = this.limits
    if (!this.#isShort) return this.limits
    return { ...this.limits, maxBufferedBytes: maxBufferedBytes / SHORTAGE_FACTOR }
  }

  get #isShort(): boolean {
    return this.held.total > this.limits.maxMemory
  }

  /** Why a request whose session is not there is refused; `undefined`: it may create one. May make room for it. */
  refusalToCreate(request: AttachRequest): End | undefined {
    const { identity } = request
    const ended = this.ended.get('key' in identity ? identity.key : identity.id)
    if (ended) return ended
    if (this.ended.isFull || this.#isShort) return FULL
    const refusal = refusalToCreate(request, this.index, this.limits)
    const needsRoom = refusal === FULL || refusal === SCARCE
    if (!needsRoom || !this.#evictOldest()) return refusal
    return refusalToCreate(request, this.index, this.limits, true)
  }

  create(request: AttachRequest): MemorySession {
    const { identity } = request
    if (!('user' in identity))
      throw new TypeError('only a client whose user is known has a session made')
    const session = new MemorySession(identity, request, this.held)
    session.createdAt = this.#now()
    this.index.add(session)
    this.held.total += SESSION_COST
    return session
  }

  /** The client of a session has come: for the first time, or again. */
  noteContact(session: MemorySession, isFirst: boolean): void {
    session.confirmed = !isFirst
    session.hasReturned = !isFirst
    if (isFirst) this.unconfirmed.add(session)
    else this.unconfirmed.delete(session)
  }

  renewLifetime(session: MemorySession): void {
    // A goodbye has named the time.
    if (!session.goodbye) session.expiresAt = this.#now() + this.#lifetimeOf(session)
  }

  /**
   * A goodbye takes effect after so many milliseconds. A client that never came back has earned no more than the session has lived,
   * and 10 s. If the store is full before, the session makes room.
   */
  limitLifetime(session: MemorySession, ms: number): void {
    const now = this.#now()
    const age = now - session.createdAt
    const earned = session.hasReturned ? Infinity : Math.max(UNCONFIRMED_TTL, age)
    session.expiresAt = now + Math.min(ms, earned, this.#lifetimeOf(session))
    this.unconfirmed.add(session)
  }

  /** Adds a message to logs down. Sessions that have no room for it end; answers those of which the application is to be told. */
  append(sessions: Iterable<MemorySession>, message: OutgoingMessage): EndedSession[] {
    const limits = this.limitsNow
    const full: MemorySession[] = []
    for (const session of sessions) {
      if (session.down.hasRoomFor(message, limits.maxBufferedMessages, limits.maxBufferedBytes)) {
        session.append(message)
        this.crowded.note(session, limits)
      } else {
        full.push(session)
      }
    }
    return this.endEach(full, OVERFLOW)
  }

  /** Removes readers of a node. The session's lifetime runs from when its last reader has gone. */
  detach(session: MemorySession, listener: StoreListener, sequence?: number): void {
    const removed = session.readers.remove(listener, sequence)
    if (removed && session.readers.listeners.length === 0) this.renewLifetime(session)
  }

  /** Ends a session. `undefined`: the application need not be told. */
  end(session: MemorySession, end: End): EndedSession | undefined {
    const { id, readers, up } = session
    this.index.remove(session)
    this.crowded.delete(session)
    session.stopWaiting()
    session.release()
    this.held.total -= SESSION_COST
    this.unconfirmed.delete(session)
    this.ended.add(session, end)
    for (const listener of readers.listeners) listener.onEnded(id, end)
    return up.wasOpened ? { session, end } : undefined
  }

  endEach(sessions: readonly MemorySession[], end: End): EndedSession[] {
    return sessions.map((session) => this.end(session, end)).filter((each) => each !== undefined)
  }

  /** Ends sessions whose lifetime is over, up to {@link EXPIRED_AT_ONCE}. Answers those of which the application is to be told, evicted ones included. */
  expire(): EndedSession[] {
    const now = this.#now()
    const expired: MemorySession[] = []
    for (const session of this.index.all()) {
      session.pruneVolatile(now)
      const hasReaders = session.readers.listeners.length > 0
      if (!hasReaders && session.expiresAt <= now) expired.push(session)
      if (expired.length === EXPIRED_AT_ONCE) break
    }
    this.ended.prune()
    this.unconfirmed.prune()
    const evicted = this.#evicted
    this.#evicted = []
    const ended = expired
      .map((session) => this.end(session, session.goodbye ?? EXPIRED))
      .filter((each) => each !== undefined)
    return [...evicted, ...ended, ...this.#endShortage()]
  }

  /** While memory is short: drops messages in parts that do not go on, and ends those who hold much and do not read. */
  #endShortage(): EndedSession[] {
    if (!this.#isShort) return []
    const limits = this.limitsNow
    for (const session of this.index.all()) {
      session.up.dropUnfinished(this.#now() - PART_TIME)
      this.crowded.note(session, limits)
    }
    const ended: EndedSession[] = []
    for (const session of this.crowded.lasting(limits)) {
      if (!this.#isShort) break
      ended.push(...this.endEach([session], OVERFLOW))
    }
    return ended
  }

  /** Ends the oldest session that nobody has come back to, so that a newcomer has room. False if there is none. */
  #evictOldest(): boolean {
    const oldest = this.unconfirmed.oldest()
    if (!oldest) return false
    const ended = this.end(oldest, EXPIRED)
    if (ended) this.#evicted.push(ended)
    return true
  }

  #lifetimeOf({ confirmed }: MemorySession): number {
    const { sessionTtl } = this.limits
    return confirmed ? sessionTtl : Math.min(sessionTtl, UNCONFIRMED_TTL)
  }
}
