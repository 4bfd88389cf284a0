import type { IncomingMessage } from 'node:http'
import { malformed } from '../checks.ts'
import type { Receipt } from '../delivery/intake.ts'
import { maybe, runSync, type MaybeAsync } from '../delivery/maybe-async.ts'
import type { Reader } from '../delivery/reader.ts'
import { Refusal } from '../errors.ts'
import type { Awaitable } from '../store/store.ts'
import { authenticate, type Described } from './authentication.ts'
import { upWindow, type ServerContext } from './context.ts'
import { addFrame, decodeText, parsePacket, type Packet } from './parse.ts'
import { receivePacket, sayGoodbye, sayGoodbyeOfRefused, type PacketSource } from './receive.ts'

export interface Frame {
  readonly data: Buffer
  readonly isBinary: boolean
}

/** By which the application finds the user of a new token. Kept only where tokens expire, because it takes memory. */
export interface Handshake {
  readonly request: IncomingMessage
  readonly described: Described
}

export interface WebSocketFramesOptions {
  readonly context: ServerContext
  /** Reads no further. */
  readonly pause: () => void
  /** Reads again, unless the connection waits for something else as well. */
  readonly resume: () => void
  readonly reader: Reader
  readonly source: PacketSource
  readonly handshake: Handshake | undefined
  /** Ends the connection, and tells the client why. */
  readonly fail: (error: unknown) => void
}

/** A packet whose last entry announced the frame that must follow. */
interface Announcement {
  readonly packet: Packet
  readonly text: string
}

/** The frames of a WebSocket that has attached: each is a packet, or the bytes that the one before it announced. */
export class WebSocketFrames {
  readonly #options: WebSocketFramesOptions
  #announcement: Announcement | undefined
  /** Settles when the store has answered for the packets until now. Never rejects. */
  #tail: Promise<unknown> | undefined
  /** Bytes of the packets that wait for that. */
  #waitingBytes = 0
  #isRenewing = false
  /** Whether a goodbye has come, behind which nothing is read. */
  #isOver = false
  /** Whether a packet was refused, behind which none is taken. */
  #hasFailed = false

  constructor(options: WebSocketFramesOptions) {
    this.#options = options
  }

  receive({ data, isBinary }: Frame): void {
    if (this.#isOver) return
    const announcement = this.#announcement
    this.#announcement = undefined
    let text = announcement?.text ?? ''
    try {
      if (!isBinary) text = decodeText(data)
      const packet = this.#parse(text, data, isBinary, announcement)
      if (packet.announcesFrame && !isBinary) this.#announcement = { packet, text }
      else this.take(packet, data.length)
    } catch (error) {
      this.#refuse(error, announcement?.text ?? text)
    }
  }

  /** Does what a packet says, behind the packets before it. */
  take(packet: Packet, bytes: number): void {
    // A goodbye is the last packet of its page (PROTOCOL.md 6.10).
    this.#isOver = packet.bye !== undefined
    const take = (): Awaitable<void> => runSync(this.#take(packet, bytes))
    const taken = this.#tail ? this.#tail.then(take) : take()
    if (!(taken instanceof Promise)) return
    this.#waitingBytes += bytes
    const tail = taken
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#waitingBytes -= bytes
        if (this.#tail === tail) this.#tail = undefined
      })
    this.#tail = tail
    this.#pauseIfBehind()
  }

  #parse(
    text: string,
    data: Buffer,
    isBinary: boolean,
    announcement: Announcement | undefined,
  ): Packet {
    const { settings } = this.#options.context
    if (isBinary) return addFrame(announcement?.packet, data, settings)
    if (announcement) throw malformed('a text frame came where a binary frame was announced')
    return parsePacket(text, settings, { mayAnnounceFrame: true })
  }

  *#take(packet: Packet, bytes: number): MaybeAsync<void> {
    if (this.#hasFailed) return
    const { context, reader, source } = this.#options
    const { store } = context
    const { ack, token, bye, batch } = packet
    const lost = ack && (yield* maybe(store.acknowledge(source.sessionId, ack)))
    if (lost) {
      this.#hasFailed = true
      reader.close(lost)
      if (bye) this.#failIfRejected(sayGoodbye(context, source, bye))
      return
    }
    if (token !== undefined) this.#renewToken(token)
    const receipt = yield* maybe(receivePacket(context, source, packet, bytes))
    if (batch) reader.scheduleAck()
    this.#watch(receipt)
  }

  #watch({ handled }: Receipt): void {
    const { reader } = this.#options
    if (handled === 'gap') reader.scheduleGap()
    if (!(handled instanceof Promise)) return
    const watched = handled.then((result) => {
      if (result === 'gap') reader.scheduleGap()
    })
    this.#failIfRejected(watched)
    this.#pauseIfBehind()
  }

  /** Authenticates the client again, if it was asked for a new token (PROTOCOL.md 6.1). */
  #renewToken(token: string): void {
    if (this.#isRenewing || !this.#options.reader.token.wasAsked) return
    this.#isRenewing = true
    const renewed = this.#authenticate(token).finally(() => (this.#isRenewing = false))
    this.#failIfRejected(renewed)
  }

  async #authenticate(token: string): Promise<void> {
    const { context, source, handshake } = this.#options
    // Tokens did not expire when this connection attached. The client comes back by another one.
    if (!handshake) throw new Refusal('internal', 'connect again with the new token')
    const { request, described } = handshake
    const found = await authenticate(context.settings, request, token, described)
    if (found.user !== source.user) {
      throw new Refusal('forbidden', 'the new token is that of another user')
    }
    await context.store.renewToken(source.sessionId, found.tokenTtl ?? Infinity)
  }

  /** Stops reading from a client that sends faster than its packets are worked on, until that has caught up. */
  #pauseIfBehind(): void {
    const { pause, resume, context, reader } = this.#options
    const { handlerQueue, readers } = context
    const { sessionId } = reader
    // The connection may be paused for another reason, and then it is read again before this has caught up.
    if (reader.isClientPaused) return
    const isBehind = handlerQueue.waitingBytes(sessionId) > upWindow(context)
    const isStoreBehind = this.#waitingBytes > upWindow(context)
    if (!isBehind && !isStoreBehind) return
    pause()
    reader.isClientPaused = true
    const caughtUp = Promise.all([
      isBehind && handlerQueue.waitUntilHandled(sessionId),
      isStoreBehind && this.#tail,
    ])
    this.#failIfRejected(
      caughtUp.then(() => {
        reader.isClientPaused = false
        readers.noteActivity(sessionId)
        resume()
      }),
    )
  }

  /** Ends the connection. The goodbye of the packet that was refused holds. */
  #refuse(error: unknown, text: string): void {
    const { context, source } = this.#options
    this.#fail(error)
    void context.runInBackground('store-failed', () => sayGoodbyeOfRefused(context, source, text))
  }

  #failIfRejected(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    this.#hasFailed = true
    this.#options.fail(error)
  }
}
