import type { Position } from 'rungs/protocol'
import { monotonicNow } from './clock.ts'
import { Expiring } from './expiring-map.ts'
import { MemorySession } from './memory-session.ts'
import type { LogMessage } from './outgoing-message.ts'
import type {
  Backlog,
  Cause,
  Contact,
  Contacted,
  End,
  Ended,
  Node,
  SessionRecord,
  SessionStore,
  StoreLimits,
  Taken,
  Target,
} from './store.ts'

/** Milliseconds that a session lives which its client has contacted only once. */
const UNCONFIRMED_TTL = 10_000
/** Milliseconds after which a claim that nobody renews is free again. */
const CLAIM_TTL = 5_000
/** Ended sessions that are remembered, each by key and id, so that a late request does not revive one. */
const MAX_TOMBSTONES = 200_000
const MAX_TICKETS = 100_000

const UNKNOWN: End = { type: 'gone', reason: 'unknown' }

/** Sessions in the memory of this process. Positions need no tag: this log is never rolled back. */
export class MemoryStore implements SessionStore {
  readonly #now: () => number
  readonly #byId = new Map<string, MemorySession>()
  readonly #byKey = new Map<string, MemorySession>()
  readonly #users = new Map<string, Set<MemorySession>>()
  readonly #rooms = new Map<string, Set<MemorySession>>()
  readonly #tombstones: Expiring<End>
  readonly #tickets: Expiring<Contact>
  #limits!: StoreLimits

  /** @param now The time in milliseconds. */
  constructor(now: () => number = monotonicNow) {
    this.#now = now
    this.#tombstones = new Expiring(now, MAX_TOMBSTONES)
    this.#tickets = new Expiring(now, MAX_TICKETS)
  }

  open(_: Node, limits: StoreLimits): void {
    this.#limits = limits
  }

  close(node: Node): void {
    for (const session of this.#byId.values()) this.#detach(session, node)
  }

  contact(node: Node, contact: Contact): Contacted | End {
    const { who, epoch } = contact
    const found = 'key' in who ? this.#byKey.get(who.key) : this.#byId.get(who.id)
    if (found && epoch !== undefined && epoch !== found.epoch) return UNKNOWN
    const refusal = found ? found.refusal(contact) : this.#newRefusal(contact)
    if (refusal) return refusal
    const session = found ?? this.#create(contact)
    session.confirmed = found !== undefined
    session.enter(contact, node)
    this.#refresh(session)
    return { session, created: !found, accepted: Math.max(session.accepted, 0), head: session.head }
  }

  find(id: string): SessionRecord | undefined {
    return this.#byId.get(id)
  }

  read(id: string, after: number, bytes: number): Backlog | End {
    return this.#byId.get(id)?.backlog(after, bytes) ?? this.#tombstones.get(id) ?? UNKNOWN
  }

  acknowledge(id: string, position: Position): End | undefined {
    const session = this.#byId.get(id)
    if (session) session.confirmed = true
    return session?.acknowledge(position)
  }

  detach(node: Node, id: string, t: number): void {
    const session = this.#byId.get(id)
    if (session) this.#detach(session, node, t)
  }

  touch(): void {
    // A node that died took this store along: sessions with readers live, and the time of others runs from the last.
  }

  append(targets: readonly Target[] | 'all', message: LogMessage, cause?: Cause): Ended[] {
    if (cause && this.#wasCaused(cause)) return []
    const { maxBufferedMessages, maxBufferedBytes } = this.#limits
    const full: MemorySession[] = []
    for (const session of this.#resolve(targets)) {
      if (session.fits(message, maxBufferedMessages, maxBufferedBytes)) session.append(message)
      else full.push(session)
    }
    return this.#endEach(full, { type: 'gone', reason: 'overflow' })
  }

  publish(targets: readonly Target[] | 'all', message: LogMessage): void {
    for (const session of this.#resolve(targets)) session.newest?.volatile(session.id, message)
  }

  take(id: string, first: number, last: number, token: string): Taken {
    const session = this.#byId.get(id)
    if (!session) return 'gone'
    const { accepted, claim } = session
    if (last <= accepted) return 'done'
    if (claim && claim.token !== token && claim.expires > this.#now()) return 'busy'
    const from = accepted + 1
    // Whoever was to open the session may have died: the runner of number 1 opens it then, as number 0.
    if (first > Math.max(from, 1)) return 'gap'
    session.claim = { token, last, expires: this.#now() + CLAIM_TTL }
    return { from, session }
  }

  renew(id: string, token: string): void {
    const claim = this.#byId.get(id)?.claim
    if (claim?.token === token) claim.expires = this.#now() + CLAIM_TTL
  }

  done(id: string, number: number, token: string, data?: string): boolean {
    const session = this.#byId.get(id)
    if (!session || session.claim?.token !== token || number !== session.accepted + 1) return false
    session.accepted = number
    if (data !== undefined) session.data = data
    if (number === session.claim.last) session.claim = undefined
    for (const node of session.nodes) node.accepted(id, number)
    return true
  }

  probe(id: string): void {
    for (const node of this.#byId.get(id)?.nodes ?? []) node.probed(id)
  }

  keep(id: string, data: string): void {
    const session = this.#byId.get(id)
    if (session) session.data = data
  }

  join(id: string, room: string): void {
    const session = this.#byId.get(id)
    if (!session) return
    ;(session.rooms ??= new Set()).add(room)
    addTo(this.#rooms, room, session)
  }

  leave(id: string, room: string): void {
    const session = this.#byId.get(id)
    if (!session?.rooms?.delete(room)) return
    removeFrom(this.#rooms, room, session)
  }

  linger(id: string, page: Contact['page'], ms: number): void {
    const session = this.#byId.get(id)
    if (session?.part(page)) session.dies = this.#now() + ms
  }

  end(id: string, end: End): Ended | undefined {
    const session = this.#byId.get(id)
    return session && this.#end(session, end)
  }

  /** Ends every session: there is no other node that could go on with them. */
  endAll(end: End): Ended[] {
    return this.#endEach([...this.#byId.values()], end)
  }

  expire(): Ended[] {
    const now = this.#now()
    const dead: MemorySession[] = []
    for (const session of this.#byId.values()) {
      if (session.nodes.length === 0 && session.dies <= now) dead.push(session)
    }
    this.#tombstones.prune()
    this.#tickets.prune()
    return this.#endEach(dead, { type: 'gone', reason: 'expired' })
  }

  issue(ticket: string, contact: Contact, ms: number): void {
    this.#tickets.set(ticket, contact, ms)
  }

  redeem(ticket: string): Contact | undefined {
    const contact = this.#tickets.get(ticket)
    this.#tickets.delete(ticket)
    return contact
  }

  #newRefusal({ who, epoch, position }: Contact): End | undefined {
    const key = 'key' in who ? who.key : who.id
    const ended = this.#tombstones.get(key)
    if (ended) return ended
    if (!('key' in who) || epoch !== undefined) return UNKNOWN
    if (position[0] > 0) return { type: 'lost', reason: 'the position is of another log' }
    const { maxSessions, maxSessionsPerUser } = this.#limits
    if (this.#byId.size >= maxSessions)
      return { type: 'too-many-sessions', reason: 'the server is full' }
    if (who.user && (this.#users.get(who.user)?.size ?? 0) >= maxSessionsPerUser) {
      return {
        type: 'too-many-user-sessions',
        reason: `a user may have ${maxSessionsPerUser} sessions`,
      }
    }
    return undefined
  }

  #create({ who, page }: Contact): MemorySession {
    const { key, user } = who as { key: string; user: string }
    const session = new MemorySession(key, user, page)
    this.#byId.set(session.id, session)
    this.#byKey.set(key, session)
    if (user) addTo(this.#users, user, session)
    return session
  }

  /** Its time without a reader begins now. */
  #refresh(session: MemorySession): void {
    if (session.leaving) return
    const { sessionTtl } = this.#limits
    session.dies =
      this.#now() + (session.confirmed ? sessionTtl : Math.min(sessionTtl, UNCONFIRMED_TTL))
  }

  #detach(session: MemorySession, node: Node, t?: number): void {
    if (session.detach(node, t) && session.nodes.length === 0) this.#refresh(session)
  }

  /** Whether a handler that runs again has sent this before. */
  #wasCaused(cause: Cause): boolean {
    const source = this.#byId.get(cause.id)
    if (!source) return false
    const { number, counter } = source.caused ?? { number: -1, counter: 0 }
    if (number > cause.number || (number === cause.number && counter >= cause.counter)) return true
    source.caused = cause
    return false
  }

  #endEach(sessions: readonly MemorySession[], end: End): Ended[] {
    return sessions.map((session) => this.#end(session, end)).filter((ended) => ended !== undefined)
  }

  #end(session: MemorySession, end: End): Ended | undefined {
    const { id, key, user, rooms, nodes } = session
    this.#byId.delete(id)
    this.#byKey.delete(key)
    removeFrom(this.#users, user, session)
    for (const room of rooms ?? []) removeFrom(this.#rooms, room, session)
    for (const name of [key, id]) this.#tombstones.set(name, end, this.#limits.sessionTtl)
    for (const node of nodes) node.ended(id, end)
    return session.accepted >= 0 || session.claim ? { session, end } : undefined
  }

  #resolve(targets: readonly Target[] | 'all'): Iterable<MemorySession> {
    if (targets === 'all') return [...this.#byId.values()]
    const [first] = targets
    if (targets.length === 1 && first!.user === undefined && first!.room === undefined) {
      // What a handler answers: by far the most of all.
      const session = this.#byId.get(first!.session!)
      return session ? [session] : []
    }
    const found = new Set<MemorySession>()
    for (const { session, user, room } of targets) {
      const one = session === undefined ? undefined : this.#byId.get(session)
      if (one) found.add(one)
      for (const each of (user && this.#users.get(user)) || []) found.add(each)
      for (const each of (room !== undefined && this.#rooms.get(room)) || []) found.add(each)
    }
    return found
  }
}

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key)
  if (set) set.add(value)
  else sets.set(key, new Set([value]))
}

function removeFrom<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key)
  if (set?.delete(value) && set.size === 0) sets.delete(key)
}
