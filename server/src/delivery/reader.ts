/** One carrier's cursor in a session's log down: what has been appended goes out in packets, a tick's in one. */
import { END, MAX_BATCH, encodeEntry, packet, type TransportName } from 'rungs/protocol'
import type { OutgoingMessage } from '../store/outgoing-message.ts'
import type { End, SessionStore } from '../store/store.ts'
import { drive, wait, type Steps } from './maybe-async.ts'

/** Messages that wait here for a slow carrier; what is more is read from the store again when it has caught up. */
const MAX_QUEUE = 1_000

/** Where a carrier's packets go. What it still holds when it is `congested`, it says when it no longer is. */
export interface Sink {
  /** Whether binary messages go as frames of their own. */
  readonly frames: boolean
  /** Whether it takes one packet only: a poll. */
  readonly once: boolean
  write(data: string | Uint8Array): void
  /** Whether what was written still waits for the network. */
  congested(): boolean
  /** Ends the carrier with its last packet. */
  end(text: string, end: End): void
  /** Lets go of it at once: nobody is there any more. */
  destroy(): void
}

/** What all readers of a node have in common. */
export interface ReaderHost {
  readonly store: SessionStore
  /** Asks to have {@link Reader.flush} called at the end of this tick. */
  wake(reader: Reader): void
  /** How far this node has received a session's log up. */
  received(id: string): number
  failed(error: unknown): void
}

export interface ReaderState {
  readonly id: string
  readonly epoch: string
  readonly t: number
  readonly transport: TransportName
  readonly position: number
  /** How far the client knows its log up to be accepted. */
  readonly accepted: number
  readonly head: number
  /** The hello, as JSON text. */
  readonly hello: string
}

export class Reader {
  readonly id: string
  readonly t: number
  readonly transport: TransportName
  readonly sink: Sink
  /** When it last wrote, and when its client last showed life, in milliseconds. */
  wroteAt: number
  heardAt: number
  /** Whether it is to be flushed in this tick. */
  awake = false
  closed = false
  readonly #epoch: string
  readonly #host: ReaderHost
  #hello: string
  /** The second part of hello. */
  #readyDue = false
  #queue: OutgoingMessage[] = []
  /** The tag of each message in the queue; only the last of what was read from the store has one. */
  #tags: string[] = []
  #volatile: OutgoingMessage[] = []
  /** Number of the last message written. */
  #cursor: number
  #accepted: number
  #head: number
  #ackDue = false
  #filling = false

  constructor(host: ReaderHost, state: ReaderState, sink: Sink, now: number) {
    this.id = state.id
    this.t = state.t
    this.transport = state.transport
    this.sink = sink
    this.wroteAt = this.heardAt = now
    this.#epoch = state.epoch
    this.#host = host
    this.#hello = state.hello
    this.#cursor = state.position
    this.#accepted = state.accepted
    this.#head = state.head
  }

  /** Whether all is written that is known to be in the log. */
  get idle(): boolean {
    return this.closed || (!this.#filling && !this.#due() && !this.#behind())
  }

  /** Says hello, and sends what the log has already. */
  start(): void {
    if (!this.sink.once) {
      // Two parts, flushed apart: the second proves to the client that nothing on the way collects them.
      this.sink.write(packet({ hello: this.#hello, ack: this.#ack() }))
      this.#hello = ''
      this.#readyDue = true
      this.#wake()
    }
    // What happened between the contact with the store and now, this reader was not told.
    this.#fill()
  }

  appended(number: number, message: OutgoingMessage, tag: string): void {
    this.#head = Math.max(this.#head, number)
    const next = this.#cursor + this.#queue.length + 1
    if (!this.#filling && number === next && this.#queue.length < MAX_QUEUE) {
      this.#queue.push(message)
      this.#tags.push(tag)
      this.#wake()
    } else if (number >= next) {
      this.#fill()
    }
  }

  volatile(message: OutgoingMessage): void {
    if (this.closed || this.sink.congested()) return
    this.#volatile.push(message)
    this.#wake()
  }

  accepted(number: number): void {
    if (number <= this.#accepted) return
    this.#accepted = number
    this.acknowledge()
  }

  /** Something is to be said about the log up. */
  acknowledge(): void {
    this.#ackDue = true
    this.#wake()
  }

  /** Says that we live, and looks into the log: a notification may have been lost. */
  beat(): void {
    this.acknowledge()
    this.#fill()
  }

  /** Writes what is due, unless the carrier is congested. */
  flush(now: number): void {
    while (!this.closed && this.#due() && !this.sink.congested()) {
      this.#write()
      this.wroteAt = now
    }
    if (this.#queue.length === 0 && this.#behind()) this.#fill()
  }

  /** Writes all that waits here, however slow the network is: its session has ended, and nobody else has it. */
  flushAll(): void {
    while (!this.closed && this.#due()) this.#write()
  }

  /** Ends the carrier; with a reason, its last packet says so. */
  close(end?: End): void {
    if (this.closed) return
    this.closed = true
    if (end) this.sink.end(endPacket(end), end)
    else this.sink.destroy()
  }

  #due(): boolean {
    return this.#queue.length > 0 || this.#ackDue || this.#volatile.length > 0 || this.#readyDue
  }

  /** Writes the next packet: acknowledgement, and as much of what waits as one packet takes. */
  #write(): void {
    const { once } = this.sink
    if (this.#readyDue) {
      this.#readyDue = false
      return this.sink.write(packet({ ready: '1' }))
    }
    const first = this.#cursor + 1
    const batch = this.#take(this.#queue, MAX_BATCH)
    this.#cursor += batch.texts.length
    const tag = this.#tags.splice(0, batch.texts.length).at(-1)
    // One frame a packet, and no more bytes: what is volatile waits for the next one, or for nothing after a poll.
    const volatile = batch.frame ? NOTHING : this.#take(this.#volatile, MAX_BATCH - batch.size)
    this.sink.write(
      packet({
        hello: this.#hello,
        ready: once ? '1' : '',
        ack: this.#ackDue || once ? this.#ack() : '',
        batch: batch.texts.length > 0 ? `[${first},[${batch.texts.join()}]]` : '',
        tag: tag ? JSON.stringify(tag) : '',
        volatile: volatile.texts.length > 0 ? `[${volatile.texts.join()}]` : '',
      }),
    )
    const frame = batch.frame ?? volatile.frame
    if (frame) this.sink.write(frame)
  }

  /** Takes entries for one packet off a queue. Binary ends them where it has a frame of its own. */
  #take(queue: OutgoingMessage[], room: number): Taken {
    const texts: string[] = []
    let size = 0
    let frame: Uint8Array | undefined
    for (const message of queue) {
      const { body } = message
      const framed = this.sink.frames && typeof body !== 'string'
      const bytes = framed ? 0 : message.entryBytes + 1
      // A message that is larger than a packet has one for itself.
      if (size + bytes > room && (texts.length > 0 || room < MAX_BATCH)) break
      size += bytes
      texts.push(framed ? encodeEntry(message) : message.entry)
      if (framed) {
        frame = body
        break
      }
    }
    queue.splice(0, texts.length)
    return { texts, size, frame }
  }

  #ack(): string {
    this.#ackDue = false
    const received = Math.max(this.#accepted, this.#host.received(this.id))
    return `["${this.#epoch}",${received},${this.#accepted},${this.#head}]`
  }

  #behind(): boolean {
    return this.#cursor + this.#queue.length < this.#head
  }

  #wake(): void {
    if (!this.closed) this.#host.wake(this)
  }

  /** Reads on in the store. */
  #fill(): void {
    if (this.#filling || this.closed || this.sink.congested()) return
    this.#filling = true
    const failed = (error: unknown): void => {
      this.#host.failed(error)
      this.close({ type: 'internal', reason: 'the store failed' })
    }
    try {
      const reading = drive(this.#read(this.#cursor + this.#queue.length))
      if (reading instanceof Promise) reading.catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  *#read(after: number): Steps<void> {
    const backlog = yield* wait(this.#host.store.read(this.id, after, MAX_BATCH))
    this.#filling = false
    if ('type' in backlog) return this.close(backlog)
    const { first, messages, tag, head, acceptedUpTo: accepted } = backlog
    if (first > after + 1) {
      // The log begins above the position: that is stale, never lost, and the client judges for itself.
      this.#queue = []
      this.#tags = []
      this.#cursor = first - 1
    }
    for (const message of messages) {
      this.#queue.push(message)
      this.#tags.push(message === messages.at(-1) ? tag : '')
    }
    this.#head = Math.max(this.#head, head)
    this.accepted(accepted)
    if (messages.length > 0) this.#wake()
  }
}

interface Taken {
  readonly texts: readonly string[]
  readonly size: number
  readonly frame: Uint8Array | undefined
}

const NOTHING: Taken = { texts: [], size: 0, frame: undefined }

/** The last packet of a carrier. */
export function endPacket({ type, reason, code }: End): string {
  return packet({
    end: JSON.stringify([type, reason, END[type][1], ...(code === undefined ? [] : [code])]),
  })
}
