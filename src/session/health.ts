/** When silence means something. Suspicion costs a second carrier beside the first and nothing else, so it may come early. */
import type { Clock } from '../platform/clock.ts'

/** The slowest line on which deadlines still hold, in bytes a millisecond. */
export const SLOWEST_LINE = 8

/** When a carrier becomes suspect if nothing changes, and of what. */
export interface Deadline {
  /** Time of the clock; `Infinity`: never. */
  readonly due: number
  /**
   * `deadline`: did not prove itself. `silent`: no sign of life. `stalled`: messages that the server has named do not
   * come down. `not-received`: no receipt for messages that went up.
   */
  readonly reason: 'deadline' | 'silent' | 'stalled' | 'not-received'
}

/** Milliseconds in which messages must follow once an acknowledgement has named them, at least. */
const STALLED = 1_000
/** Milliseconds in which the server must confirm the receipt of messages, at least. */
const NOT_RECEIVED = 2_000
/** Round trips that either may take. */
const ROUND_TRIPS = 4

/** Facts about a carrier and its session. Times are the clock's; spans are in milliseconds. */
export interface Health {
  /** When a sign of life of the carrier is due. */
  readonly signOfLifeDue: number
  /** Since when messages down are missing that the server has named; `Infinity`: none are. */
  readonly missingSince: number
  /** Since when the server owes a receipt; `Infinity`: the server owes none. */
  readonly receiptOwedSince: number
  /** Time that the next batch up, and the next one down, takes on the slowest line. */
  readonly uploadTime: number
  readonly downloadTime: number
  /** Round-trip time; 0: not known. */
  readonly rtt: number
}

/** When a proven carrier becomes suspect, and of what. */
export function healthDeadline(health: Health): Deadline {
  const patience = ROUND_TRIPS * health.rtt
  // Behind HAProxy an answer overtakes the event of a stream by 200 ms in normal operation. A large message on a slow line
  // is no silence, so deadlines grow with the bytes.
  const stalled = health.missingSince + Math.max(STALLED, patience) + health.downloadTime
  const notReceived = health.receiptOwedSince + Math.max(NOT_RECEIVED, patience) + health.uploadTime
  const due = Math.min(health.signOfLifeDue, stalled, notReceived)
  if (due === health.signOfLifeDue) return { due, reason: 'silent' }
  return { due, reason: due === notReceived ? 'not-received' : 'stalled' }
}

/** Weight of one sample in the smoothed round-trip time (RFC 6298, 2.3). */
const SAMPLE_WEIGHT = 1 / 8

/**
 * Measures the round-trip time by one message up at a time, from its sending to its receipt. A message that went up again
 * gives no sample, because nobody knows which of the two the receipt is for (Karn's algorithm: RFC 6298, 3).
 */
export interface RoundTripTimer {
  /** Smoothed, in milliseconds; `null` before the first sample. */
  readonly rtt: number | null
  /** A carrier was given the messages with these numbers. */
  sent(first: number, last: number): void
  /** The server has received messages up to a number. */
  received(upTo: number): void
}

export function createRoundTripTimer(clock: Clock): RoundTripTimer {
  let rtt: number | null = null
  let timed: { readonly sequence: number; readonly sentAt: number } | undefined
  /** Number of the last message that was sent at all. */
  let lastSent = 0
  return {
    get rtt() {
      return rtt
    },
    sent(first, last) {
      if (timed && first <= timed.sequence) timed = undefined
      if (last <= lastSent) return
      lastSent = last
      timed ||= { sequence: last, sentAt: clock.now() }
    },
    received(upTo) {
      if (!timed || upTo < timed.sequence) return
      const sample = clock.now() - timed.sentAt
      rtt = rtt ? rtt + (sample - rtt) * SAMPLE_WEIGHT : sample
      timed = undefined
    },
  }
}
