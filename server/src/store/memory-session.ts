import { randomBytes } from 'node:crypto'
import type { Position, TransportName } from 'rungs/protocol'
import type { LogMessage } from './outgoing-message.ts'
import type { Backlog, Cause, Contact, End, Node, SessionRecord } from './store.ts'

/** Carriers of one session at a time: two that race and one that is about to go. */
const MAX_READERS = 3

interface MemoryReader {
  readonly node: Node
  readonly t: number
  readonly transport: TransportName
}

const NONE: readonly never[] = []

/** A session of the {@link MemoryStore}: the fence, the log down, and who reads it. Most sessions are idle: it is small. */
export class MemorySession implements SessionRecord {
  readonly key: string
  readonly user: string
  readonly id: string = randomBytes(12).toString('base64url')
  readonly epoch: string = randomBytes(6).toString('base64url')
  data = '{}'
  rooms: Set<string> | undefined

  /** When it ends, if no reader is there then. */
  dies = 0
  /** Whether the client came back after its first contact. */
  confirmed = false
  /** Whether the page said goodbye. */
  leaving = false

  /** Up: the last number whose handler has settled; -1 before the session was opened. */
  accepted = -1
  claim: { readonly token: string; readonly last: number; expires: number } | undefined
  /** What the last message was sent for that a handler of this session sent. */
  caused: Cause | undefined

  /** Down: the number of the last message of the log. */
  head = 0
  #log: LogMessage[] = []
  #bytes = 0

  #page: Contact['page']
  /** Lowest `t` that the client still wants. */
  #mark = 0

  /** By `t`. Like {@link nodes}, never changed in place: a notification may change it while others are given. */
  #readers: readonly MemoryReader[] = NONE
  #nodes: readonly Node[] = NONE

  constructor(key: string, user: string, page: Contact['page']) {
    this.key = key
    this.user = user
    this.#page = page
  }

  /** Those with readers of this session, each once. */
  get nodes(): readonly Node[] {
    return this.#nodes
  }

  /** The one with the newest reader. */
  get newest(): Node | undefined {
    return this.#readers.at(-1)?.node
  }

  get transport(): TransportName | null {
    return this.#readers.at(-1)?.transport ?? null
  }

  /** Why a contact may not come in. Changes nothing. */
  refusal({ who, t, want, page, position, reader }: Contact): End | undefined {
    if ('key' in who && who.user !== this.user) {
      return { type: 'forbidden', reason: 'the session belongs to another user' }
    }
    if (page[0] > this.#page[0]) return this.#lost(position)
    if (page[0] < this.#page[0] || page[1] !== this.#page[1]) {
      return { type: 'taken', reason: 'another page holds the session' }
    }
    if (this.leaving) return { type: 'superseded', reason: 'the page said goodbye' }
    if (t < this.#mark) return { type: 'superseded', reason: 'the client gave this request up' }
    const others = this.#readers.filter((other) => other.t >= want && other.t !== t)
    if (reader && others.length >= MAX_READERS && t < others[0]!.t) {
      return { type: 'superseded', reason: 'there are enough later carriers' }
    }
    return this.#lost(position)
  }

  /** A contact comes in. */
  enter({ t, want, page, position, reader: transport }: Contact, node: Node): void {
    if (page[0] > this.#page[0]) {
      // A page of a later generation resumes: nothing of the former one counts any more.
      this.#page = page
      this.#mark = 0
      this.leaving = false
      this.#supersede(() => true)
    }
    this.#trim(position)
    this.#mark = Math.max(this.#mark, want)
    this.#supersede((reader) => reader.t < this.#mark || reader.t === t)
    if (!transport) return
    this.#read([...this.#readers, { node, t, transport }].sort((a, b) => a.t - b.t))
    if (this.#readers.length > MAX_READERS) this.#supersede((reader) => reader === this.#readers[0])
  }

  /** The page says goodbye. False if it is not the page that holds the session. */
  part(page: Contact['page']): boolean {
    if (page[0] !== this.#page[0] || page[1] !== this.#page[1]) return false
    this.leaving = true
    this.#supersede(() => true)
    return true
  }

  /** Readers of a node are gone: the one with this `t`, or all. False if there were none. */
  detach(node: Node, t?: number): boolean {
    const before = this.#readers.length
    this.#read(
      this.#readers.filter((reader) => reader.node !== node || (t !== undefined && reader.t !== t)),
    )
    return this.#readers.length < before
  }

  acknowledge(position: Position): End | undefined {
    const lost = this.#lost(position)
    if (!lost) this.#trim(position)
    return lost
  }

  /** Whether the log has room for a message. */
  fits(message: LogMessage, maxMessages: number, maxBytes: number): boolean {
    return this.#log.length < maxMessages && this.#bytes + message.size <= maxBytes
  }

  append(message: LogMessage): void {
    this.#log.push(message)
    this.#bytes += message.size
    this.head++
    for (const node of this.#nodes) node.appended(this.id, this.head, message, '')
  }

  backlog(after: number, bytes: number): Backlog {
    const start = Math.max(after, this.#base)
    const messages: LogMessage[] = []
    let room = bytes
    for (let i = start - this.#base; room > 0 && i < this.#log.length; i++) {
      const message = this.#log[i]!
      room -= message.bytes
      if (room < 0 && messages.length > 0) break
      messages.push(message)
    }
    return {
      first: start + 1,
      messages,
      tag: '',
      head: this.head,
      accepted: Math.max(this.accepted, 0),
    }
  }

  /** Number of the last message that was acknowledged. */
  get #base(): number {
    return this.head - this.#log.length
  }

  #lost([number, tag]: Position): End | undefined {
    if (number <= this.head && tag === '') return undefined
    return { type: 'lost', reason: 'the position is not of this log' }
  }

  #trim([number]: Position): void {
    if (number <= this.#base) return
    for (const message of this.#log.splice(0, number - this.#base)) this.#bytes -= message.size
  }

  #supersede(which: (reader: MemoryReader) => boolean): void {
    const gone = this.#readers.filter(which)
    if (gone.length === 0) return
    this.#read(this.#readers.filter((reader) => !gone.includes(reader)))
    for (const { node, t } of gone) node.superseded(this.id, t)
  }

  #read(readers: readonly MemoryReader[]): void {
    this.#readers = readers.length > 0 ? readers : NONE
    this.#nodes = readers.length > 0 ? [...new Set(readers.map(({ node }) => node))] : NONE
  }
}
