/** The readers of this node, by session. The store tells them of the logs that they read. */
import { ExpiringMap } from '../store/expiring-map.ts'
import type { OutgoingMessage } from '../store/outgoing-message.ts'
import type { End, SessionStore, StoreListener } from '../store/store.ts'
import type { Reader, ReaderHost } from './reader.ts'

/** Milliseconds beyond two heartbeats after which a silent client is taken for a ghost (PROTOCOL.md 6.9). */
const GHOST_GRACE = 5_000
/** Milliseconds that a store may take to admit a reader. */
const ADMISSION_TIME = 60_000
/** Readers at a time that were superseded before they were added. */
const MAX_SUPERSEDED_EARLY = 10_000

export const SUPERSEDED: End = { type: 'superseded', reason: 'another carrier took the place' }

export interface ReadersOptions {
  readonly store: SessionStore
  /** A clock in milliseconds that only goes forward. */
  readonly now: () => number
  /** Number of the last message up of a session that this node has received. */
  readonly receivedUpTo: (id: string) => number
  /** The store failed, or a carrier. */
  readonly onFailed: (error: unknown) => void
}

export class Readers implements StoreListener, ReaderHost {
  readonly store: SessionStore
  readonly receivedUpTo: (id: string) => number
  readonly onFailed: (error: unknown) => void
  readonly #now: () => number
  readonly #bySession = new Map<string, Reader[]>()
  /**
   * How many readers were superseded before they were added, by session and sequence: the store has admitted them, and its
   * answer is still on its way.
   */
  readonly #supersededEarly: ExpiringMap<number>
  /** Readers to flush at the end of this tick. */
  #toFlush = new Set<Reader>()
  #waiting: (() => void)[] = []

  constructor({ store, now, receivedUpTo, onFailed }: ReadersOptions) {
    this.store = store
    this.receivedUpTo = receivedUpTo
    this.onFailed = onFailed
    this.#now = now
    this.#supersededEarly = new ExpiringMap(now, MAX_SUPERSEDED_EARLY)
  }

  /** Ids of the sessions that have readers here. */
  get sessionIds(): Iterable<string> {
    return this.#bySession.keys()
  }

  /** Adds a reader that the store has admitted. False if it was superseded already. */
  add(reader: Reader): boolean {
    if (this.#wasSupersededEarly(reader)) return false
    const readers = this.#bySession.get(reader.sessionId)
    if (readers) readers.push(reader)
    else this.#bySession.set(reader.sessionId, [reader])
    return true
  }

  /** Removes a reader whose carrier has gone, here and in the store. */
  remove(reader: Reader): void {
    reader.abandon()
    if (this.#forget(reader)) this.#detach(reader).catch(this.onFailed)
  }

  /** A client showed life, on whatever carrier. */
  noteActivity(id: string): void {
    const now = this.#now()
    for (const reader of this.#of(id)) reader.lastHeardAt = now
  }

  scheduleFlush(reader: Reader): void {
    if (this.#toFlush.size === 0) setImmediate(() => this.#flushScheduled())
    this.#toFlush.add(reader)
  }

  /**
   * Sends heartbeats on carriers that were silent for an interval, and drops carriers of ghosts.
   *
   * @param heartbeat The interval in milliseconds.
   */
  sweep(heartbeat: number): void {
    const now = this.#now()
    this.#supersededEarly.prune()
    for (const reader of this.#all()) {
      const silence = now - reader.lastHeardAt
      if (silence > 2 * heartbeat + GHOST_GRACE && !reader.isClientPaused) {
        reader.close()
        this.remove(reader)
      } else if (now - reader.lastWrittenAt >= heartbeat) {
        reader.sendHeartbeat()
      }
    }
  }

  /** Settles when every carrier was given all that is in its log, or has gone. */
  async waitUntilWritten(): Promise<void> {
    while (this.#all().some((reader) => !reader.isIdle)) await this.#nextChange()
  }

  /** Ends all carriers. Settles when their clients have let go of them, too. */
  async closeAll(end: End): Promise<void> {
    for (const reader of this.#all()) {
      this.#flush(reader)
      reader.close(end)
    }
    while (this.#bySession.size > 0) await this.#nextChange()
  }

  /** Drops all carriers at once. */
  destroyAll(): void {
    for (const reader of this.#all()) {
      reader.sink.destroy()
      this.remove(reader)
    }
  }

  onAppended(id: string, number: number, message: OutgoingMessage, tag: string): void {
    for (const reader of this.#of(id)) reader.enqueue(number, message, tag)
  }

  onPublished(id: string, message: OutgoingMessage): void {
    const readers = this.#of(id)
    let newest = readers[0]
    for (const reader of readers) {
      if (newest && reader.sequence > newest.sequence) newest = reader
    }
    newest?.enqueueVolatile(message)
  }

  onAccepted(id: string, number: number): void {
    for (const reader of this.#of(id)) reader.setAccepted(number)
  }

  onProbed(id: string): void {
    for (const reader of this.#of(id)) reader.scheduleAck()
  }

  onSuperseded(id: string, sequence: number): void {
    const reader = this.#of(id).find((each) => each.sequence === sequence)
    if (!reader) {
      this.#noteSupersededEarly(id, sequence)
      return
    }
    this.#forget(reader)
    reader.close(SUPERSEDED)
  }

  onEnded(id: string, end: End): void {
    // A copy: each reader is removed.
    for (const reader of [...this.#of(id)]) {
      this.#forget(reader)
      // The last words of a handler go out before the end does.
      this.#guard(reader, () => reader.flushAll())
      reader.close(end)
    }
  }

  #noteSupersededEarly(id: string, sequence: number): void {
    const place = `${id} ${sequence}`
    this.#supersededEarly.set(place, (this.#supersededEarly.get(place) ?? 0) + 1, ADMISSION_TIME)
  }

  /** Whether a reader was superseded before it was added. Answers so once for each time. */
  #wasSupersededEarly({ sessionId, sequence }: Reader): boolean {
    const place = `${sessionId} ${sequence}`
    const times = this.#supersededEarly.get(place)
    if (times === undefined) return false
    if (times > 1) this.#supersededEarly.set(place, times - 1, ADMISSION_TIME)
    else this.#supersededEarly.delete(place)
    return true
  }

  #of(id: string): readonly Reader[] {
    return this.#bySession.get(id) ?? []
  }

  #all(): Reader[] {
    return [...this.#bySession.values()].flat()
  }

  #flushScheduled(): void {
    const readers = this.#toFlush
    this.#toFlush = new Set()
    for (const reader of readers) this.#flush(reader)
    this.#notifyWaiting()
  }

  #flush(reader: Reader): void {
    this.#guard(reader, () => reader.flush(this.#now()))
  }

  /** Does something with one reader. If its carrier fails, it is dropped, and other readers have their turn all the same. */
  #guard(reader: Reader, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.onFailed(error)
      reader.close()
      this.remove(reader)
    }
  }

  #forget(reader: Reader): boolean {
    const readers = this.#bySession.get(reader.sessionId)
    const index = readers ? readers.indexOf(reader) : -1
    if (!readers || index < 0) return false
    readers.splice(index, 1)
    if (readers.length === 0) this.#bySession.delete(reader.sessionId)
    this.#notifyWaiting()
    return true
  }

  async #detach({ sessionId, sequence }: Reader): Promise<void> {
    await this.store.detach(this, sessionId, sequence)
  }

  /** Settles when something is written next, or a carrier goes. */
  #nextChange(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #notifyWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
