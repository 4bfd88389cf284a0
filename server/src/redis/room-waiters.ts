/** Waits for room in logs down, until Redis says that messages were dropped. */

/** Milliseconds after which a log is looked at again, because a notification may have been lost. */
const CHECK_INTERVAL = 2_000

/** How full a log down is. */
export interface Fill {
  readonly messages: number
  /** Bytes of the messages, and 64 for each. */
  readonly bytes: number
  /** Numbers of the last message that was acknowledged, and of the last one. */
  readonly base: number
  readonly head: number
}

export class RoomWaiters {
  /** Answers how full a log is, and has this node told of changes. `undefined`: nobody need wait for it. */
  readonly #ask: (id: string) => Promise<Fill | undefined>
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(ask: (id: string) => Promise<Fill | undefined>) {
    this.#ask = ask
  }

  /** Settles once a condition holds, or the session has ended. The condition is made from the first answer. */
  async wait(id: string, condition: (first: Fill) => (now: Fill) => boolean): Promise<void> {
    let holds: ((now: Fill) => boolean) | undefined
    for (;;) {
      // Before the question: its answer may be outdated when it comes.
      const { promise, cancel } = this.#nextChange(id)
      try {
        const fill = await this.#ask(id)
        if (!fill) return
        holds ??= condition(fill)
        if (holds(fill)) return
        await promise
      } finally {
        cancel()
      }
    }
  }

  /** Messages of a log were dropped, or its session has ended. */
  wake(id: string): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve()
  }

  #nextChange(id: string): { readonly promise: Promise<void>; readonly cancel: () => void } {
    const waiting = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, waiting)
    let cancel!: () => void
    const promise = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CHECK_INTERVAL).unref()
      waiting.add(resolve)
      cancel = () => {
        clearTimeout(timer)
        waiting.delete(resolve)
        if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id)
      }
    })
    return { promise, cancel }
  }
}
