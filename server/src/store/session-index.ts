import type { MemorySession } from './memory-session.ts'
import type { Target } from './store.ts'

/** The sessions of a memory store, by id, by key, by user and by room. */
export class SessionIndex {
  readonly #byId = new Map<string, MemorySession>()
  readonly #byKey = new Map<string, MemorySession>()
  readonly #byUser = new Map<string, Set<MemorySession>>()
  readonly #byAddress = new Map<string, Set<MemorySession>>()
  readonly #byRoom = new Map<string, Set<MemorySession>>()

  get size(): number {
    return this.#byId.size
  }

  all(): Iterable<MemorySession> {
    return this.#byId.values()
  }

  byId(id: string): MemorySession | undefined {
    return this.#byId.get(id)
  }

  byKey(key: string): MemorySession | undefined {
    return this.#byKey.get(key)
  }

  /** How many sessions a user has. */
  countOf(user: string): number {
    return this.#byUser.get(user)?.size ?? 0
  }

  /** How many sessions an address has. */
  countFrom(address: string): number {
    return this.#byAddress.get(address)?.size ?? 0
  }

  add(session: MemorySession): void {
    this.#byId.set(session.id, session)
    this.#byKey.set(session.key, session)
    if (session.address) addTo(this.#byAddress, session.address, session)
    // The user `''` is nobody in particular: nobody can address it, and it has no limit.
    if (session.user) addTo(this.#byUser, session.user, session)
  }

  remove(session: MemorySession): void {
    this.#byId.delete(session.id)
    this.#byKey.delete(session.key)
    removeFrom(this.#byUser, session.user, session)
    if (session.address) removeFrom(this.#byAddress, session.address, session)
    for (const room of session.rooms ?? []) removeFrom(this.#byRoom, room, session)
  }

  join(session: MemorySession, room: string): void {
    session.rooms ??= new Set()
    session.rooms.add(room)
    addTo(this.#byRoom, room, session)
  }

  leave(session: MemorySession, room: string): void {
    if (session.rooms?.delete(room)) removeFrom(this.#byRoom, room, session)
  }

  /** The sessions that targets name, each once. */
  resolve(targets: readonly Target[] | 'all'): Iterable<MemorySession> {
    // A copy: sessions end while they are gone through.
    if (targets === 'all') return [...this.#byId.values()]
    const [first] = targets
    if (targets.length === 1 && first?.user === undefined && first?.room === undefined) {
      // The session that a handler answers is by far the most common target, and needs no set.
      return this.#named(first?.session)
    }
    const sessions = new Set<MemorySession>()
    for (const { session, user, room } of targets) {
      addAll(sessions, this.#named(session))
      if (user !== undefined) addAll(sessions, this.#byUser.get(user))
      if (room !== undefined) addAll(sessions, this.#byRoom.get(room))
    }
    return sessions
  }

  #named(id: string | undefined): readonly MemorySession[] {
    const session = id === undefined ? undefined : this.#byId.get(id)
    return session ? [session] : []
  }
}

function addAll<T>(set: Set<T>, values: Iterable<T> = []): void {
  for (const value of values) set.add(value)
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
