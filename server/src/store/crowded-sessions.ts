import type { MemorySession } from './memory-session.ts'
import type { StoreLimits } from './store.ts'

/** Milliseconds for which a session that cannot keep up slows those who write to it. */
const CROWDED_TIME = 5_000

/** Sessions whose logs down are more than half full. */
export class CrowdedSessions {
  readonly #now: () => number
  /** Since when. Those that have room again are dropped when they are asked for. */
  readonly #since = new Map<MemorySession, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** To be called when a message was added to the log of a session. */
  note(session: MemorySession, limits: StoreLimits): void {
    if (isCrowded(session, limits) && !this.#since.has(session)) {
      this.#since.set(session, this.#now())
    }
  }

  delete(session: MemorySession): void {
    this.#since.delete(session)
  }

  /** Those that are crowded for so short a time that their senders are slowed. */
  recent(limits: StoreLimits): ReadonlySet<MemorySession> {
    const recent = new Set<MemorySession>()
    for (const [session, since] of this.#since) {
      if (!isCrowded(session, limits)) this.#since.delete(session)
      else if (this.#now() - since < CROWDED_TIME) recent.add(session)
    }
    return recent
  }
}

function isCrowded({ down }: MemorySession, limits: StoreLimits): boolean {
  return down.isCrowded(limits.maxBufferedMessages, limits.maxBufferedBytes)
}
