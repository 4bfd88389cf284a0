/** One carrier's cursor in a session's log down. All that is appended in one tick goes out in one packet. */
import { MAX_BATCH, packet } from 'rungs/protocol'
import type { OutgoingMessage } from '../store/outgoing-message.ts'
import type { Backlog, End, SessionStore } from '../store/store.ts'
import { NO_ENTRIES, shiftEntries } from './entries.ts'
import { endPacket, type Sink } from './sink.ts'

/** Messages that wait here for a slow carrier. Later ones are read from the store again when it has caught up. */
const MAX_QUEUE = 1_000

/** The node of a reader. */
export interface ReaderHost {
  readonly store: SessionStore
  /** Calls {@link Reader.flush} at the end of this tick. */
  scheduleFlush(reader: Reader): void
  /** Number of the last message up of a session that this node has received. */
  receivedUpTo(id: string): number
  onFailed(error: unknown): void
}

export interface ReaderStart {
  readonly sessionId: string
  readonly epoch: string
  /** The client's number of the request that made this reader: `t` on the wire. */
  readonly sequence: number
  /** Number of the last message down that the client has. */
  readonly position: number
  /** Number of the last message up that the client knows to be accepted. */
  readonly acceptedUpTo: number
  /** Number of the last message down. */
  readonly head: number
  /** The hello, as JSON text. */
  readonly hello: string
}

export class Reader {
  readonly sessionId: string
  readonly sequence: number
  readonly sink: Sink
  /** When the last packet was written, in milliseconds of the node's clock. */
  lastWrittenAt: number
  /** When the client last showed life, likewise. */
  lastHeardAt: number
  /** Whether this node has stopped reading from the client, so that its silence means nothing. */
  isClientPaused = false
  readonly #host: ReaderHost
  readonly #epoch: string
  /** The hello, until it is written. */
  #hello: string
  #isClosed = false

  /** Number of the last message that was written. */
  #cursor: number
  /** Number of the last message of the log, as far as is known here. */
  #head: number
  /** Invariant: `#queue[0]` has number `#cursor + 1`, and `#tags[i]` is the tag of the position at `#queue[i]`. */
  #queue: OutgoingMessage[] = []
  #tags: string[] = []
  #isReading = false

  readonly #volatile: OutgoingMessage[] = []
  /** Number of the last message up whose handlers have settled, as far as is known here. */
  #acceptedUpTo: number
  #isAckDue = false
  /** Whether the second part of hello is due (PROTOCOL.md 4.6). */
  #isReadyDue = false

  constructor(host: ReaderHost, start: ReaderStart, sink: Sink, now: number) {
    this.sessionId = start.sessionId
    this.sequence = start.sequence
    this.sink = sink
    this.lastWrittenAt = now
    this.lastHeardAt = now
    this.#host = host
    this.#epoch = start.epoch
    this.#hello = start.hello
    this.#cursor = start.position
    this.#head = start.head
    this.#acceptedUpTo = start.acceptedUpTo
  }

  /** Whether all that is known to be in the log is written. */
  get isIdle(): boolean {
    return this.#isClosed || (!this.#isReading && !this.#hasPending() && !this.#isBehind())
  }

  /** Says hello, and sends what is in the log. */
  start(): void {
    if (!this.sink.takesOnePacket) {
      // The two parts of hello are flushed one after the other: the second proves that nothing on the way collects them.
      this.sink.write(packet({ hello: this.#hello, ack: this.#ackText() }))
      this.#hello = ''
      this.#isReadyDue = true
      this.#scheduleFlush()
    }
    // This reader was not told of what happened between its admission and now.
    this.#readLog()
  }

  /** A message was appended to the log. */
  enqueue(number: number, message: OutgoingMessage, tag: string): void {
    this.#head = Math.max(this.#head, number)
    const next = this.#cursor + this.#queue.length + 1
    if (number === next && !this.#isReading && this.#queue.length < MAX_QUEUE) {
      this.#queue.push(message)
      this.#tags.push(tag)
      this.#scheduleFlush()
    } else if (number >= next) {
      this.#readLog()
    }
  }

  /** Sends a volatile message, or drops it if the carrier cannot keep up. */
  enqueueVolatile(message: OutgoingMessage): void {
    if (this.#isClosed || this.sink.isCongested()) return
    this.#volatile.push(message)
    this.#scheduleFlush()
  }

  /** The handlers of a message up have settled. */
  setAccepted(number: number): void {
    if (number <= this.#acceptedUpTo) return
    this.#acceptedUpTo = number
    this.scheduleAck()
  }

  /** Sends an acknowledgement with the next packet, or with one of its own. */
  scheduleAck(): void {
    this.#isAckDue = true
    this.#scheduleFlush()
  }

  /** Sends an acknowledgement, and looks into the log, because a notification of the store may have been lost. */
  sendHeartbeat(): void {
    this.scheduleAck()
    this.#readLog()
  }

  /** Writes what is pending, until the carrier is congested. */
  flush(now: number): void {
    while (!this.#isClosed && this.#hasPending() && !this.sink.isCongested()) {
      this.#writePacket()
      this.lastWrittenAt = now
    }
    if (this.#queue.length === 0 && this.#isBehind()) this.#readLog()
  }

  /** Writes all that waits here, congested or not: the session has ended, and no other reader will have it. */
  flushAll(): void {
    while (!this.#isClosed && this.#hasPending()) this.#writePacket()
  }

  /** Ends the carrier. With an end, its last packet says so. */
  close(end?: End): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (end) this.sink.end(endPacket(end), end)
    else this.sink.destroy()
  }

  /** The carrier has ended by itself: nothing is written to it any more. */
  abandon(): void {
    this.#isClosed = true
  }

  #hasPending(): boolean {
    return this.#queue.length > 0 || this.#isAckDue || this.#volatile.length > 0 || this.#isReadyDue
  }

  #isBehind(): boolean {
    return this.#cursor + this.#queue.length < this.#head
  }

  #scheduleFlush(): void {
    if (!this.#isClosed) this.#host.scheduleFlush(this)
  }

  #writePacket(): void {
    if (this.#isReadyDue) {
      this.#isReadyDue = false
      this.sink.write(packet({ ready: '1' }))
    } else {
      this.#writeMessages()
    }
  }

  /** Writes an acknowledgement if one is due, and as many messages as one packet has room for. */
  #writeMessages(): void {
    const { takesFrames, takesOnePacket } = this.sink
    const hasAck = this.#isAckDue || takesOnePacket
    this.#isAckDue = false
    const first = this.#cursor + 1
    const batch = shiftEntries(this.#queue, MAX_BATCH, takesFrames)
    this.#cursor += batch.texts.length
    const tag = this.#tags.splice(0, batch.texts.length).at(-1)
    // A packet announces one frame at most. Volatile messages wait for the next packet; a poll has none, and they are dropped.
    const volatile = batch.frame
      ? NO_ENTRIES
      : shiftEntries(this.#volatile, MAX_BATCH - batch.size, takesFrames)
    this.sink.write(
      packet({
        hello: this.#hello,
        ready: takesOnePacket ? '1' : '',
        ack: hasAck ? this.#ackText() : '',
        batch: batch.texts.length > 0 ? `[${first},[${batch.texts.join()}]]` : '',
        tag: tag ? JSON.stringify(tag) : '',
        volatile: volatile.texts.length > 0 ? `[${volatile.texts.join()}]` : '',
      }),
    )
    const frame = batch.frame ?? volatile.frame
    if (frame) this.sink.write(frame)
  }

  /** The acknowledgement of now, as JSON text. */
  #ackText(): string {
    const received = Math.max(this.#acceptedUpTo, this.#host.receivedUpTo(this.sessionId))
    return `["${this.#epoch}",${received},${this.#acceptedUpTo},${this.#head}]`
  }

  /** Reads on in the store. */
  #readLog(): void {
    if (this.#isReading || this.#isClosed || this.sink.isCongested()) return
    this.#isReading = true
    const after = this.#cursor + this.#queue.length
    try {
      const backlog = this.#host.store.read(this.sessionId, after, MAX_BATCH)
      if (backlog instanceof Promise) {
        backlog
          .then((later) => this.#onRead(after, later))
          .catch((error: unknown) => this.#onReadFailed(error))
      } else {
        this.#onRead(after, backlog)
      }
    } catch (error) {
      this.#onReadFailed(error)
    }
  }

  #onRead(after: number, backlog: Backlog | End): void {
    this.#isReading = false
    if ('type' in backlog) {
      this.close(backlog)
      return
    }
    const { first, messages, tag, head, acceptedUpTo } = backlog
    if (first > after + 1) {
      // The log begins above the cursor, because another carrier acknowledged more. The client judges whether it lost any.
      this.#queue = []
      this.#tags = []
      this.#cursor = first - 1
    }
    for (const message of messages) {
      this.#queue.push(message)
      // The store names the tag of the last message only. Where there are tags, only whole batches can be acknowledged.
      this.#tags.push(message === messages.at(-1) ? tag : '')
    }
    this.#head = Math.max(this.#head, head)
    this.setAccepted(acceptedUpTo)
    if (messages.length > 0) this.#scheduleFlush()
  }

  #onReadFailed(error: unknown): void {
    this.#host.onFailed(error)
    this.close({ type: 'internal', reason: 'the server could not read the log; try again' })
  }
}
