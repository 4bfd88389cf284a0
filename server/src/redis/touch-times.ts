/** When lifetimes of sessions are to begin anew. A hub names all of its sessions each second; Redis need not hear that so often. */

/** Milliseconds between two touches of a session whose client came once: it lives for 10 s. */
const YOUNG_INTERVAL = 2_500

export class TouchTimes {
  /** When each session is to be touched next. */
  #dueAt = new Map<string, number>()

  /**
   * The sessions of a sweep whose turn it is.
   *
   * @param ids All sessions that are alive at this node. Of others, nothing is kept.
   * @param interval Milliseconds between two touches of a session.
   */
  select(ids: Iterable<string>, now: number, interval: number): readonly string[] {
    const former = this.#dueAt
    this.#dueAt = new Map()
    const due: string[] = []
    for (const id of ids) {
      const dueAt = former.get(id) ?? now
      if (dueAt <= now) due.push(id)
      this.#dueAt.set(id, dueAt <= now ? now + interval : dueAt)
    }
    return due
  }

  /** Sessions were touched whose clients have come only once. */
  noteYoung(ids: readonly string[], now: number): void {
    for (const id of ids) {
      const dueAt = this.#dueAt.get(id)
      if (dueAt !== undefined) this.#dueAt.set(id, Math.min(dueAt, now + YOUNG_INTERVAL))
    }
  }
}
