import { ExpiringMap } from '../store/expiring-map.ts'

/** Milliseconds that a store may take to admit a reader. */
const ADMISSION_TIME = 60_000
/** Readers at a time that were superseded before they were added. */
const MAX_READERS = 10_000

/**
 * How often readers were superseded before they were added, by session and sequence: the store has admitted them, and its
 * answer is still on its way.
 */
export class SupersededEarly {
  readonly #times: ExpiringMap<number>

  constructor(now: () => number) {
    this.#times = new ExpiringMap(now, MAX_READERS)
  }

  add(sessionId: string, sequence: number): void {
    const place = `${sessionId} ${sequence}`
    this.#times.set(place, (this.#times.get(place) ?? 0) + 1, ADMISSION_TIME)
  }

  /** Whether a reader was superseded. Answers so once for each time. */
  take(sessionId: string, sequence: number): boolean {
    const place = `${sessionId} ${sequence}`
    const times = this.#times.get(place)
    if (times === undefined) return false
    if (times > 1) this.#times.set(place, times - 1, ADMISSION_TIME)
    else this.#times.delete(place)
    return true
  }

  prune(): void {
    this.#times.prune()
  }
}
