import type { ServerResponse } from 'node:http'
import { Refusal } from '../errors.ts'

/** Exchanges of one session at a time. A client needs three: messages up, a poll, and one beside each that seems to hang. */
const MAX_EXCHANGES = 32
/** Batches in the answers of one session that its clients have not read yet. */
const MAX_UNREAD_BATCHES = 4

/** The exchanges of one session: until their answers are with the network. */
interface InFlight {
  exchanges: number
  /** Bytes of answers that are not with the network yet. */
  unreadBytes: number
}

/** The exchanges that this node works on: how many have not said whose they are, and the sessions of the others. */
export class ExchangesInFlight {
  readonly #maxPending: number
  readonly #maxUnreadBytes: number
  #pending = 0
  readonly #sessions = new Map<string, InFlight>()
  /** Bytes of answers of all sessions that are not with the network yet. */
  unreadBytes = 0

  constructor(maxPending: number, maxBatch: number) {
    this.#maxPending = maxPending
    this.#maxUnreadBytes = MAX_UNREAD_BATCHES * maxBatch
  }

  /** Ids of the sessions that have an exchange in flight here. */
  get sessionIds(): Iterable<string> {
    return this.#sessions.keys()
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

  /** Throws a {@link Refusal} if a session has too many exchanges here, or too much that its clients do not read. */
  check(sessionId: string): void {
    const { exchanges = 0, unreadBytes = 0 } = this.#sessions.get(sessionId) ?? {}
    if (exchanges < MAX_EXCHANGES && unreadBytes <= this.#maxUnreadBytes) return
    throw new Refusal(
      'too-many-sessions',
      'too many requests of this session wait for their answers, or for somebody to read them',
    )
  }

  /** Works on an exchange of a session, which is in flight until its answer is with the network. */
  async serve<T>(sessionId: string, response: ServerResponse, work: () => Promise<T>): Promise<T> {
    const inFlight = this.#sessions.get(sessionId) ?? { exchanges: 0, unreadBytes: 0 }
    this.#sessions.set(sessionId, inFlight)
    inFlight.exchanges++
    let unread = 0
    const finish = (): void => {
      inFlight.unreadBytes -= unread
      this.unreadBytes -= unread
      if (--inFlight.exchanges === 0) this.#sessions.delete(sessionId)
    }
    try {
      return await work()
    } finally {
      unread = response.writableEnded && !response.writableFinished ? response.writableLength : 0
      inFlight.unreadBytes += unread
      this.unreadBytes += unread
      if (unread > 0 && !response.destroyed) response.once('close', finish)
      else finish()
    }
  }
}
