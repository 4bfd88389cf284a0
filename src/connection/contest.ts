/** The attempts that are open: one carries, and the others race beside it until one of them proves itself. */
import type { Clock } from '../platform/clock.ts'
import type { BodyLimit } from '../session/body-limit.ts'
import type { Deadline } from '../session/health.ts'
import type { Transport } from '../transports/transport.ts'
import { SHORT_UPTIME, createAttempts, type Attempt, type Attempts } from './attempt.ts'
import type { Backoff } from './backoff.ts'
import type { Candidates } from './candidates.ts'
import type { IdleLimit } from './idle-limit.ts'
import type { StrategyEvents } from './strategy.ts'
import type { StreamPadding } from './stream-padding.ts'

type Suspicion = Deadline['reason']

/** Listeners may close everything: they are called last. */
export interface ContestEvents {
  /** Another attempt carries. */
  onTakeOver(reason: string): void
  /** An attempt has ended; `hasCarried`: the one that carried until now. */
  onFailure(reason: string, hasCarried: boolean): void
  /** Deadlines may have changed. */
  onActivity(): void
}

export interface Contest extends Pick<Attempts, 'records' | 'estimatedRtt'> {
  /** The attempt that carries. */
  readonly current: Attempt | undefined
  /** Why it is suspect. Invariant: `undefined` if nothing carries. */
  readonly suspicion: Suspicion | undefined
  readonly racers: readonly Attempt[]
  /** All of them, what carries first. */
  open(): readonly Attempt[]
  start(transport: Transport): Attempt
  /** Whether an attempt of this transport would take over from what carries. */
  wouldTakeOver(transport: Transport): boolean
  /** The current attempt is suspect: it goes on, and any other may take over. */
  suspect(reason: Suspicion): void
  /** Ends an attempt that has failed. */
  fail(attempt: Attempt, reason: string): void
  /** The next attempt that becomes suspect, or whose time to prove itself ends. Without one, `due` is `Infinity`. */
  nextDeadline(): Deadline & { readonly attempt?: Attempt }
  /** A new race: failures of the last one, in which nothing got through, do not count any more. */
  forgetFailures(): void
  close(attempt: Attempt, reason: string): void
  closeRacers(reason: string): void
  /**
   * Closes everything. What carries says goodbye, or the first that may come to. Answers true if what carries did, and is not
   * suspect.
   */
  closeAll(reason: string, bye?: string): boolean
}

/** `rememberedRtt`: milliseconds of a round trip that hold until one is measured; 0: not known. */
export function createContest(
  clock: Clock,
  strategy: StrategyEvents,
  candidates: Candidates,
  delays: readonly Backoff[],
  on: ContestEvents,
  idleLimit: IdleLimit,
  padding: StreamPadding,
  bodyLimit: BodyLimit,
  rememberedRtt: number,
): Contest {
  let current: Attempt | undefined
  let suspicion: Suspicion | undefined
  let racers: readonly Attempt[] = []
  /** Failures that count once another transport gets through: until then the whole network may be down. */
  let uncountedFailures: Attempt[] = []

  const wouldTakeOver = (transport: Transport): boolean =>
    !current || !!suspicion || candidates.isBetter(transport, current.transport)
  const countFailure = ({ transport, uptime }: Attempt): void =>
    candidates.recordFailure(transport, uptime())
  const remove = (attempt: Attempt): void => {
    racers = racers.filter((racer) => racer !== attempt)
  }
  const close = (attempt: Attempt, reason: string, bye?: string): boolean => {
    if (attempt === current) {
      current = suspicion = undefined
      if (attempt.uptime() > SHORT_UPTIME) delays.forEach((backoff) => backoff.reset())
    }
    remove(attempt)
    return attempt.close(reason, bye)
  }
  const closeBeaten = (): void =>
    racers.forEach((racer) => wouldTakeOver(racer.transport) || close(racer, 'beaten'))

  const onProven = (attempt: Attempt): void => {
    const reason = current ? suspicion || 'preferred' : 'opened'
    uncountedFailures.forEach(countFailure)
    uncountedFailures = []
    if (current) {
      if (suspicion) countFailure(current)
      close(current, reason)
    }
    remove(attempt)
    current = attempt
    closeBeaten()
    on.onTakeOver(reason)
  }
  /** Whether a box on the way has cut what was idle, which a shorter heartbeat prevents from now on. */
  const isIdleCut = (attempt: Attempt, reason: string): boolean =>
    !attempt.transport.instant &&
    /^(closed-\d+|stream-ended)$/.test(reason) &&
    idleLimit.noteCut(attempt.silence(), strategy.session().serverLimits.heartbeat)
  /** Whether a box on the way holds back the beginning of streams, which padding may push through. */
  const isHeldBack = (attempt: Attempt, reason: string): boolean =>
    reason === 'deadline' && attempt.awaitsStream() && padding.noteHeldBack()
  const start = (transport: Transport): Attempt => {
    const attempt = create(transport, delays[0]!.lastDelay)
    racers = racers.concat(attempt)
    attempt.open()
    return attempt
  }
  const fail = (attempt: Attempt, reason: string): void => {
    const hasCarried = attempt === current
    const { transport } = attempt
    const isRetried = isHeldBack(attempt, reason)
    // Other tabs that hold all connection slots, and servers without a common store, are no fault of the transport.
    const isBlameless =
      isRetried ||
      reason === 'no-slot' ||
      reason === 'unknown' ||
      (hasCarried && isIdleCut(attempt, reason))
    if (!isBlameless) {
      if (hasCarried || (current && !suspicion)) countFailure(attempt)
      else uncountedFailures.push(attempt)
    }
    close(attempt, reason)
    if (isRetried && wouldTakeOver(transport)) start(transport)
    on.onFailure(reason, hasCarried)
  }
  const onActivity = (attempt: Attempt): void => {
    if (suspicion && attempt === current && attempt.deadline().due > clock.now()) {
      suspicion = undefined
      closeBeaten()
    }
    on.onActivity()
  }
  const open = (): readonly Attempt[] => (current ? [current, ...racers] : racers)
  const { records, estimatedRtt, create } = createAttempts(
    clock,
    strategy,
    {
      ...{ onProven, onFailed: fail, onActivity },
      isBeside: (attempt) => !!current && current !== attempt,
    },
    rememberedRtt,
    () => ({ heartbeat: idleLimit.heartbeat, pad: padding.bytes, bodyLimit }),
  )

  return {
    records,
    estimatedRtt,
    get current() {
      return current
    },
    get suspicion() {
      return suspicion
    },
    get racers() {
      return racers
    },
    open,
    start,
    wouldTakeOver,
    suspect(reason) {
      suspicion = reason
    },
    fail,
    nextDeadline() {
      let next: Deadline & { readonly attempt?: Attempt } = { due: Infinity, reason: 'silent' }
      open().forEach((attempt) => {
        // A suspect has had its deadline. It has lost when another attempt proves itself, or all others have failed.
        if (attempt === current && suspicion) return
        const { due, reason } = attempt.deadline()
        if (due < next.due) next = { due, reason, attempt }
      })
      return next
    },
    forgetFailures() {
      uncountedFailures = []
    },
    close,
    closeRacers: (reason) => racers.forEach((racer) => close(racer, reason)),
    closeAll(reason, bye) {
      const isSound = !!current && !suspicion
      const saidGoodbye = open().map((attempt, index) => close(attempt, reason, index ? '' : bye))
      return isSound && saidGoodbye[0] === true
    },
  }
}
