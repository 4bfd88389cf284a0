/** The readers of this node, by session. The store tells them of the logs that they read. */
import type { TransportName } from 'rungs/protocol'
import type { CarrierEnd } from '../errors.ts'
import type { OutgoingMessage } from '../store/outgoing-message.ts'
import type { Awaitable, End, PartProgress, SessionStore, StoreListener } from '../store/store.ts'
import { FlushQueue } from './flush-queue.ts'
import type { Reader, ReaderHost } from './reader.ts'
import { SupersededEarly } from './superseded-early.ts'

/** Milliseconds beyond two heartbeats after which a silent client is taken for a ghost (PROTOCOL.md 6.9). */
const GHOST_GRACE = 5_000

export const SUPERSEDED: End = { type: 'superseded', reason: 'another carrier took the place' }

const NO_TOKEN: End = { type: 'unauthorized', reason: 'no new token came; authenticate again' }

export interface ReadersOptions {
  readonly store: SessionStore
  /** Bytes of the entries of one packet. */
  readonly maxBatch: number
  /** A clock in milliseconds that only goes forward. */
  readonly now: () => number
  /** Number of the last message up of a session that this node has received. */
  readonly receivedUpTo: (id: string) => number
  /** The store failed, or a carrier. */
  readonly onFailed: (error: unknown) => void
}

export class Readers implements StoreListener, ReaderHost {
  readonly store: SessionStore
  readonly maxBatch: number
  readonly receivedUpTo: (id: string) => number
  readonly onFailed: (error: unknown) => void
  /** Carriers whose place another one took, so far. */
  superseded = 0
  readonly #now: () => number
  readonly #bySession = new Map<string, Reader[]>()
  readonly #supersededEarly: SupersededEarly
  readonly #flushQueue: FlushQueue<Reader>
  #waiting: (() => void)[] = []

  constructor(options: ReadersOptions) {
    const { store, maxBatch, now, receivedUpTo, onFailed } = options
    this.store = store
    this.maxBatch = maxBatch
    this.receivedUpTo = receivedUpTo
    this.onFailed = onFailed
    this.#now = now
    this.#supersededEarly = new SupersededEarly(now)
    this.#flushQueue = new FlushQueue({
      flush: (reader) => this.#flush(reader),
      now,
      onFlushed: () => this.#notifyWaiting(),
    })
  }

  /** Ids of the sessions that have readers here. */
  get sessionIds(): Iterable<string> {
    return this.#bySession.keys()
  }

  /** How many sessions have readers here. */
  get sessionCount(): number {
    return this.#bySession.size
  }

  /** How many readers there are of a transport. */
  count(transport: TransportName): number {
    return this.#all().filter((reader) => reader.transport === transport).length
  }

  /** Adds a reader that the store has admitted. False if it was superseded already. */
  add(reader: Reader): boolean {
    if (this.#supersededEarly.take(reader.sessionId, reader.sequence)) return false
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
    this.#flushQueue.add(reader)
  }

  /** Sends heartbeats on carriers that were silent for an interval, asks for new tokens, and drops carriers of ghosts. */
  sweep(): void {
    this.#supersededEarly.prune()
    const now = this.#now()
    for (const reader of this.#all()) this.#sweepReader(reader, now)
  }

  /** Settles when every carrier was given all that is in its log, or has gone. */
  async waitUntilWritten(): Promise<void> {
    while (this.#all().some((reader) => !reader.isIdle)) await this.#nextChange()
  }

  /** Ends all carriers. Settles when their clients have let go of them, too. */
  async closeAll(end: CarrierEnd): Promise<void> {
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

  onPartAdded(id: string, progress: PartProgress): void {
    for (const reader of this.#of(id)) reader.partProgress = progress
  }

  onAccepted(id: string, number: number): void {
    for (const reader of this.#of(id)) reader.setAccepted(number)
  }

  onProbed(id: string): void {
    for (const reader of this.#of(id)) reader.scheduleAck()
  }

  onTokenRenewed(id: string, tokenTtl: number): void {
    for (const reader of this.#of(id)) reader.renewToken(this.#now(), tokenTtl)
  }

  onSuperseded(id: string, sequence: number): void {
    const reader = this.#of(id).find((each) => each.sequence === sequence)
    if (!reader) {
      this.#supersededEarly.add(id, sequence)
      return
    }
    this.superseded++
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

  #sweepReader(reader: Reader, now: number): void {
    const { token, heartbeat } = reader
    if (token.isLate(now)) {
      reader.close(NO_TOKEN)
      this.remove(reader)
      return
    }
    if (token.mustAsk(now)) reader.askForToken()
    if (!reader.isClientPaused && isGhost(reader, now - reader.lastHeardAt)) this.#drop(reader, now)
    if (now - reader.lastWrittenAt >= heartbeat) reader.sendHeartbeat()
  }

  /** Drops the carrier of a client that is silent here, unless another node has heard of it. */
  #drop(reader: Reader, now: number): void {
    const drop = (silence: number): void => {
      reader.lastHeardAt = Math.max(reader.lastHeardAt, now - silence)
      if (!isGhost(reader, now - reader.lastHeardAt)) return
      reader.close()
      this.remove(reader)
    }
    const silence: Awaitable<number> = this.store.silence(reader.sessionId)
    if (silence instanceof Promise) silence.then(drop).catch(this.onFailed)
    else drop(silence)
  }

  #of(id: string): readonly Reader[] {
    return this.#bySession.get(id) ?? []
  }

  #all(): Reader[] {
    return [...this.#bySession.values()].flat()
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

function isGhost({ heartbeat }: Reader, silence: number): boolean {
  return silence > 2 * heartbeat + GHOST_GRACE
}
