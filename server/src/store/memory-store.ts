import type { PartialMessage } from 'rungs/protocol'
import { monotonicNow } from './clock.ts'
import { UNKNOWN } from './creation.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { SessionPool } from './session-pool.ts'
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

const MAX_TICKETS = 100_000

/** Sessions in the memory of this process. Tags of positions are empty, because this log is never rolled back. */
export class MemoryStore implements SessionStore {
  readonly #now: () => number
  readonly #pool: SessionPool
  readonly #tickets: ExpiringMap<AttachRequest>
  /** Ids of messages that were appended. */
  readonly #publishedIds: ExpiringMap<true>

  /** @param now A clock in milliseconds that only goes forward. Default: that of the process. */
  constructor(now: () => number = monotonicNow) {
    this.#now = now
    this.#pool = new SessionPool(now)
    this.#tickets = new ExpiringMap(now, MAX_TICKETS)
    // The application draws the ids, so no stranger can fill it.
    this.#publishedIds = new ExpiringMap(now, Infinity)
  }

  /** Bytes of the logs, and of what belongs to them. */
  get heldBytes(): number {
    return this.#pool.held.total
  }

  connect(_: StoreListener, limits: StoreLimits): void {
    this.#pool.limits = limits
  }

  disconnect(listener: StoreListener): void {
    for (const session of this.#pool.index.all()) this.#pool.detach(session, listener)
  }

  admit(listener: StoreListener, request: AttachRequest): Admission | End {
    const { identity, epoch } = request
    const found =
      'key' in identity ? this.#pool.index.byKey(identity.key) : this.#pool.index.byId(identity.id)
    if (found && epoch !== undefined && epoch !== found.epoch) return UNKNOWN
    const now = this.#now()
    const refusal = found ? found.refusalFor(request, now) : this.#pool.refusalToCreate(request)
    if (refusal) return refusal
    const session = found ?? this.#pool.create(request)
    this.#pool.noteContact(session, !found)
    session.admit(request, listener, now)
    this.#pool.renewLifetime(session)
    const { acceptedUpTo, partProgress } = session.up
    const tokenTtl = session.tokenExpiresAt - now
    const { head, bytes: outstanding } = session.down
    return { session, created: !found, acceptedUpTo, partProgress, head, outstanding, tokenTtl }
  }

  find(id: string): SessionRecord | undefined {
    return this.#pool.index.byId(id)
  }

  findByKey(key: string): SessionRecord | undefined {
    return this.#pool.index.byKey(key)
  }

  read(id: string, after: number, maxBytes: number): Backlog | End {
    const session = this.#pool.index.byId(id)
    if (!session) return this.#pool.ended.get(id) ?? UNKNOWN
    const { head } = session.down
    const { acceptedUpTo, partProgress } = session.up
    const volatile = maxBytes > 0 ? session.takeVolatile(this.#now()) : []
    const backlog = session.down.read(after, maxBytes)
    return { ...backlog, head, acceptedUpTo, partProgress, volatile }
  }

  acknowledge(id: string, position: Cursor): End | undefined {
    const session = this.#pool.index.byId(id)
    const lost = session?.acknowledge(position, this.#now())
    if (session?.confirmed) this.#pool.unconfirmed.delete(session)
    return lost
  }

  detach(listener: StoreListener, id: string, sequence: number): void {
    const session = this.#pool.index.byId(id)
    if (session) this.#pool.detach(session, listener, sequence)
  }

  probe(id: string): void {
    for (const listener of this.#pool.index.byId(id)?.readers.listeners ?? []) {
      listener.onProbed(id)
    }
  }

  touch(ids: Iterable<string>): void {
    for (const id of ids) {
      const session = this.#pool.index.byId(id)
      // A node that died took this store along, so a session that has readers is alive.
      if (session?.readers.listeners.length === 0) this.#pool.renewLifetime(session)
      if (session) this.#pool.unconfirmed.renew(session)
    }
  }

  silence(id: string): number {
    const session = this.#pool.index.byId(id)
    return session ? this.#now() - session.contactAt : Infinity
  }

  renewToken(id: string, tokenTtl: number): void {
    this.#pool.index.byId(id)?.renewToken(tokenTtl, this.#now())
  }

  append(
    targets: readonly Target[] | 'all',
    message: OutgoingMessage,
    cause?: Cause,
    id?: string,
  ): EndedSession[] {
    if (cause && this.#pool.index.byId(cause.sessionId)?.up.wasSent(cause)) return []
    if (id !== undefined) {
      if (this.#publishedIds.get(id)) return []
      this.#publishedIds.set(id, true, this.#pool.limits.sessionTtl)
    }
    return this.#pool.append(this.#pool.index.resolve(targets), message)
  }

  list(targets: readonly Target[] | 'all'): SessionRecord[] {
    return [...this.#pool.index.resolve(targets)]
  }

  areCrowded(targets: readonly Target[] | 'all'): boolean {
    const crowded = this.#pool.crowded.recent(this.#pool.limitsNow)
    if (crowded.size === 0) return false
    for (const session of this.#pool.index.resolve(targets)) {
      if (crowded.has(session)) return true
    }
    return false
  }

  waitForRoom(id: string, bytes: number): Promise<void> | undefined {
    const session = this.#pool.index.byId(id)
    const { maxBufferedMessages, maxBufferedBytes } = this.#pool.limitsNow
    const hasRoom = (): boolean =>
      !session || session.down.isBelowMark(bytes, maxBufferedMessages, maxBufferedBytes)
    return hasRoom() ? undefined : session!.waitUntil(hasRoom)
  }

  waitUntilAcknowledged(id: string): Promise<void> | undefined {
    const session = this.#pool.index.byId(id)
    if (!session) return undefined
    const { down } = session
    const { head } = down
    return down.base >= head ? undefined : session.waitUntil(() => down.base >= head)
  }

  publish(targets: readonly Target[] | 'all', message: OutgoingMessage): void {
    const keptUntil = this.#now() + this.#pool.limits.heartbeat
    for (const session of this.#pool.index.resolve(targets)) session.publish(message, keptUntil)
  }

  addPart(id: string, part: PartUp): PartResult {
    return this.#pool.index.byId(id)?.addPart(part, this.#now()) ?? 'gone'
  }

  readParts(id: string, number: number): PartialMessage | 'completed' | 'gone' | undefined {
    const session = this.#pool.index.byId(id)
    return session ? session.up.readParts(number) : 'gone'
  }

  claim(id: string, first: number, last: number, token: string): ClaimResult {
    const session = this.#pool.index.byId(id)
    if (!session) return 'gone'
    const claimed = session.up.claim(first, last, token, this.#now())
    return typeof claimed === 'number' ? { first: claimed, session } : claimed
  }

  renewClaim(id: string, token: string): void {
    this.#pool.index.byId(id)?.up.renewClaim(token, this.#now())
  }

  complete(id: string, number: number, token: string, data?: string): boolean {
    return this.#pool.index.byId(id)?.complete(number, token, data) ?? false
  }

  saveData(id: string, data: string): void {
    const session = this.#pool.index.byId(id)
    if (session) session.data = data
  }

  join(id: string, room: string): void {
    const session = this.#pool.index.byId(id)
    if (session) this.#pool.index.join(session, room)
  }

  leave(id: string, room: string): void {
    const session = this.#pool.index.byId(id)
    if (session) this.#pool.index.leave(session, room)
  }

  markLeft(id: string, page: Page, isForGood: boolean): void {
    this.#pool.index.byId(id)?.markLeft(page, isForGood)
  }

  endAfter(id: string, page: Page, ms: number, end: End): void {
    const session = this.#pool.index.byId(id)
    // A client that made one exchange, and said goodbye in it, never learned the epoch: it cannot come back.
    const mayReturn = session?.confirmed || session?.readers.newest !== undefined
    if (!session?.sayGoodbye(page, end)) return
    this.#pool.limitLifetime(session, mayReturn ? ms : 0)
  }

  end(id: string, end: End): EndedSession | undefined {
    const session = this.#pool.index.byId(id)
    return session && this.#pool.end(session, end)
  }

  endTargets(targets: readonly Target[], end: End): EndedSession[] {
    return this.#pool.endEach([...this.#pool.index.resolve(targets)], end)
  }

  /** Ends every session: its process goes away, and no other node has them. */
  endAll(end: End): EndedSession[] {
    return this.#pool.endEach([...this.#pool.index.all()], end)
  }

  expire(): EndedSession[] {
    this.#tickets.prune()
    this.#publishedIds.prune()
    return this.#pool.expire()
  }

  saveTicket(ticket: string, request: AttachRequest, ms: number): void {
    this.#tickets.set(ticket, request, ms)
  }

  redeemTicket(ticket: string): AttachRequest | undefined {
    const request = this.#tickets.get(ticket)
    this.#tickets.delete(ticket)
    return request
  }
}
