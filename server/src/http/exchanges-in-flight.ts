import { Refusal } from '../errors.ts'

/** The exchanges that this node works on: how many have not said whose they are, and the sessions of the others. */
export class ExchangesInFlight {
  readonly #maxPending: number
  #pending = 0
  readonly #counts = new Map<string, number>()

  constructor(maxPending: number) {
    this.#maxPending = maxPending
  }

  /** Ids of the sessions that have an exchange in flight here. */
  get sessionIds(): Iterable<string> {
    return this.#counts.keys()
  }

  /** Finds out whose an exchange is. Fails with a {@link Refusal} if too many are being found out. */
  async admit<T>(findOut: () => Promise<T>): Promise<T> {
    if (this.#pending >= this.#maxPending) {
      throw new Refusal('too-many-sessions', 'too many requests wait to be admitted; try again')
    }
    this.#pending++
    try {
      return await findOut()
    } finally {
      this.#pending--
    }
  }

  /** Works on an exchange of a session. */
  async serve<T>(sessionId: string, work: () => Promise<T>): Promise<T> {
    this.#count(sessionId, 1)
    try {
      return await work()
    } finally {
      this.#count(sessionId, -1)
    }
  }

  #count(sessionId: string, change: 1 | -1): void {
    const count = (this.#counts.get(sessionId) ?? 0) + change
    if (count > 0) this.#counts.set(sessionId, count)
    else this.#counts.delete(sessionId)
  }
}
