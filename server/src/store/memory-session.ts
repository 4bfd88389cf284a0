import { randomBytes } from 'node:crypto'
import type { Position, TransportName } from 'rungs/protocol'
import type { OutgoingMessage } from './outgoing-message.ts'
import type {
  AttachRequest,
  Backlog,
  Cause,
  End,
  Page,
  SessionRecord,
  StoreListener,
} from './store.ts'

/** Readers of one session at a time (PROTOCOL.md 6.4): two carriers that race, and one that is about to go. */
const MAX_READERS = 3

interface MemoryReader {
  readonly listener: StoreListener
  readonly sequence: number
  readonly transport: TransportName
}

interface MemoryClaim {
  readonly token: string
  /** Number of the last message that is claimed. */
  readonly last: number
  expiresAt: number
}

const NONE: readonly never[] = []

/**
 * A session of the {@link MemoryStore}: the fence, the log down, and its readers. There may be very many, most of them idle,
 * so it holds nothing that can be computed.
 */
export class MemorySession implements SessionRecord {
  readonly key: string
  readonly user: string
  readonly id: string = randomBytes(12).toString('base64url')
  readonly epoch: string = randomBytes(6).toString('base64url')
  data = '{}'
  rooms: Set<string> | undefined

  /** When the session ends, unless it has a reader then. */
  expiresAt = 0
  /** Whether the client came back after its first contact. */
  confirmed = false
  saidGoodbye = false

  /** Up: number of the next message to be handled. 0: the session is not opened yet. */
  nextNumber = 0
  claim: MemoryClaim | undefined
  /** Cause of the last message that handlers of this session sent. */
  lastCause: Cause | undefined

  /** Down: number of the last message. */
  head = 0
  /** Invariant: the last message of the log has number `head`. */
  #log: OutgoingMessage[] = []
  /** Bytes that the messages of the log count. */
  #logCost = 0

  #page: Page
  /** The highest `lowestWanted` that the client has named: the mark of PROTOCOL.md 6.4. */
  #mark = 0

  /**
   * In the order of their sequences. Like {@link listeners} replaced and never changed: a listener that is called may change
   * the readers while others are still to be called.
   */
  #readers: readonly MemoryReader[] = NONE
  #listeners: readonly StoreListener[] = NONE

  constructor(key: string, user: string, page: Page) {
    this.key = key
    this.user = user
    this.#page = page
  }

  /** The nodes with readers of this session, each once. */
  get listeners(): readonly StoreListener[] {
    return this.#listeners
  }

  /** The node with the newest reader. */
  get newestListener(): StoreListener | undefined {
    return this.#readers.at(-1)?.listener
  }

  get transport(): TransportName | null {
    return this.#readers.at(-1)?.transport ?? null
  }

  /** Number of the last message up whose handlers have settled; 0 if there is none. */
  get acceptedUpTo(): number {
    return Math.max(this.nextNumber - 1, 0)
  }

  /** Why a request is refused; `undefined` if it is not. Changes nothing. */
  refusalFor(request: AttachRequest): End | undefined {
    const { identity, sequence, lowestWanted, page, position, readerTransport } = request
    if ('key' in identity && identity.user !== this.user) {
      return { type: 'forbidden', reason: 'the session belongs to another user' }
    }
    if (page.generation > this.#page.generation) return this.#checkPosition(position)
    if (!this.#isHeldBy(page)) return { type: 'taken', reason: 'another page holds the session' }
    if (this.saidGoodbye) return { type: 'superseded', reason: 'the page has said goodbye' }
    if (sequence < this.#mark) {
      return { type: 'superseded', reason: 'the client has given this request up' }
    }
    const others = this.#readers.filter(
      (reader) => reader.sequence >= lowestWanted && reader.sequence !== sequence,
    )
    if (readerTransport && others.length >= MAX_READERS && sequence < others[0]!.sequence) {
      return { type: 'superseded', reason: `${MAX_READERS} later carriers read the session` }
    }
    return this.#checkPosition(position)
  }

  /** Lets a request in that is not refused. */
  admit(request: AttachRequest, listener: StoreListener): void {
    const { sequence, lowestWanted, page, position, readerTransport } = request
    if (page.generation > this.#page.generation) this.#resume(page)
    this.#trim(position)
    this.#mark = Math.max(this.#mark, lowestWanted)
    this.#supersede((reader) => reader.sequence < this.#mark || reader.sequence === sequence)
    if (!readerTransport) return
    const added = { listener, sequence, transport: readerTransport }
    this.#setReaders([...this.#readers, added].sort((a, b) => a.sequence - b.sequence))
    if (this.#readers.length > MAX_READERS) this.#supersede((reader) => reader === this.#readers[0])
  }

  /** The page says goodbye. False if it does not hold the session any more. */
  sayGoodbye(page: Page): boolean {
    if (!this.#isHeldBy(page)) return false
    this.saidGoodbye = true
    this.#supersede(() => true)
    return true
  }

  /** Removes one reader of a node, or all of them. False if there was none. */
  detach(listener: StoreListener, sequence?: number): boolean {
    const before = this.#readers.length
    this.#setReaders(
      this.#readers.filter(
        (reader) =>
          reader.listener !== listener || (sequence !== undefined && reader.sequence !== sequence),
      ),
    )
    return this.#readers.length < before
  }

  /** Drops messages up to a position, unless it is of another log. */
  acknowledge(position: Position): End | undefined {
    const lost = this.#checkPosition(position)
    if (!lost) this.#trim(position)
    return lost
  }

  /** Whether the log has room for a message. An empty log has room for one of `maxBytes`. */
  hasRoomFor(message: OutgoingMessage, maxMessages: number, maxBytes: number): boolean {
    return this.#log.length < maxMessages && this.#logCost + message.size <= maxBytes
  }

  append(message: OutgoingMessage): void {
    this.#log.push(message)
    this.#logCost += message.cost
    this.head++
    for (const listener of this.#listeners) listener.onAppended(this.id, this.head, message, '')
  }

  backlog(after: number, maxBytes: number): Backlog {
    const start = Math.max(after, this.#base)
    const messages: OutgoingMessage[] = []
    let room = maxBytes
    for (let i = start - this.#base; room > 0 && i < this.#log.length; i++) {
      const message = this.#log[i]!
      room -= message.entryBytes
      if (room < 0 && messages.length > 0) break
      messages.push(message)
    }
    const { head, acceptedUpTo } = this
    return { first: start + 1, messages, tag: '', head, acceptedUpTo }
  }

  /** Number of the last message that was acknowledged. */
  get #base(): number {
    return this.head - this.#log.length
  }

  #isHeldBy({ generation, holder }: Page): boolean {
    return generation === this.#page.generation && holder === this.#page.holder
  }

  /** A later load of the page takes the session over: nothing of the former one counts any more. */
  #resume(page: Page): void {
    this.#page = page
    this.#mark = 0
    this.saidGoodbye = false
    this.#supersede(() => true)
  }

  #checkPosition([number, tag]: Position): End | undefined {
    if (number <= this.head && tag === '') return undefined
    return { type: 'lost', reason: 'the position is not of this log' }
  }

  #trim([number]: Position): void {
    if (number <= this.#base) return
    for (const message of this.#log.splice(0, number - this.#base)) this.#logCost -= message.cost
  }

  #supersede(isSuperseded: (reader: MemoryReader) => boolean): void {
    const superseded = this.#readers.filter(isSuperseded)
    if (superseded.length === 0) return
    this.#setReaders(this.#readers.filter((reader) => !superseded.includes(reader)))
    for (const { listener, sequence } of superseded) listener.onSuperseded(this.id, sequence)
  }

  #setReaders(readers: readonly MemoryReader[]): void {
    // An array of its own for each idle session would cost memory.
    this.#readers = readers.length > 0 ? readers : NONE
    this.#listeners =
      readers.length > 0 ? [...new Set(readers.map(({ listener }) => listener))] : NONE
  }
}
