/** The bodies of one carrier's requests, which a box on the way may limit: the room in them, and the end of those that it refuses. */
import { MAX_ENTRIES, byteLength } from '../protocol.ts'
import type { AttachPacket } from '../transports/transport.ts'
import type { BodyLimit, SentBody } from './body-limit.ts'
import type { LinkSession } from './link-session.ts'

/** Bytes of a packet around its messages: names, numbers and brackets. */
export const PACKET_FRAME = 100
/** Milliseconds that a message waits for another way, where no body passes that has one. */
const OTHER_WAY = 10_000

export interface RequestBodies {
  /** A request begins, with a first packet of so many bytes. */
  begin(head: number): void
  /** Bytes that messages may have in it; 0: not even the smallest part passes, and what comes down goes on. */
  room(): number
  /** How many numbered messages may be in it. */
  most(): number
  /** Numbered messages are in it, from the first number to the last, which may be there in part. */
  put(first: number, last: number): void
  /** A body goes out. */
  send(packet: AttachPacket): void
  /** A body has passed, or was answered by no server: see `Link.bodyAnswered`. */
  answered(packet: AttachPacket, status?: number): boolean
}

export function createRequestBodies(session: LinkSession, limit: BodyLimit): RequestBodies {
  const { clock, outbox, roundTrip, maxBatch, onPending, onTooLarge } = session
  /** Bytes of the first packet; `undefined`: the carrier makes no requests. */
  let headBytes: number | undefined
  /** Numbers of the first message in the last body, and of the one after its last. */
  let first = 1
  let end = 1
  /** Bodies on their way that have messages, by their numbers. */
  const sent: { [t: number]: SentBody & { readonly first: number; readonly room: number } } = {}

  /** Messages that are as long as what was refused go back to the application. */
  const giveUp = (bytes: number, length: number): void => {
    // The network is another one, or another carrier has tried again.
    if (limit.bytes) return
    const { isConfirmed } = limit
    limit.tryAgain()
    if (isConfirmed) onTooLarge(length, bytes)
    onPending()
  }

  return {
    begin(head) {
      headBytes = head
      first = end
    },
    room: () =>
      headBytes === undefined
        ? maxBatch()
        : Math.max(0, Math.min(maxBatch(), limit.bytes - PACKET_FRAME - headBytes)),
    most: () => (headBytes !== undefined && limit.isSingle ? 1 : MAX_ENTRIES),
    put(from, to) {
      first = from
      end = to + 1
    },
    send({ t, text }) {
      // Messages have a line of their own.
      if (text.indexOf('\n') < 0) return
      const bytes = byteLength(text)
      const [from, to] = [first, end - 1]
      sent[t] = {
        ...{ first, bytes, messages: end - first, room: bytes - headBytes! - PACKET_FRAME },
        takeBack: () => outbox.takeBack(from, to),
      }
      limit.send(sent[t])
    },
    answered({ t, text }, status) {
      const body = sent[t]
      delete sent[t]
      if (status === undefined) {
        limit.pass(byteLength(text), body)
        return false
      }
      if (!body) {
        limit.refuseBare()
        return false
      }
      if (!limit.refuse(body, status)) return false
      roundTrip.interrupt()
      if (!limit.bytes) {
        const message = outbox.messages[body.first - outbox.acceptedUpTo - 1]
        const length = Math.min(message?.body.length ?? Infinity, body.room)
        clock.after(OTHER_WAY, () => giveUp(body.bytes, length))
      }
      return true
    },
  }
}
