/** The carriers of this node, by session. What the store tells of a session reaches them here. */
import { ExpiringMap } from '../store/expiring-map.ts'
import type { OutgoingMessage } from '../store/outgoing-message.ts'
import type { End, StoreListener, SessionStore } from '../store/store.ts'
import type { Reader, ReaderHost } from './reader.ts'

/** Milliseconds beyond two heartbeats after which a client that said nothing is taken for a ghost. */
const GHOST_SLACK = 5_000
/** Milliseconds that a store may take to let a carrier in, and how many of them may lose their place meanwhile. */
const ENTRY = 60_000
const MAX_MISSED = 10_000

export const SUPERSEDED: End = { type: 'superseded', reason: 'another carrier took the place' }

export class Readers implements StoreListener, ReaderHost {
  readonly store: SessionStore
  readonly received: (id: string) => number
  /** The store failed, or a carrier. */
  readonly failed: (error: unknown) => void
  readonly #now: () => number
  readonly #bySession = new Map<string, Reader[]>()
  /** Places that were taken before their carriers came here: the store let these in, and has not said so yet. */
  readonly #missed: ExpiringMap<number>
  #awake: Reader[] = []
  #changed: (() => void)[] = []

  constructor(
    store: SessionStore,
    received: (id: string) => number,
    failed: (error: unknown) => void,
    now: () => number,
  ) {
    this.store = store
    this.received = received
    this.failed = failed
    this.#now = now
    this.#missed = new ExpiringMap(now, MAX_MISSED)
  }

  get ids(): Iterable<string> {
    return this.#bySession.keys()
  }

  /** One flush a tick for all that is to be written in it. */
  wake(reader: Reader): void {
    if (reader.awake) return
    reader.awake = true
    if (this.#awake.push(reader) === 1) setImmediate(() => this.#flush())
  }

  /** False if its place was taken already. */
  add(reader: Reader): boolean {
    if (this.#miss(reader.id, reader.t, -1)) return false
    const readers = this.#bySession.get(reader.id)
    if (readers) readers.push(reader)
    else this.#bySession.set(reader.id, [reader])
    return true
  }

  /** A carrier is gone, by itself or because it was closed. */
  remove(reader: Reader): void {
    reader.closed = true
    if (this.#forget(reader)) this.#detach(reader).catch(this.failed)
  }

  /** The client of a session was heard, on whatever carrier. */
  heard(id: string): void {
    const now = this.#now()
    for (const reader of this.#of(id)) reader.heardAt = Math.max(reader.heardAt, now)
  }

  /** Beats where it was silent for the interval, and drops ghosts. */
  sweep(heartbeat: number): void {
    const now = this.#now()
    this.#missed.prune()
    for (const reader of this.#all()) {
      if (now - reader.heardAt > 2 * heartbeat + GHOST_SLACK) {
        reader.close()
        this.remove(reader)
      } else if (now - reader.wroteAt >= heartbeat) {
        reader.beat()
      }
    }
  }

  /** Settles when all carriers have been given what is in the logs. */
  async written(): Promise<void> {
    while (this.#all().some((reader) => !reader.idle)) await this.#change()
  }

  /** Ends all carriers. Settles when the clients have let go of them too. */
  async close(end: End): Promise<void> {
    for (const reader of this.#all()) {
      this.#write(reader)
      reader.close(end)
    }
    while (this.#bySession.size > 0) await this.#change()
  }

  /** Lets go of all carriers at once. */
  destroy(): void {
    for (const reader of this.#all()) {
      reader.sink.destroy()
      this.remove(reader)
    }
  }

  onAppended(id: string, number: number, message: OutgoingMessage, tag: string): void {
    for (const reader of this.#of(id)) reader.appended(number, message, tag)
  }

  onPublished(id: string, message: OutgoingMessage): void {
    const readers = this.#of(id)
    let newest = readers[0]
    for (const reader of readers) if (newest && reader.t > newest.t) newest = reader
    newest?.volatile(message)
  }

  onAccepted(id: string, number: number): void {
    for (const reader of this.#of(id)) reader.accepted(number)
  }

  onProbed(id: string): void {
    for (const reader of this.#of(id)) reader.acknowledge()
  }

  onSuperseded(id: string, t: number): void {
    const reader = this.#of(id).find((each) => each.t === t)
    if (!reader) {
      this.#miss(id, t, 1)
      return
    }
    this.#forget(reader)
    reader.close(SUPERSEDED)
  }

  onEnded(id: string, end: End): void {
    for (const reader of [...this.#of(id)]) {
      this.#forget(reader)
      // What a handler sent last goes out before the end does.
      this.#try(reader, () => reader.flushAll())
      reader.close(end)
    }
  }

  /** Counts how often a place was taken from who had not come here yet. Answers how often it was before. */
  #miss(id: string, t: number, more: number): number {
    const place = `${id} ${t}`
    const before = this.#missed.get(place) ?? 0
    this.#missed.delete(place)
    if (before + more > 0) this.#missed.set(place, before + more, ENTRY)
    return before
  }

  #of(id: string): readonly Reader[] {
    return this.#bySession.get(id) ?? []
  }

  #all(): Reader[] {
    return [...this.#bySession.values()].flat()
  }

  #flush(): void {
    const awake = this.#awake
    this.#awake = []
    for (const reader of awake) {
      reader.awake = false
      this.#write(reader)
    }
    this.#tell()
  }

  #write(reader: Reader): void {
    this.#try(reader, () => reader.flush(this.#now()))
  }

  /** One carrier that fails does not keep others from being written to. */
  #try(reader: Reader, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.failed(error)
      reader.close()
      this.remove(reader)
    }
  }

  #forget(reader: Reader): boolean {
    const readers = this.#bySession.get(reader.id)
    const at = readers ? readers.indexOf(reader) : -1
    if (!readers || at < 0) return false
    readers.splice(at, 1)
    if (readers.length === 0) this.#bySession.delete(reader.id)
    this.#tell()
    return true
  }

  async #detach(reader: Reader): Promise<void> {
    await this.store.detach(this, reader.id, reader.t)
  }

  /** The next time that something was written, or a carrier has gone. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve))
  }

  #tell(): void {
    if (this.#changed.length === 0) return
    for (const resolve of this.#changed.splice(0)) resolve()
  }
}
