import type { PushResult } from '../delivery/handler-queue.ts'
import type { Awaitable } from '../store/store.ts'

/** Outcomes of the messages of an exchange. */
export class Outcomes {
  readonly #pending: Promise<PushResult>[] = []
  #hasGap = false

  /** Adds what becomes of a packet. Its failure is that of {@link hasGap}, and no unhandled rejection until that is asked. */
  add(handled: Awaitable<PushResult>): void {
    if (handled instanceof Promise) {
      this.#pending.push(handled)
      void Promise.allSettled([handled])
    } else if (handled === 'gap') {
      this.#hasGap = true
    }
  }

  /** Whether a batch was not taken. Settles when all are handled; rejects if one has failed. */
  async hasGap(): Promise<boolean> {
    const results = await Promise.all(this.#pending)
    return this.#hasGap || results.includes('gap')
  }

  /** Whether all settle within so many milliseconds. */
  async areKnownWithin(ms: number): Promise<boolean> {
    if (this.#pending.length === 0) return true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, ms, false)
    })
    const settled = Promise.allSettled(this.#pending).then(() => true)
    const areKnown = await Promise.race([settled, late])
    clearTimeout(timer)
    return areKnown
  }
}
