import type { Awaitable, Backlog, End } from '../store/store.ts'

export interface BacklogRequestOptions {
  /** Asks the store. */
  readonly read: () => Awaitable<Backlog | End>
  readonly onRead: (backlog: Backlog | End) => void
  readonly onFailed: (error: unknown) => void
}

/** A request to the store for what is in a log, of which there is one at a time. */
export class BacklogRequest {
  readonly #options: BacklogRequestOptions
  #isPending = false
  #isOutdated = false

  constructor(options: BacklogRequestOptions) {
    this.#options = options
  }

  /** Whether the store has not answered yet. */
  get isPending(): boolean {
    return this.#isPending
  }

  /** Whether the request was made again while the store was asked for the last one, which may have missed the reason. */
  get isOutdated(): boolean {
    return this.#isOutdated
  }

  make(): void {
    this.#isOutdated = this.#isPending
    if (this.#isPending) return
    this.#isPending = true
    const { read } = this.#options
    try {
      const backlog = read()
      if (backlog instanceof Promise) {
        backlog
          .then((later) => this.#finish(later))
          .catch((error: unknown) => this.#options.onFailed(error))
      } else {
        this.#finish(backlog)
      }
    } catch (error) {
      this.#options.onFailed(error)
    }
  }

  #finish(backlog: Backlog | End): void {
    this.#isPending = false
    this.#options.onRead(backlog)
  }
}
