import { randomBytes } from 'node:crypto'
import type { TransportName } from 'rungs/protocol'
import type { AttachRequest, AuthenticatedClient, Cursor, Page } from './attach-request.ts'
import type { HeldBytes } from './held-bytes.ts'
import { KeptVolatile } from './kept-volatile.ts'
import { MemoryLogDown } from './memory-log-down.ts'
import { MemoryLogUp } from './memory-log-up.ts'
import { MemoryReaders } from './memory-readers.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import type { End, PartResult, PartUp, SessionRecord } from './records.ts'
import type { StoreListener } from './store.ts'

/** Milliseconds for which a client whose token has expired is still admitted (PROTOCOL.md 6.1). */
const TOKEN_TIME = 10_000

/**
 * A session of the {@link MemoryStore}: its fence, and what belongs to its logs. There may be very many, most of them idle,
 * so it holds nothing that can be computed.
 */
export class MemorySession implements SessionRecord {
  readonly key: string
  readonly user: string
  readonly id: string = randomBytes(12).toString('base64url')
  readonly epoch: string = randomBytes(6).toString('base64url')
  readonly origin: string | undefined
  readonly address: string | undefined
  readonly url: string | undefined
  readonly protocol: string | undefined
  readonly meta: string | undefined
  data = '{}'
  rooms: Set<string> | undefined

  /** When the session ends, unless it has a reader then. */
  expiresAt = 0
  /** When the session was made, and when the client last made a contact. */
  createdAt = 0
  contactAt = 0
  /** Whether the client came back after its first contact, by whatever, and by another attach or exchange. */
  confirmed = false
  hasReturned = false
  /** How the session is to end, once its page has said goodbye and its last messages are handled. */
  goodbye: End | undefined
  /** Whether the page has said goodbye, and whether nobody will acknowledge any more. */
  #hasPageLeft = false
  #isOver = false

  /** When the client's token expires. */
  tokenExpiresAt: number = Infinity
  /** When a client whose token has expired is refused. `undefined`: it was not admitted since, and so was not asked. */
  #tokenDeadline: number | undefined

  readonly up: MemoryLogUp
  readonly down: MemoryLogDown
  readonly readers: MemoryReaders
  #kept: KeptVolatile | undefined
  /** Called when messages were dropped from the log down, and when the session ends. Most sessions have none. */
  #waiting: Set<() => void> | undefined

  #page: Page
  /** The highest `lowestWanted` that the client has named: the mark of PROTOCOL.md 6.4. */
  #mark = 0

  constructor(
    { key, user }: AuthenticatedClient,
    { page, origin, address, url, protocol, meta }: AttachRequest,
    held: HeldBytes,
  ) {
    this.up = new MemoryLogUp(held)
    this.down = new MemoryLogDown(held)
    this.key = key
    this.user = user
    this.origin = origin
    this.address = address
    this.url = url
    this.protocol = protocol
    this.meta = meta
    this.readers = new MemoryReaders(this.id)
    this.#page = page
  }

  get bufferedAmount(): number {
    return this.down.cost
  }

  get transport(): TransportName | null {
    return this.readers.newest?.transport ?? null
  }

  /** Why a request is refused; `undefined` if it is not. Changes nothing. The order is that of PROTOCOL.md 6.4. */
  refusalFor(request: AttachRequest, now: number): End | undefined {
    const { sequence, lowestWanted, page, position, readerTransport } = request
    const refusal = this.#refusalForClient(request, now)
    if (refusal) return refusal
    if (page.generation > this.#page.generation) return this.down.check(position)
    if (!this.#isHeldBy(page)) return { type: 'taken', reason: 'another page holds the session' }
    if (this.#hasPageLeft) return { type: 'superseded', reason: 'the page has said goodbye' }
    if (sequence < this.#mark) {
      return { type: 'superseded', reason: 'the client has given this request up' }
    }
    if (readerTransport && this.readers.areTakenFor(sequence, lowestWanted)) {
      return { type: 'superseded', reason: 'three later carriers read the session' }
    }
    return this.down.check(position)
  }

  /** Lets a request in that is not refused. */
  admit(request: AttachRequest, listener: StoreListener, now: number): void {
    const { identity, sequence, lowestWanted, page, position, readerTransport } = request
    this.contactAt = now
    if ('user' in identity) this.renewToken(identity.tokenTtl ?? Infinity, now)
    else if (this.tokenExpiresAt <= now) this.#tokenDeadline ??= now + TOKEN_TIME
    if (page.generation > this.#page.generation) this.#resume(page)
    this.#trim(position)
    this.#mark = Math.max(this.#mark, lowestWanted)
    this.readers.supersede((reader) => reader.sequence < this.#mark || reader.sequence === sequence)
    if (readerTransport) this.readers.add({ listener, sequence, transport: readerTransport })
  }

  renewToken(ttl: number, now: number): void {
    const expiresAt = now + ttl
    // Most applications have no tokens that expire: nobody has to be told then.
    if (expiresAt === this.tokenExpiresAt) return
    this.tokenExpiresAt = expiresAt
    this.#tokenDeadline = undefined
    for (const listener of this.readers.listeners) listener.onTokenRenewed(this.id, ttl)
  }

  /** The page says goodbye; its last messages may still have to be handled. */
  markLeft(page: Page, isForGood: boolean): void {
    if (!this.#isHeldBy(page)) return
    this.#hasPageLeft = true
    if (isForGood) this.stopWaiting()
  }

  /** The goodbye of the page takes effect. False if it does not hold the session any more. */
  sayGoodbye(page: Page, end: End): boolean {
    if (!this.#isHeldBy(page)) return false
    this.#hasPageLeft = true
    this.goodbye = end
    this.readers.supersede(() => true)
    return true
  }

  /** Drops messages up to a position, unless it is of another log. */
  acknowledge(position: Cursor, now: number): End | undefined {
    const lost = this.down.check(position)
    if (lost) return lost
    this.contactAt = now
    this.confirmed = true
    this.#trim(position)
    return undefined
  }

  /** Adds a message to the log that has room for it. */
  append(message: OutgoingMessage): void {
    const { id, down } = this
    down.append(message)
    for (const listener of this.readers.listeners) listener.onAppended(id, down.head, message, '')
  }

  /** Gives a volatile message to the newest reader, or keeps it for a while if there is none. */
  publish(message: OutgoingMessage, keptUntil: number): void {
    const { newest } = this.readers
    if (newest) newest.listener.onPublished(this.id, message)
    else (this.#kept ??= new KeptVolatile(this.down.held)).add(message, keptUntil)
  }

  /** Volatile messages that were kept. They are not kept any longer. */
  takeVolatile(now: number): OutgoingMessage[] {
    const messages = this.#kept?.take(now) ?? []
    this.#kept = undefined
    return messages
  }

  /** Lets go of volatile messages that were kept for long enough. */
  pruneVolatile(now: number): void {
    if (this.#kept?.prune(now)) this.#kept = undefined
  }

  addPart(part: PartUp, now: number): PartResult {
    const result = this.up.addPart(part, now)
    const { partProgress } = this.up
    if (typeof result === 'object' && partProgress) {
      for (const listener of this.readers.listeners) listener.onPartAdded(this.id, partProgress)
    }
    return result
  }

  /** Accepts a claimed message. False if the claim is another's by now. */
  complete(number: number, token: string, data: string = this.data): boolean {
    if (!this.up.complete(number, token)) return false
    this.data = data
    for (const listener of this.readers.listeners) listener.onAccepted(this.id, number)
    return true
  }

  /** Settles once a condition of the log down holds, or the session has ended. */
  async waitUntil(holds: () => boolean): Promise<void> {
    while (!this.#isOver && !holds()) {
      await new Promise<void>((resolve) => (this.#waiting ??= new Set()).add(resolve))
    }
  }

  /** The session has ended: its logs count no more. */
  release(): void {
    this.down.release()
    this.up.dropUnfinished()
    this.#kept?.prune(Infinity)
  }

  /** Nobody waits for the client any more. */
  stopWaiting(): void {
    this.#isOver = true
    this.#wake()
  }

  #trim(position: Cursor): void {
    this.down.trim(position)
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    for (const wake of waiting ?? []) wake()
  }

  #refusalForClient({ identity }: AttachRequest, now: number): End | undefined {
    if ('user' in identity) {
      if (identity.user === this.user) return undefined
      return { type: 'forbidden', reason: 'the session belongs to another user' }
    }
    const isExpired = this.tokenExpiresAt <= now
    const bringsToken = 'key' in identity && identity.hasToken
    const isLate = this.#tokenDeadline !== undefined && this.#tokenDeadline <= now
    if (!isExpired || !(bringsToken || isLate)) return undefined
    return { type: 'unauthorized', reason: 'the token has expired; send a new one' }
  }

  #isHeldBy({ generation, holder }: Page): boolean {
    return generation === this.#page.generation && holder === this.#page.holder
  }

  /** A later load of the page takes the session over: nothing of the former one counts any more. */
  #resume(page: Page): void {
    this.#page = page
    this.#mark = 0
    this.goodbye = undefined
    this.#hasPageLeft = false
    this.readers.supersede(() => true)
  }
}
