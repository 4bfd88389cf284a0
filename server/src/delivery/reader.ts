/** One carrier's cursor in a session's log down. All that is appended in one tick goes out in one packet. */
import { packet, type TransportName } from 'rungs/protocol'
import type { CarrierEnd } from '../errors.ts'
import type { OutgoingMessage } from '../store/outgoing-message.ts'
import type { Backlog, End, PartProgress, SessionStore } from '../store/store.ts'
import { BacklogRequest } from './backlog-request.ts'
import { ackText, batchTexts, volatileText } from './packet-texts.ts'
import { PendingLog, shiftVolatile } from './pending-log.ts'
import type { ReaderStart } from './reader-start.ts'
import { endPacket, type Sink } from './sink.ts'
import { TokenWatch } from './token-watch.ts'

/** Messages that wait here for a slow carrier. Later ones are read from the store again when it has caught up. */
const MAX_QUEUE = 1_000

/** The node of a reader. */
export interface ReaderHost {
  readonly store: SessionStore
  /** Bytes of the entries of the largest packet. */
  readonly maxBatch: number
  /** Calls {@link Reader.flush} at the end of this tick. */
  scheduleFlush(reader: Reader): void
  /** Number of the last message up of a session that this node has received. */
  receivedUpTo(id: string): number
  onFailed(error: unknown): void
}

export class Reader {
  readonly sessionId: string
  readonly sequence: number
  readonly transport: TransportName
  readonly sink: Sink
  readonly heartbeat: number
  readonly token: TokenWatch = new TokenWatch()
  /** When the last packet was written, in milliseconds of the node's clock. */
  lastWrittenAt: number
  /** When the client last showed life, likewise. */
  lastHeardAt: number
  /** Whether this node has stopped reading from the client, so that its silence means nothing. */
  isClientPaused = false
  /** The message up of which there is a part. */
  partProgress: PartProgress | undefined
  readonly #host: ReaderHost
  readonly #packetSize: number
  /** The hello, until it is written. */
  #hello: string
  #isClosed = false

  readonly #log: PendingLog
  /** Number of the last message of the log, as far as is known here. */
  #head: number
  /** About how many bytes the messages have that are in the log and not here. */
  #unread: number
  readonly #request: BacklogRequest

  readonly #volatile: OutgoingMessage[] = []
  /** Number of the last message up whose handlers have settled, as far as is known here. */
  #acceptedUpTo: number
  #isAckDue = false
  /** Whether the client is to be told that something it sent was not taken. */
  #isGapDue = false
  /** Whether the client is to be asked for a new token. */
  #isTokenDue = false
  /** Whether the second part of hello is due (PROTOCOL.md 4.7). */
  #isReadyDue = false

  constructor(host: ReaderHost, start: ReaderStart, sink: Sink, now: number) {
    this.sessionId = start.sessionId
    this.sequence = start.sequence
    this.transport = start.transport
    this.sink = sink
    this.heartbeat = start.heartbeat
    this.token.renew(now, start.tokenTtl)
    this.lastWrittenAt = now
    this.lastHeardAt = now
    this.partProgress = start.partProgress
    this.#host = host
    this.#packetSize = start.packetSize
    this.#hello = start.hello
    this.#log = new PendingLog(start.position)
    this.#head = start.head
    this.#unread = start.outstanding
    this.#acceptedUpTo = start.acceptedUpTo
    this.#isTokenDue = this.token.mustAsk(now)
    const { store, maxBatch } = host
    this.#request = new BacklogRequest({
      read: () => store.read(this.sessionId, this.#log.last, maxBatch),
      onRead: (backlog) => this.#onRead(backlog),
      onFailed: (error) => this.#onReadFailed(error),
    })
  }

  /** Whether all that is known to be in the log is written. */
  get isIdle(): boolean {
    return this.#isClosed || (!this.#request.isPending && !this.#hasPending() && !this.#isBehind())
  }

  /** Says hello, and sends what is in the log. */
  start(): void {
    if (!this.sink.takesOnePacket) {
      // The two parts of hello are flushed one after the other: the second proves that nothing on the way collects them.
      this.sink.write(packet({ hello: this.#hello, ack: this.#ackText() }))
      this.#hello = ''
      this.#isReadyDue = true
    }
    if (this.#hasPending()) this.#scheduleFlush()
    // This reader was not told of what happened between its admission and now.
    this.#readLog()
  }

  /** A message was appended to the log. */
  enqueue(number: number, message: OutgoingMessage, tag: string): void {
    this.#head = Math.max(this.#head, number)
    const next = this.#log.last + 1
    if (number === next && !this.#request.isPending && this.#log.length < MAX_QUEUE) {
      this.#log.push(message, tag)
      this.#scheduleFlush()
    } else if (number >= next) {
      this.#unread += message.encodedSize
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

  /** Tells the client that something it sent was not taken, and where it is to go on: the store is asked for that first. */
  scheduleGap(): void {
    this.#isGapDue = true
    this.#scheduleFlush()
    this.#readLog()
  }

  /** The client has brought a new token, to whatever node. */
  renewToken(now: number, ttl: number): void {
    this.token.renew(now, ttl)
    this.#isTokenDue = false
  }

  /** Asks the client for a new token. */
  askForToken(): void {
    this.#isTokenDue = true
    this.#scheduleFlush()
  }

  /** Sends an acknowledgement, and looks into the log, because a notification of the store may have been lost. */
  sendHeartbeat(): void {
    if (!this.#isClosed && !this.sink.isCongested()) this.sink.writeBeforeHeartbeat?.()
    this.scheduleAck()
    this.#readLog()
  }

  /** Writes what is pending, until the carrier is congested. */
  flush(now: number): void {
    while (!this.#isClosed && this.#hasPending() && !this.sink.isCongested()) {
      this.#writePacket()
      this.lastWrittenAt = now
    }
    if (this.#log.length === 0 && this.#isBehind()) this.#readLog()
  }

  /** Writes all that waits here, congested or not: the session has ended, and no other reader will have it. */
  flushAll(): void {
    while (!this.#isClosed && this.#hasPending()) this.#writePacket()
  }

  /** Ends the carrier. With an end, its last packet says so. */
  close(end?: CarrierEnd): void {
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
    return (
      this.#log.length > 0 ||
      this.#isAckDue ||
      this.#volatile.length > 0 ||
      this.#isReadyDue ||
      this.#isTokenDue ||
      this.#hasGap
    )
  }

  get #hasGap(): boolean {
    return this.#isGapDue && !this.#request.isPending
  }

  #isBehind(): boolean {
    return this.#log.last < this.#head
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

  /** Writes what is due, and as many messages as one packet has room for. */
  #writeMessages(): void {
    const { takesFrames, takesOnePacket } = this.sink
    // Volatile messages go first: a message in parts would fill every packet until it is through.
    const volatile = shiftVolatile(this.#volatile, this.#packetSize, takesFrames)
    // Only the last entry of a packet may announce a frame, and the volatile ones are the last (PROTOCOL.md 4.5).
    const binaryForm = takesFrames ? (volatile.bytes > 0 ? 'later' : 'frame') : 'base64'
    const batch = this.#log.take(volatile.bytes, this.#packetSize, binaryForm)
    const hasGap = this.#hasGap
    const hasAck = this.#isAckDue || takesOnePacket || hasGap
    const text = packet({
      hello: this.#hello,
      ready: takesOnePacket && '1',
      ack: hasAck && this.#ackText(),
      gap: hasGap && '1',
      token: this.#isTokenDue && '1',
      ...batchTexts(batch),
      volatile: volatileText(volatile),
    })
    this.#isAckDue = false
    this.#isGapDue &&= !hasGap
    this.#isTokenDue = false
    this.sink.write(text)
    const frame = batch.frame ?? volatile.frame
    if (frame) this.sink.write(frame)
  }

  #ackText(): string {
    return ackText({
      receivedUpTo: this.#host.receivedUpTo(this.sessionId),
      acceptedUpTo: this.#acceptedUpTo,
      head: this.#head,
      outstanding: this.#log.outstandingWith(this.#unread),
      partProgress: this.partProgress,
    })
  }

  /** Reads on in the store. */
  #readLog(): void {
    if (!this.#isClosed && !this.sink.isCongested()) this.#request.make()
  }

  #onRead(backlog: Backlog | End): void {
    if ('type' in backlog) {
      this.close(backlog)
      return
    }
    this.#log.pushAll(backlog)
    this.#unread = backlog.outstanding
    this.#head = Math.max(this.#head, backlog.head)
    this.partProgress = backlog.partProgress
    this.setAccepted(backlog.acceptedUpTo)
    for (const message of backlog.volatile) this.enqueueVolatile(message)
    if (this.#hasPending()) this.#scheduleFlush()
    // Messages that were appended while the store was asked may be missing in its answer.
    if (this.#request.isOutdated && this.#isBehind()) this.#readLog()
  }

  #onReadFailed(error: unknown): void {
    this.#host.onFailed(error)
    this.close({ type: 'internal', reason: 'the server could not read the log; try again' })
  }
}
