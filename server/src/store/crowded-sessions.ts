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
    if (!isCrowded(session, limits)) this.#since.delete(session)
    else if (!this.#since.has(session)) this.#since.set(session, this.#now())
  }

  delete(session: MemorySession): void {
    this.#since.delete(session)
  }

  /** Those that are crowded for so short a time that their senders are slowed. */
  recent(limits: StoreLimits): ReadonlySet<MemorySession> {
    return new Set(this.#select(limits, (time) => time < CROWDED_TIME))
  }

  /** Those that are crowded for longer, the largest log first. */
  lasting(limits: StoreLimits): readonly MemorySession[] {
    const lasting = this.#select(limits, (time) => time >= CROWDED_TIME)
    return lasting.sort((a, b) => b.down.cost - a.down.cost)
  }

  #select(limits: StoreLimits, includes: (time: number) => boolean): MemorySession[] {
    const selected: MemorySession[] = []
    for (const [session, since] of this.#since) {
      if (!isCrowded(session, limits)) this.#since.delete(session)
      else if (includes(this.#now() - since)) selected.push(session)
    }
    return selected
  }
}

function isCrowded({ down }: MemorySession, limits: StoreLimits): boolean {
  return down.isCrowded(limits.maxBufferedMessages, limits.maxBufferedBytes)
}
