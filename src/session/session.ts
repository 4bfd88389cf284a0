/**
 * The client's half of a session: two numbered logs and the fence of its carriers. Each carrier gets a link, which is a
 * cursor in the log up and nothing else, so any number of carriers may work on one session at the same time.
 */
import type { Clock } from '../platform/clock.ts'
import { randomKey, toJSON } from '../platform/engine.ts'
import {
  MAX_MESSAGE,
  type Down,
  type Entry,
  type Hello,
  type Message,
  type RetryBounds,
} from '../protocol.ts'
import type { Link } from '../transports/transport.ts'
import { createFence } from './fence.ts'
import { createRoundTripTimer, healthDeadline, type Deadline } from './health.ts'
import { createInbox } from './inbox.ts'
import { createLink, type LinkOptions } from './link.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import type { SavedSession } from './saved.ts'

/** Limits that the server announces in its hello. */
export type ServerLimits = Pick<Hello, 'heartbeat' | 'maxMessage' | 'window'>

/** Limits that hold before the server has announced its own. */
const DEFAULT_LIMITS: ServerLimits = {
  heartbeat: 25_000,
  maxMessage: MAX_MESSAGE,
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
}

export interface Session {
  /** Public id; `null` before the server has said it. */
  readonly id: string | null
  readonly serverLimits: ServerLimits
  /** When to come back after the server is lost, as the server has said last. */
  readonly retryBounds: RetryBounds
  /** Smoothed round-trip time in milliseconds; `null` before it was measured. */
  readonly rtt: number | null
  readonly outbox: Outbox
  /** Messages that are sent once, without a number, if a carrier is there. */
  readonly volatile: Message[]
  /** Asks the server for a sign of life on all carriers. */
  ping(): void
  /**
   * When a carrier becomes suspect, and of what. `signOfLifeDue`: when a sign of life of this carrier is due; `provenAt`:
   * the carrier is not blamed for anything that was overdue before.
   */
  healthDeadline(signOfLifeDue: number, provenAt: number): Deadline
  /** A packet of so many bytes arrived, on whatever carrier. */
  receive(down: Down, bytes: number): void
  /** Delivers messages that waited for a listener. */
  deliver(): void
  openLink(options: LinkOptions): Link
  /** The session for a page that resumes; `undefined` before the server knows it. For sessions that have a page. */
  save(): SavedSession | undefined
}

/** `saved`: a session to go on with, or the page of a new one that can be resumed. */
export function createSession(
  clock: Clock,
  on: SessionEvents,
  saved: Partial<SavedSession> = {},
): Session {
  const { key = randomKey(), page, position = [0, ''], accepted = 0, log = [] } = saved
  let { epoch } = saved
  let id: string | null = null
  let serverLimits = DEFAULT_LIMITS
  let retryBounds: RetryBounds = [0, 0]
  let isAckRequested = false
  let isPingRequested = false
  let lastSentAt = clock.now()
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

  const linkSession = {
    ...{ clock, outbox, volatile, fence, roundTrip },
    heartbeat: () => serverLimits.heartbeat,
    identity: () => ({ key, epoch, page }),
    isReplyDue: () => isAckRequested || isPingRequested || inbox.isAckDue(serverLimits.window),
    takeAck() {
      isAckRequested = false
      lastSentAt = clock.now()
      return toJSON(inbox.acknowledge())
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
    get serverLimits() {
      return serverLimits
    },
    get retryBounds() {
      return retryBounds
    },
    get rtt() {
      return roundTrip.rtt
    },
    outbox,
    volatile,
    ping() {
      isPingRequested = true
      on.onPending()
    },
    healthDeadline: (signOfLifeDue, provenAt) =>
      healthDeadline({
        signOfLifeDue,
        missingSince: Math.max(inbox.missingSince, provenAt) + inbox.redownloadAllowance,
        receiptOwedSince: Math.max(outbox.receiptOwedSince, provenAt),
        uploadTime: outbox.uploadTime(),
        rtt: roundTrip.rtt || 0,
      }),
    receive({ hello, ack, batch, tag = '', volatile: passing, retryAfter }, bytes) {
      if (hello) {
        id = hello.id
        serverLimits = hello
        retryBounds = hello.retryAfter || [0, 0]
      }
      if (retryAfter) retryBounds = retryAfter
      if (ack) {
        const [serverEpoch, receivedUpTo, acceptedUpTo] = ack
        if (epoch && serverEpoch !== epoch) return on.onSessionLost('unknown')
        epoch = serverEpoch
        outbox.acknowledge(receivedUpTo, acceptedUpTo)
        roundTrip.received(receivedUpTo)
      }
      if (batch && !inbox.receive(batch, tag, bytes)) return on.onSessionLost('lost')
      inbox.noteHead(ack ? ack[3] : 0)
      if (passing && on.hasListeners()) passing.forEach((entry) => on.onMessage(entry))
      // A heartbeat is answered if nothing was sent for long; any packet is an answer.
      const isSilent = clock.now() - lastSentAt > serverLimits.heartbeat / 2
      if (isSilent || inbox.isAckDue(serverLimits.window)) requestAck()
    },
    deliver: inbox.deliver,
    openLink(options) {
      inbox.onNewCarrier()
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
