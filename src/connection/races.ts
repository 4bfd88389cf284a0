/** When the next attempt starts: the transports of a race one after the other, and then the next race. */
import type { Clock } from '../platform/clock.ts'
import type { Transport } from '../transports/transport.ts'
import type { Attempt } from './attempt.ts'
import type { Backoff } from './backoff.ts'
import type { Candidates } from './candidates.ts'
import type { Contest } from './contest.ts'
import type { StrategyEvents } from './strategy.ts'

/** Milliseconds by which the next transport of a race starts after the one before, at least; and round trips. */
const HEAD_START = 250
const HEAD_START_ROUND_TRIPS = 3
/**
 * Races of one request each, at least, between two races of all transports while nothing gets through; and how many more
 * chance may add, so that clients which fell together do not do it together.
 */
const CHEAP_RACES = 2
const MORE_CHEAP_RACES = 3
/** Milliseconds until a request without an answer gets another one beside it, and the part of chance; and round trips. */
const SILENCE = 900
const SILENCE_JITTER = 300
const SILENCE_ROUND_TRIPS = 2

export interface Races {
  /** Begins a race between all transports that would take over from what carries. */
  begin(): void
  /** Starts the next transport or race if its time has come. Answers false if nothing is due. */
  startNext(now: number): boolean
  /** When the next transport or race starts; `Infinity`: not scheduled. */
  readonly nextAt: number
  /** Whether this race is over, and the next one is not scheduled. */
  isNextOpen(): boolean
  /** Schedules the next race. */
  scheduleNext(now: number): void
  /** Another attempt carries. */
  onTakeOver(): void
  /** An attempt has ended: the next transport of this race starts at once. */
  onFailure(hasCarried: boolean): void
  /** Transports that would not take over any more are not started. */
  skipBeaten(): void
  /** Scheduled attempts start at once. */
  hurry(): void
  /**
   * Nothing is started any more. `nextRaceAt`: when the next race begins. `oneByOne`: until something carries, each transport
   * begins when the one before has failed.
   */
  cancel(nextRaceAt?: number, oneByOne?: boolean): void
}

export function createRaces(
  clock: Clock,
  strategy: StrategyEvents,
  candidates: Candidates,
  contest: Contest,
  backoff: Backoff,
): Races {
  /** Transports of this race that have not started, best first. */
  let queue: readonly Transport[] = []
  /** When the first of them starts. Counts only while there is one. */
  let nextStartAt = 0
  /** When the next race begins; `Infinity`: not scheduled. */
  let nextRaceAt = Infinity
  /** Races of one request each until the next one of all transports. */
  let cheapRacesLeft = 0
  /** The latest attempt of a transport that needs one round trip. */
  let opener: Attempt | undefined
  /** Whether this race is one request, and not between all transports. */
  let isRetry = false
  /** Whether nothing opens beside a racer, because each may meet another server. Holds until something carries. */
  let isOneByOne = false

  const isRacing = (transport: Transport): boolean =>
    contest.racers.some((racer) => racer.transport === transport)

  const begin = (): void => {
    isRetry = false
    cheapRacesLeft = CHEAP_RACES + Math.floor(clock.random() * (MORE_CHEAP_RACES + 1))
    nextRaceAt = Infinity
    nextStartAt = clock.now()
    contest.forgetFailures()
    queue = candidates
      .inOrder()
      .filter((transport) => contest.wouldTakeOver(transport) && !isRacing(transport))
    // A transport that needs one round trip makes the session usable while the others are tried.
    const instant = isOneByOne ? undefined : queue.filter((transport) => transport.instant).pop()
    queue = queue.filter((transport) => transport !== instant)
    if (instant) opener = contest.start(instant)
  }

  /** The transport for a race of one cheap request, if there is one. */
  const cheapest = (): Transport | undefined =>
    candidates.transports
      .filter((transport) => transport.instant && !candidates.coolsDown(transport))
      .pop()

  const retry = (instant: Transport): void => {
    isRetry = true
    cheapRacesLeft--
    nextRaceAt = Infinity
    // The oldest request keeps its time, because a slow line needs it. The others make room for the newest.
    const [, ...newer] = contest.racers.filter(({ transport }) => transport === instant)
    newer.forEach((racer) => contest.close(racer, 'replaced'))
    opener = contest.start(instant)
  }

  /** Milliseconds until the next race, where nothing carries. */
  const nextDelay = (): number => {
    const isSilent = contest.racers.some((racer) => racer === opener)
    if (!isSilent || !strategy.isVisible()) return backoff.next(strategy.session().retryBounds)
    const roundTrips = SILENCE_ROUND_TRIPS * contest.estimatedRtt()
    const uploadTime = strategy.session().uploadTime()
    return Math.max(SILENCE, roundTrips, uploadTime) + SILENCE_JITTER * clock.random()
  }

  const headStart = (): number =>
    Math.max(HEAD_START, HEAD_START_ROUND_TRIPS * contest.estimatedRtt())

  return {
    begin,
    startNext(now) {
      const [next, ...rest] = queue
      // A slow token is no fault of the transport that waits for it, so its head start begins when the token is there.
      const isHeld = contest.racers.some((racer) => racer.awaitsToken() && racer !== opener)
      if (next && isHeld) nextStartAt = Math.max(nextStartAt, now + headStart())
      if (isOneByOne && contest.racers.length) return false
      if (next && nextStartAt <= now) {
        queue = rest
        nextStartAt = now + headStart()
        contest.start(next)
        return true
      }
      if (nextRaceAt > now) return false
      if (contest.current) {
        begin()
      } else if (contest.racers.some((racer) => racer.sinceProgress() < SILENCE)) {
        // An answer is on its way, and another request would only slow it down.
        nextRaceAt = now + SILENCE
      } else {
        const instant = isOneByOne ? undefined : cheapest()
        if (instant && cheapRacesLeft > 0) retry(instant)
        else begin()
      }
      return true
    },
    get nextAt() {
      // The end of the racer makes way for the next one.
      if (isOneByOne && contest.racers.length) return Infinity
      return queue.length ? Math.min(nextStartAt, nextRaceAt) : nextRaceAt
    },
    isNextOpen() {
      if (queue.length || nextRaceAt < Infinity) return false
      const { current, racers } = contest
      if (current || isOneByOne) return !racers.length
      // Where nothing carries, not even attempts that hang keep the next race from beginning.
      return racers.length < candidates.transports.length || !!cheapest()
    },
    scheduleNext(now) {
      const { current } = contest
      nextRaceAt = current ? candidates.nextClimbAt(current.transport) : now + nextDelay()
    },
    onTakeOver() {
      isOneByOne = false
      // After one request that got through, the better transports are tried at once.
      nextRaceAt = isRetry ? clock.now() : Infinity
      queue = queue.filter(contest.wouldTakeOver)
    },
    onFailure(hasCarried) {
      if (hasCarried) {
        // The next race was to climb above what carried. Now it begins after a random delay.
        cheapRacesLeft = 0
        nextRaceAt = Infinity
      }
      nextStartAt = clock.now()
    },
    skipBeaten() {
      queue = queue.filter(contest.wouldTakeOver)
    },
    hurry() {
      nextStartAt = clock.now()
      if (nextRaceAt < Infinity) nextRaceAt = clock.now()
    },
    cancel(at = Infinity, oneByOne = false) {
      isOneByOne = oneByOne
      cheapRacesLeft = 0
      queue = []
      nextRaceAt = at
    },
  }
}
