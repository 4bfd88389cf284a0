/** How long the way to the server and back takes (RFC 6298). */
import type { Clock } from '../platform/clock.ts'

/** Weight of one sample in the smoothed time, and in the variation (RFC 6298, 2.3). */
const SAMPLE_WEIGHT = 1 / 8
const VARIATION_WEIGHT = 1 / 4
/** Variations, and round trips, that an answer may take: the larger of the two. */
const VARIATIONS = 4
const ROUND_TRIPS = 4
/** Milliseconds of the longest sample that is believed (RFC 6298, 2.5). */
const LONGEST = 60_000
/** An outlier is this many times as long as an answer may take, and has this many milliseconds at least. */
const OUTLIER = 4
const SHORTEST_OUTLIER = 3_000

/**
 * Measures by one message up at a time, from its sending to its receipt. A message that went up again gives no sample,
 * because nobody knows which of the two the receipt is for (Karn's algorithm: RFC 6298, 3). An outlier gives none unless the
 * sample before was one, too: a dialog or a sleep may have held the page, and not the network the receipt.
 */
export interface RoundTripTimer {
  /** Smoothed, in milliseconds; `null` before the first sample. */
  readonly rtt: number | null
  /** Milliseconds that an answer may take, by what was measured; 0 before the first sample. */
  readonly answerTime: number
  /** A carrier was given the messages with these numbers. */
  sent(first: number, last: number): void
  /** The server has received messages up to a number. */
  received(upTo: number): void
  /** The page did not run for a while, or the network is another one: what is under way gives no sample. */
  interrupt(): void
}

export function createRoundTripTimer(clock: Clock): RoundTripTimer {
  let rtt: number | null = null
  let variation = 0
  let wasOutlier = false
  let timed: { readonly sequence: number; readonly sentAt: number } | undefined
  /** Number of the last message that was sent at all. */
  let lastSent = 0

  const answerTime = (): number =>
    rtt === null ? 0 : Math.max(ROUND_TRIPS * rtt, rtt + VARIATIONS * variation)
  const take = (sample: number): void => {
    const isOutlier = sample > Math.max(SHORTEST_OUTLIER, OUTLIER * answerTime())
    const isBelieved = !isOutlier || wasOutlier
    wasOutlier = isOutlier
    if (!isBelieved) return
    variation =
      rtt === null
        ? sample / 2
        : variation + (Math.abs(rtt - sample) - variation) * VARIATION_WEIGHT
    rtt = rtt === null ? sample : rtt + (sample - rtt) * SAMPLE_WEIGHT
  }
  return {
    get rtt() {
      return rtt
    },
    get answerTime() {
      return answerTime()
    },
    sent(first, last) {
      if (timed && first <= timed.sequence) timed = undefined
      if (last <= lastSent) return
      lastSent = last
      timed ||= { sequence: last, sentAt: clock.now() }
    },
    received(upTo) {
      if (!timed || upTo < timed.sequence) return
      take(Math.min(clock.now() - timed.sentAt, LONGEST))
      timed = undefined
    },
    interrupt() {
      timed = undefined
    },
  }
}
