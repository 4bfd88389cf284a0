import type { TransportName } from 'rungs/protocol'
import type { StoreListener } from './store.ts'

/** Readers of one session at a time (PROTOCOL.md 6.4): two carriers that race, and one that is about to go. */
const MAX_READERS = 3

export interface MemoryReader {
  readonly listener: StoreListener
  readonly sequence: number
  readonly transport: TransportName
}

const NONE: readonly never[] = []

/** The readers of a session of the memory store, and their nodes. */
export class MemoryReaders {
  readonly #sessionId: string
  /**
   * In the order of their sequences. Like {@link listeners} replaced and never changed: a listener that is called may change
   * the readers while others are still to be called.
   */
  #readers: readonly MemoryReader[] = NONE
  #listeners: readonly StoreListener[] = NONE

  constructor(sessionId: string) {
    this.#sessionId = sessionId
  }

  /** The nodes with readers, each once. */
  get listeners(): readonly StoreListener[] {
    return this.#listeners
  }

  get newest(): MemoryReader | undefined {
    return this.#readers.at(-1)
  }

  /** Whether a new reader would be evicted at once, because later ones have all places. */
  areTakenFor(sequence: number, lowestWanted: number): boolean {
    const others = this.#readers.filter(
      (reader) => reader.sequence >= lowestWanted && reader.sequence !== sequence,
    )
    return others.length >= MAX_READERS && sequence < others[0]!.sequence
  }

  /** Adds a reader. If that makes too many, the one with the lowest sequence is superseded. */
  add(added: MemoryReader): void {
    this.#set([...this.#readers, added].sort((a, b) => a.sequence - b.sequence))
    if (this.#readers.length > MAX_READERS) this.supersede((reader) => reader === this.#readers[0])
  }

  /** Removes one reader of a node, or all of them. False if there was none. */
  remove(listener: StoreListener, sequence?: number): boolean {
    const before = this.#readers.length
    this.#set(
      this.#readers.filter(
        (reader) =>
          reader.listener !== listener || (sequence !== undefined && reader.sequence !== sequence),
      ),
    )
    return this.#readers.length < before
  }

  /** Removes readers, and tells their nodes. */
  supersede(isSuperseded: (reader: MemoryReader) => boolean): void {
    const superseded = this.#readers.filter(isSuperseded)
    if (superseded.length === 0) return
    this.#set(this.#readers.filter((reader) => !superseded.includes(reader)))
    for (const { listener, sequence } of superseded) {
      listener.onSuperseded(this.#sessionId, sequence)
    }
  }

  #set(readers: readonly MemoryReader[]): void {
    // An array of its own for each idle session would cost memory.
    this.#readers = readers.length > 0 ? readers : NONE
    this.#listeners =
      readers.length > 0 ? [...new Set(readers.map(({ listener }) => listener))] : NONE
  }
}
