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
  /** A carrier was given messages from a number to another, the last one perhaps in part. Default: from the first one on. */
  handOut(upTo: number, first?: number): void
  /** Messages from a number to another have certainly not arrived, as one of the carriers was given them, so no receipt is owed. */
  takeBack(first: number, upTo: number): void
  /**
   * Removes messages that the server cannot have, and that have at least so many characters or bytes. Those behind them get
   * their numbers. `first`: the number of the first one, where there is one.
   */
  withdraw(length: number): { readonly first: number; readonly messages: readonly Message[] }
  /** The server has received and accepted (handled) messages up to these numbers, and so much of the next one. */
  acknowledge(receivedUpTo: number, acceptedUpTo: number, partial: number): void
}

/** `saved`: how far a former page of the session knew its log up to be accepted, and the messages after that. */
export function createOutbox(
  clock: Clock,
  saved: { readonly accepted: number; readonly log: readonly Message[] },
): Outbox {
  const messages: Message[] = []
  /** How many carriers were given each message, without those on which it has certainly not arrived. */
  const copies: number[] = []
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
    copies.push(0)
    bufferedBytes += message.size
  }
  const handOut: Outbox['handOut'] = (upTo, first = acceptedUpTo + 1) => {
    for (let index = first - acceptedUpTo - 1; index < upTo - acceptedUpTo; index++) {
      copies[index]!++
    }
    lastHandedOut = Math.max(lastHandedOut, upTo)
  }
  saved.log.forEach(push)
  handOut(lastHandedOut)

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
    handOut(upTo, first) {
      handOut(upTo, first)
      // Messages that go up again may have been received before, and then no receipt is owed.
      if (upTo > receivedUpTo) receiptOwedSince = Math.min(receiptOwedSince, clock.now())
    },
    takeBack(first, upTo) {
      for (let sequence = Math.max(first, acceptedUpTo + 1); sequence <= upTo; sequence++) {
        copies[sequence - acceptedUpTo - 1]!--
      }
      const atServer = receivedPart ? receivedUpTo + 1 : receivedUpTo
      while (lastHandedOut > atServer && !copies[lastHandedOut - acceptedUpTo - 1]) lastHandedOut--
      receiptOwedSince = Infinity
    },
    withdraw(length) {
      const isLong = ({ body }: Message): boolean => body.length >= length
      const unsent = messages.splice(lastHandedOut - acceptedUpTo)
      copies.splice(lastHandedOut - acceptedUpTo)
      for (const { size } of unsent) bufferedBytes -= size
      unsent.filter((message) => !isLong(message)).forEach(push)
      const withdrawn = unsent.filter(isLong)
      return { first: lastHandedOut + 1 + unsent.indexOf(withdrawn[0]!), messages: withdrawn }
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
        copies.splice(0, accepted - acceptedUpTo)
        acceptedUpTo = accepted
      }
    },
  }
}
