import type { PartialMessage } from 'rungs/protocol'
import { monotonicNow } from './clock.ts'
import { FULL, UNKNOWN, refusalToCreate } from './creation.ts'
import { CrowdedSessions } from './crowded-sessions.ts'
import { EndedKeys } from './ended-keys.ts'
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
  Cursor,
  End,
  EndedSession,
  Page,
  PartResult,
  PartUp,
  SessionRecord,
  SessionStore,
  StoreLimits,
  StoreListener,
  Target,
} from './store.ts'
import { UnconfirmedSessions } from './unconfirmed-sessions.ts'

/** Milliseconds that a session lives whose client has contacted it only once (PROTOCOL.md 6.11). */
const UNCONFIRMED_TTL = 10_000
/** Ends that are remembered, by two names for each ended session. In a flood, only the names of older ones are kept. */
const MAX_TOMBSTONES = 200_000
const MAX_TICKETS = 100_000

const EXPIRED: End = { type: 'gone', reason: 'expired' }

/** Sessions in the memory of this process. Tags of positions are empty, because this log is never rolled back. */
export class MemoryStore implements SessionStore {
  readonly #now: () => number
  readonly #sessions = new SessionIndex()
  /** How sessions ended, by their keys and by their ids. */
  readonly #tombstones: ExpiringMap<End>
  readonly #endedKeys: EndedKeys
  readonly #tickets: ExpiringMap<AttachRequest>
  readonly #crowded: CrowdedSessions
  readonly #unconfirmed: UnconfirmedSessions
  /** Sessions that made room for others, until the application is told. */
  #evicted: EndedSession[] = []
  #limits!: StoreLimits

  /** @param now A clock in milliseconds that only goes forward. Default: that of the process. */
  constructor(now: () => number = monotonicNow) {
    this.#now = now
    this.#tombstones = new ExpiringMap(now, MAX_TOMBSTONES, (name) =>
      this.#endedKeys.add(name, this.#limits.sessionTtl),
    )
    this.#endedKeys = new EndedKeys(now)
    this.#crowded = new CrowdedSessions(now)
    this.#unconfirmed = new UnconfirmedSessions(now)
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
    const now = this.#now()
    const refusal = found ? found.refusalFor(request, now) : this.#refusalToCreate(request)
    if (refusal) return refusal
    const session = found ?? this.#create(request)
    session.confirmed = found !== undefined
    if (found) this.#unconfirmed.delete(found)
    else this.#unconfirmed.add(session)
    session.admit(request, listener, now)
    this.#renewLifetime(session)
    const { acceptedUpTo, partProgress } = session.up
    const tokenTtl = session.tokenExpiresAt - now
    const { head, bytes: outstanding } = session.down
    return { session, created: !found, acceptedUpTo, partProgress, head, outstanding, tokenTtl }
  }

  find(id: string): SessionRecord | undefined {
    return this.#sessions.byId(id)
  }

  findByKey(key: string): SessionRecord | undefined {
    return this.#sessions.byKey(key)
  }

  read(id: string, after: number, maxBytes: number): Backlog | End {
    const session = this.#sessions.byId(id)
    if (!session) return this.#tombstones.get(id) ?? UNKNOWN
    const { head } = session.down
    const { acceptedUpTo, partProgress } = session.up
    const volatile = maxBytes > 0 ? session.takeVolatile(this.#now()) : []
    const backlog = session.down.read(after, maxBytes)
    return { ...backlog, head, acceptedUpTo, partProgress, volatile }
  }

  acknowledge(id: string, position: Cursor): End | undefined {
    const session = this.#sessions.byId(id)
    const lost = session?.acknowledge(position, this.#now())
    if (session?.confirmed) this.#unconfirmed.delete(session)
    return lost
  }

  detach(listener: StoreListener, id: string, sequence: number): void {
    const session = this.#sessions.byId(id)
    if (session) this.#detach(session, listener, sequence)
  }

  probe(id: string): void {
    for (const listener of this.#listenersOf(id)) listener.onProbed(id)
  }

  touch(ids: Iterable<string>): void {
    for (const id of ids) {
      const session = this.#sessions.byId(id)
      // A node that died took this store along, so a session that has readers is alive.
      if (session?.readers.listeners.length === 0) this.#renewLifetime(session)
      if (session) this.#unconfirmed.renew(session)
    }
  }

  silence(id: string): number {
    const session = this.#sessions.byId(id)
    return session ? this.#now() - session.contactAt : Infinity
  }

  renewToken(id: string, tokenTtl: number): void {
    this.#sessions.byId(id)?.renewToken(tokenTtl, this.#now())
  }

  append(
    targets: readonly Target[] | 'all',
    message: OutgoingMessage,
    cause?: Cause,
  ): EndedSession[] {
    if (cause && this.#sessions.byId(cause.sessionId)?.up.wasSent(cause)) return []
    const { maxBufferedMessages, maxBufferedBytes } = this.#limits
    const full: MemorySession[] = []
    for (const session of this.#sessions.resolve(targets)) {
      if (session.down.hasRoomFor(message, maxBufferedMessages, maxBufferedBytes)) {
        session.append(message)
        this.#crowded.note(session, this.#limits)
      } else {
        full.push(session)
      }
    }
    return this.#endEach(full, { type: 'gone', reason: 'overflow' })
  }

  areCrowded(targets: readonly Target[] | 'all'): boolean {
    const crowded = this.#crowded.recent(this.#limits)
    if (crowded.size === 0) return false
    for (const session of this.#sessions.resolve(targets)) {
      if (crowded.has(session)) return true
    }
    return false
  }

  waitForRoom(id: string, bytes: number): Promise<void> | undefined {
    const session = this.#sessions.byId(id)
    const { maxBufferedMessages, maxBufferedBytes } = this.#limits
    const hasRoom = (): boolean =>
      !session || session.down.isBelowMark(bytes, maxBufferedMessages, maxBufferedBytes)
    return hasRoom() ? undefined : session!.waitUntil(hasRoom)
  }

  waitUntilAcknowledged(id: string): Promise<void> | undefined {
    const session = this.#sessions.byId(id)
    if (!session) return undefined
    const { down } = session
    const { head } = down
    return down.base >= head ? undefined : session.waitUntil(() => down.base >= head)
  }

  publish(targets: readonly Target[] | 'all', message: OutgoingMessage): void {
    const keptUntil = this.#now() + this.#limits.heartbeat
    for (const session of this.#sessions.resolve(targets)) session.publish(message, keptUntil)
  }

  addPart(id: string, part: PartUp): PartResult {
    return this.#sessions.byId(id)?.addPart(part) ?? 'gone'
  }

  readParts(id: string, number: number): PartialMessage | 'completed' | 'gone' | undefined {
    const session = this.#sessions.byId(id)
    return session ? session.up.readParts(number) : 'gone'
  }

  claim(id: string, first: number, last: number, token: string): ClaimResult {
    const session = this.#sessions.byId(id)
    if (!session) return 'gone'
    const claimed = session.up.claim(first, last, token, this.#now())
    return typeof claimed === 'number' ? { first: claimed, session } : claimed
  }

  renewClaim(id: string, token: string): void {
    this.#sessions.byId(id)?.up.renewClaim(token, this.#now())
  }

  complete(id: string, number: number, token: string, data?: string): boolean {
    return this.#sessions.byId(id)?.complete(number, token, data) ?? false
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

  markLeft(id: string, page: Page, isForGood: boolean): void {
    this.#sessions.byId(id)?.markLeft(page, isForGood)
  }

  endAfter(id: string, page: Page, ms: number, end: End): void {
    const session = this.#sessions.byId(id)
    // A client that made one exchange, and said goodbye in it, never learned the epoch: it cannot come back.
    const mayReturn = session?.confirmed || session?.readers.newest !== undefined
    if (!session?.sayGoodbye(page, end)) return
    session.expiresAt = this.#now() + (mayReturn ? Math.min(ms, this.#lifetimeOf(session)) : 0)
  }

  end(id: string, end: End): EndedSession | undefined {
    const session = this.#sessions.byId(id)
    return session && this.#end(session, end)
  }

  endTargets(targets: readonly Target[], end: End): EndedSession[] {
    return this.#endEach([...this.#sessions.resolve(targets)], end)
  }

  /** Ends every session: its process goes away, and no other node has them. */
  endAll(end: End): EndedSession[] {
    return this.#endEach([...this.#sessions.all()], end)
  }

  expire(): EndedSession[] {
    const now = this.#now()
    const expired: MemorySession[] = []
    for (const session of this.#sessions.all()) {
      session.pruneVolatile(now)
      const hasReaders = session.readers.listeners.length > 0
      if (!hasReaders && session.expiresAt <= now) expired.push(session)
    }
    this.#tombstones.prune()
    this.#endedKeys.prune(this.#limits.sessionTtl)
    this.#tickets.prune()
    this.#unconfirmed.prune()
    const evicted = this.#evicted
    this.#evicted = []
    const ended = expired
      .map((session) => this.#end(session, session.goodbye ?? EXPIRED))
      .filter((each) => each !== undefined)
    return [...evicted, ...ended]
  }

  saveTicket(ticket: string, request: AttachRequest, ms: number): void {
    this.#tickets.set(ticket, request, ms)
  }

  redeemTicket(ticket: string): AttachRequest | undefined {
    const request = this.#tickets.get(ticket)
    this.#tickets.delete(ticket)
    return request
  }

  #refusalToCreate(request: AttachRequest): End | undefined {
    const { identity } = request
    const ended = this.#tombstones.get('key' in identity ? identity.key : identity.id)
    if (ended) return ended
    if ('key' in identity && this.#endedKeys.has(identity.key)) return EXPIRED
    if (this.#endedKeys.isFull) return FULL
    const refusal = refusalToCreate(request, this.#sessions, this.#limits)
    if (refusal !== FULL || !this.#evictOldest()) return refusal
    return refusalToCreate(request, this.#sessions, this.#limits)
  }

  /** Ends the oldest session that nobody has come back to, so that a newcomer has room. False if there is none. */
  #evictOldest(): boolean {
    const oldest = this.#unconfirmed.oldest()
    if (!oldest) return false
    const ended = this.#end(oldest, EXPIRED)
    if (ended) this.#evicted.push(ended)
    return true
  }

  #create(request: AttachRequest): MemorySession {
    const { identity } = request
    if (!('user' in identity))
      throw new TypeError('only a client whose user is known has a session made')
    const session = new MemorySession(identity, request)
    this.#sessions.add(session)
    return session
  }

  #renewLifetime(session: MemorySession): void {
    // A goodbye has named the time.
    if (!session.goodbye) session.expiresAt = this.#now() + this.#lifetimeOf(session)
  }

  #lifetimeOf({ confirmed }: MemorySession): number {
    const { sessionTtl } = this.#limits
    return confirmed ? sessionTtl : Math.min(sessionTtl, UNCONFIRMED_TTL)
  }

  #listenersOf(id: string): readonly StoreListener[] {
    return this.#sessions.byId(id)?.readers.listeners ?? []
  }

  /** Removes readers of a node. The session's lifetime runs from when its last reader has gone. */
  #detach(session: MemorySession, listener: StoreListener, sequence?: number): void {
    const removed = session.readers.remove(listener, sequence)
    if (removed && session.readers.listeners.length === 0) this.#renewLifetime(session)
  }

  #endEach(sessions: readonly MemorySession[], end: End): EndedSession[] {
    return sessions.map((session) => this.#end(session, end)).filter((ended) => ended !== undefined)
  }

  #end(session: MemorySession, end: End): EndedSession | undefined {
    const { id, key, readers, up } = session
    this.#sessions.remove(session)
    this.#crowded.delete(session)
    session.stopWaiting()
    this.#unconfirmed.delete(session)
    for (const name of [key, id]) this.#tombstones.set(name, end, this.#limits.sessionTtl)
    for (const listener of readers.listeners) listener.onEnded(id, end)
    return up.wasOpened ? { session, end } : undefined
  }
}
