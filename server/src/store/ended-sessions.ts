import { EndedKeys } from './ended-keys.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { End } from './records.ts'

/** Ends that are remembered, by two names for each ended session. In a flood, only the names of older ones are kept. */
const MAX_TOMBSTONES = 200_000

export const EXPIRED: End = { type: 'gone', reason: 'expired' }

/** How sessions ended, by their keys and by their ids, for a lifetime at least (PROTOCOL.md 6.1). */
export class EndedSessions {
  readonly #tombstones: ExpiringMap<End>
  readonly #keys: EndedKeys
  readonly #lifetime: () => number

  /** @param lifetime Answers the milliseconds of a session's lifetime. */
  constructor(now: () => number, lifetime: () => number) {
    this.#lifetime = lifetime
    this.#keys = new EndedKeys(now)
    this.#tombstones = new ExpiringMap(now, MAX_TOMBSTONES, (name) =>
      this.#keys.add(name, lifetime()),
    )
  }

  /** Whether no more ends can be kept: one more session could be revived, so none may be created. */
  get isFull(): boolean {
    return this.#keys.isFull
  }

  add({ key, id }: { readonly key: string; readonly id: string }, end: End): void {
    for (const name of [key, id]) this.#tombstones.set(name, end, this.#lifetime())
  }

  /** How the session with a key or id ended; `undefined` if there was none. */
  get(name: string): End | undefined {
    return this.#tombstones.get(name) ?? (this.#keys.has(name) ? EXPIRED : undefined)
  }

  prune(): void {
    this.#tombstones.prune()
    this.#keys.prune(this.#lifetime())
  }
}
