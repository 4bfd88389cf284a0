/** When the next attempt starts: the transports of a race one after the other, and then the next race. */
import type { Clock } from '../platform/clock.ts'
import type { Transport } from '../transports/transport.ts'
import type { Candidates } from './candidates.ts'
import type { Contest } from './contest.ts'

/** Milliseconds by which the next transport of a race starts after the one before, at least; and round trips. */
const HEAD_START = 250
const HEAD_START_ROUND_TRIPS = 3

export interface Races {
  /** Begins a race between all transports that would take over from what carries. */
  begin(): void
  /** Starts the next transport or race if its time has come. Answers false if nothing is due. */
  startNext(now: number): boolean
  /** When the next transport or race starts; `Infinity`: not scheduled. */
  readonly nextAt: number
  /** Whether this race is over, and the next one is not scheduled. */
  isNextOpen(): boolean
  /** The next race begins at this time of the clock. */
  schedule(at: number): void
  /** The next transport of this race starts at once. */
  continueNow(): void
  /** Everything that is scheduled starts at once. */
  hurry(): void
  /** Transports that would not take over any more are not started. */
  skipBeaten(): void
  /** Nothing is started or scheduled any more. */
  cancel(): void
}

export function createRaces(clock: Clock, candidates: Candidates, contest: Contest): Races {
  /** Transports of this race that have not started, best first. */
  let queue: readonly Transport[] = []
  /** When the first of them starts. Counts only while there is one. */
  let nextStartAt = 0
  /** When the next race begins; `Infinity`: not scheduled. */
  let nextRaceAt = Infinity

  const isRacing = (transport: Transport): boolean =>
    contest.racers.some((racer) => racer.transport === transport)

  const begin = (): void => {
    nextRaceAt = Infinity
    nextStartAt = clock.now()
    contest.forgetFailures()
    queue = candidates
      .inOrder()
      .filter((transport) => contest.wouldTakeOver(transport) && !isRacing(transport))
    // A transport that needs one round trip makes the session usable while the others are tried.
    const opener = queue.filter(({ instant }) => instant).pop()
    queue = queue.filter((transport) => transport !== opener)
    if (opener) contest.start(opener)
  }

  return {
    begin,
    startNext(now) {
      const [next, ...rest] = queue
      if (next && nextStartAt <= now) {
        queue = rest
        nextStartAt = now + Math.max(HEAD_START, HEAD_START_ROUND_TRIPS * contest.estimatedRtt())
        contest.start(next)
        return true
      }
      if (nextRaceAt > now) return false
      begin()
      return true
    },
    get nextAt() {
      return queue.length ? Math.min(nextStartAt, nextRaceAt) : nextRaceAt
    },
    isNextOpen() {
      if (queue.length || nextRaceAt < Infinity) return false
      const { current, racers } = contest
      // Where nothing carries, not even an attempt that hangs keeps the next race from beginning.
      return current ? !racers.length : racers.length < candidates.transports.length
    },
    schedule(at) {
      nextRaceAt = at
    },
    continueNow() {
      nextStartAt = clock.now()
    },
    hurry() {
      nextStartAt = clock.now()
      if (nextRaceAt < Infinity) nextRaceAt = clock.now()
    },
    skipBeaten() {
      queue = queue.filter(contest.wouldTakeOver)
    },
    cancel() {
      queue = []
      nextRaceAt = Infinity
    },
  }
}
