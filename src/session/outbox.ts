/** The log up: messages wait here, numbered 1, 2, 3 …, until the server has accepted them. */
import type { Clock } from '../platform/clock.ts'
import type { Message } from '../protocol.ts'

export interface Outbox {
  /** Messages that are not accepted. Invariant: `messages[0]` has the number `acceptedUpTo + 1`. */
  readonly messages: readonly Message[]
  readonly acceptedUpTo: number
  /** Number of the last message. */
  readonly lastSequence: number
  /** Bytes, before encoding, of the messages that are not accepted. */
  readonly bufferedBytes: number
  /** How many messages at the end were never given to a carrier, so that the server cannot have them. */
  readonly unsentCount: number
  /** Since when the server owes a receipt; `Infinity`: the server owes none. */
  readonly receiptOwedSince: number
  push(message: Message): void
  /** A carrier was given messages, the last one perhaps in part, up to this number. */
  handOut(upTo: number): void
  /** The server has received and accepted (handled) messages up to these numbers, and so much of the next one. */
  acknowledge(receivedUpTo: number, acceptedUpTo: number, partial: number): void
}

/** `saved`: how far a former page of the session knew its log up to be accepted, and the messages after that. */
export function createOutbox(
  clock: Clock,
  saved: { readonly accepted: number; readonly log: readonly Message[] },
): Outbox {
  const messages: Message[] = []
  let acceptedUpTo = saved.accepted
  let receivedUpTo = saved.accepted
  /** How much of the message after the last received one the server has. */
  let receivedPart = 0
  let bufferedBytes = 0
  // Invariant: messages up to this number were given to a carrier, so they may have been processed. A saved log may
  // have gone out with the goodbye of its page.
  let lastHandedOut = saved.accepted + saved.log.length
  let receiptOwedSince = Infinity

  const push = (message: Message): void => {
    messages.push(message)
    bufferedBytes += message.size
  }
  saved.log.forEach(push)

  return {
    messages,
    get acceptedUpTo() {
      return acceptedUpTo
    },
    get lastSequence() {
      return acceptedUpTo + messages.length
    },
    get bufferedBytes() {
      return bufferedBytes
    },
    get unsentCount() {
      return acceptedUpTo + messages.length - lastHandedOut
    },
    get receiptOwedSince() {
      return receiptOwedSince
    },
    push,
    handOut(upTo) {
      lastHandedOut = Math.max(lastHandedOut, upTo)
      // Messages that go up again may have been received before, and then no receipt is owed.
      if (upTo > receivedUpTo) receiptOwedSince = Math.min(receiptOwedSince, clock.now())
    },
    acknowledge(received, accepted, partial) {
      const isNews =
        received > receivedUpTo || (received === receivedUpTo && partial > receivedPart)
      if (isNews) {
        receivedUpTo = received
        receivedPart = partial
        receiptOwedSince = received < lastHandedOut ? clock.now() : Infinity
      }
      if (accepted > acceptedUpTo) {
        for (const { size } of messages.splice(0, accepted - acceptedUpTo)) bufferedBytes -= size
        acceptedUpTo = accepted
      }
    },
  }
}
