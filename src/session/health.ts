/** When silence means something. Suspicion costs a second carrier beside the first and nothing else, so it may come early. */

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
  /** Time that an answer may take, by the round trips that were measured. */
  readonly answerTime: number
}

/** When a proven carrier becomes suspect, and of what. */
export function healthDeadline(health: Health): Deadline {
  // Behind HAProxy an answer overtakes the event of a stream by 200 ms in normal operation. A large message on a slow line
  // is no silence, so deadlines grow with the bytes.
  const stalled = health.missingSince + Math.max(STALLED, health.answerTime) + health.downloadTime
  const notReceived =
    health.receiptOwedSince + Math.max(NOT_RECEIVED, health.answerTime) + health.uploadTime
  const due = Math.min(health.signOfLifeDue, stalled, notReceived)
  if (due === health.signOfLifeDue) return { due, reason: 'silent' }
  return { due, reason: due === notReceived ? 'not-received' : 'stalled' }
}
