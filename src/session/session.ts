/**
 * The client's half of a session: two numbered logs and the fence of its carriers. Each carrier gets a link, which is a
 * cursor in the log up and nothing else, so any number of carriers may work on one session at the same time.
 */
import type { Clock } from '../platform/clock.ts'
import { toJSON } from '../platform/json.ts'
import { randomKey } from '../platform/random-key.ts'
import {
  MAX_BATCH,
  MAX_MESSAGE,
  type Attach,
  type Down,
  type Entry,
  type Hello,
  type Message,
  type RetryBounds,
} from '../protocol.ts'
import type { Link } from '../transports/transport.ts'
import { createFence } from './fence.ts'
import { SLOWEST_LINE, healthDeadline, type Deadline } from './health.ts'
import { createInbox } from './inbox.ts'
import { createLink, type LinkOptions } from './link.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { FIRST_PACKET, createPacketSize } from './packet-size.ts'
import { createRoundTripTimer } from './round-trip.ts'
import type { SavedSession } from './saved.ts'

/** Limits that the server announces in its hello. */
export type ServerLimits = Pick<Hello, 'heartbeat' | 'maxMessage' | 'maxBatch' | 'window' | 'bound'>

/** Limits that hold before the server has announced its own. */
const DEFAULT_LIMITS: ServerLimits = {
  heartbeat: 25_000,
  maxMessage: MAX_MESSAGE,
  maxBatch: MAX_BATCH,
  window: MAX_MESSAGE,
}

export interface SessionEvents {
  onMessage(entry: Entry): void
  /** Whether anybody takes messages now. */
  hasListeners(): boolean
  /** There is something to send. */
  onPending(): void
  /** The server does not know this session any more, or messages are missing. */
  onSessionLost(reason: string): void
  /**
   * Messages that pass in no request, because a box on the way refuses bodies of so many bytes. The session is without them, and those
   * from the number `first` on have other numbers.
   */
  onTooLarge(messages: readonly Message[], first: number, refusedBytes: number): void
  /** The server asks for a new token: see {@link Session.renewToken}. */
  onTokenAsked(): void
}

export interface Session {
  /** Public id; `null` before the server has said it. */
  readonly id: string | null
  /** Whether a packet is of a server that does not know this session, as one of several without a common store. */
  isForeign(down: Down): boolean
  /** The subprotocol that the server chose; `null` if it chose none. */
  readonly protocol: string | null
  readonly serverLimits: ServerLimits
  /** When to come back after the server is lost, as the server has said last. */
  readonly retryBounds: RetryBounds
  /** When the last packet went up, on whatever carrier. */
  readonly lastSentAt: number
  /** Smoothed round-trip time in milliseconds; `null` before it was measured. */
  readonly rtt: number | null
  readonly outbox: Outbox
  /** Messages that are sent once, without a number, if a carrier is there. */
  readonly volatile: Message[]
  /** Milliseconds that the messages before the next receipt take on the slowest line. */
  uploadTime(): number
  /** Asks the server for a sign of life on all carriers, because the page did not run for a while. */
  ping(): void
  /** All carriers send this token in the place of their own. */
  renewToken(token: string | undefined): void
  /**
   * When a carrier becomes suspect, and of what. `signOfLifeDue`: when a sign of life of this carrier is due; `provenAt`:
   * the carrier is not blamed for anything that was overdue before; `maxPacketDown`: bytes of the packets that it asked for.
   */
  healthDeadline(signOfLifeDue: number, provenAt: number, maxPacketDown?: number): Deadline
  /** A packet of so many bytes arrived, on whatever carrier. Answers false if it breaks the protocol. */
  receive(down: Down, bytes: number): boolean
  /** Delivers messages that waited for a listener. */
  deliver(): void
  openLink(options: LinkOptions): Link
  /** The session for a page that resumes; `undefined` before the server knows it. For sessions that have a page. */
  save(): SavedSession | undefined
}

/** The application's words for a new session (PROTOCOL.md 4.2). */
export interface Introduction {
  readonly protocols?: Attach['protocols'] | undefined
  readonly meta?: unknown
}

/** `saved`: a session to go on with, or the page of a new one that can be resumed. */
export function createSession(
  clock: Clock,
  on: SessionEvents,
  saved: Partial<SavedSession> = {},
  introduction: Introduction = {},
): Session {
  const { key = randomKey(), page, position = [0, ''], accepted = 0, log = [] } = saved
  let { epoch } = saved
  let id: string | null = null
  let protocol: string | null = null
  let serverLimits = DEFAULT_LIMITS
  let retryBounds: RetryBounds = [0, 0]
  let isAckRequested = false
  let isPingRequested = false
  let lastSentAt = clock.now()
  /** Bytes of messages down that the server has and that are still to come, as it has said last. */
  let outstanding = 0
  let renewedToken: string | undefined
  const volatile: Message[] = []
  const fence = createFence()
  const roundTrip = createRoundTripTimer(clock)
  const outbox = createOutbox(clock, { accepted, log })

  const requestAck = (): void => {
    isAckRequested = true
    on.onPending()
  }
  const inbox = createInbox(
    clock,
    { onEntry: on.onMessage, hasListeners: on.hasListeners, onAckDue: requestAck },
    position,
  )

  /** Milliseconds that so many bytes, or a batch, take on the slowest line. */
  const batchTime = (bytes: number): number => Math.min(bytes, serverLimits.maxBatch) / SLOWEST_LINE

  const maxBatch = (): number => serverLimits.maxBatch
  const linkSession = {
    ...{ clock, outbox, volatile, fence, roundTrip, maxBatch },
    sizeUp: createPacketSize(FIRST_PACKET, maxBatch),
    sizeDown: createPacketSize(MAX_BATCH, maxBatch),
    heartbeat: () => serverLimits.heartbeat,
    isBound: () => serverLimits.bound === 1,
    // The introduction counts when the session is created.
    identity: () => ({ key, page, ...(epoch ? { epoch } : introduction) }),
    renewedToken: () => renewedToken,
    onPending: on.onPending,
    isReplyDue: () => isAckRequested || isPingRequested || inbox.isAckDue(serverLimits.window),
    takeAck() {
      isAckRequested = false
      lastSentAt = clock.now()
      return toJSON(inbox.acknowledge())
    },
    onTooLarge(length: number, refusedBytes: number) {
      const { first, messages } = outbox.withdraw(length)
      if (messages.length) on.onTooLarge(messages, first, refusedBytes)
    },
    takePing() {
      const isRequested = isPingRequested
      isPingRequested = false
      return isRequested ? 1 : undefined
    },
  }

  return {
    get id() {
      return id
    },
    get protocol() {
      return protocol
    },
    get serverLimits() {
      return serverLimits
    },
    get retryBounds() {
      return retryBounds
    },
    get lastSentAt() {
      return lastSentAt
    },
    get rtt() {
      return roundTrip.rtt
    },
    isForeign: ({ hello, end }) =>
      (!!epoch && !!hello && hello.epoch !== epoch) ||
      (!!end && end[0] === 'gone' && end[1] === 'unknown'),
    outbox,
    volatile,
    uploadTime: () => batchTime(outbox.bufferedBytes),
    ping() {
      roundTrip.interrupt()
      isPingRequested = true
      on.onPending()
    },
    renewToken(token) {
      renewedToken = token
      on.onPending()
    },
    healthDeadline: (signOfLifeDue, provenAt, maxPacketDown = Infinity) =>
      healthDeadline({
        signOfLifeDue,
        missingSince: Math.max(inbox.missingSince, provenAt),
        receiptOwedSince: Math.max(outbox.receiptOwedSince, provenAt),
        uploadTime: batchTime(outbox.bufferedBytes),
        // The next packet is soon there if packets are small. Twice its time, because a line may be shared.
        downloadTime: batchTime(Math.min(outstanding, 2 * maxPacketDown)),
        answerTime: roundTrip.answerTime,
      }),
    receive({ hello, ack, batch, tag = '', volatile: passing, token, retryAfter }, bytes) {
      if (hello) {
        if (epoch && hello.epoch !== epoch) {
          on.onSessionLost('unknown')
          return true
        }
        serverLimits = hello
        ;({ id, epoch } = hello)
        protocol = hello.protocol || null
        retryBounds = hello.retryAfter || [0, 0]
      }
      if (retryAfter) retryBounds = retryAfter
      if (ack) {
        const [receivedUpTo, acceptedUpTo, , partial = 0] = ack
        if (acceptedUpTo > receivedUpTo || receivedUpTo > outbox.lastSequence) return false
        outbox.acknowledge(receivedUpTo, acceptedUpTo, partial)
        roundTrip.received(receivedUpTo)
        outstanding = ack[4] || 0
      }
      const problem = batch && inbox.receive(batch, tag, bytes)
      if (problem === 'malformed') return false
      if (problem === 'lost') {
        on.onSessionLost('lost')
        return true
      }
      inbox.noteHead(ack ? ack[2] : 0)
      if (passing && on.hasListeners()) passing.forEach((entry) => on.onMessage(entry))
      if (token) on.onTokenAsked()
      // A heartbeat is answered if nothing was sent for long; any packet is an answer.
      const isSilent = clock.now() - lastSentAt > serverLimits.heartbeat / 2
      if (isSilent || inbox.isAckDue(serverLimits.window)) requestAck()
      return true
    },
    deliver: inbox.deliver,
    openLink(options) {
      return createLink(linkSession, options)
    },
    save() {
      if (!epoch) return undefined
      const { acceptedUpTo, messages, lastSequence } = outbox
      // The goodbye may send the whole log, or the page that resumes.
      outbox.handOut(lastSequence)
      const { position: delivered } = inbox
      return { key, epoch, page: page!, position: delivered, accepted: acceptedUpTo, log: messages }
    },
  }
}
