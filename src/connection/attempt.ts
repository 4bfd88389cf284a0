/** One use of a transport: its link, its carrier, its line in the trace, and when it becomes suspect. */
import type { Clock } from '../platform/clock.ts'
import { reasonOf, type Down, type TransportName } from '../protocol.ts'
import type { NetworkNeeds } from '../session/link.ts'
import type { Deadline } from '../session/health.ts'
import type { Carrier, Link, Transport } from '../transports/transport.ts'
import type { StrategyEvents } from './strategy.ts'

/** Milliseconds in which an attempt must prove itself, beside the time that its bytes and round trips take. */
const PROOF_TIME = 5_000
/** Round trips that the proof may take. */
const PROOF_ROUND_TRIPS = 8
/** Milliseconds in which the second part of hello must follow the first, at least; and round trips. */
const SECOND_PART = 1_000
const SECOND_PART_ROUND_TRIPS = 4
/** Milliseconds by which a heartbeat may be late, at least; and round trips. */
const HEARTBEAT_TOLERANCE = 1_500
const HEARTBEAT_ROUND_TRIPS = 2
/** Milliseconds, beside the round trip, for the answer to a ping, also if it came while the machine slept. */
const PING_ANSWER = 200
/** Attempts that the trace keeps. */
const MAX_RECORDS = 50

/** Milliseconds of uptime after which an attempt was a success, so that delays begin anew. */
export const SHORT_UPTIME = 5_000
/** Milliseconds between two looks at the clock, which may have jumped. */
export const CLOCK_CHECK = 5_000

/** The line of an attempt in the trace. */
export interface AttemptRecord {
  readonly transport: TransportName
  /** When the attempt began, in milliseconds since 1970. */
  readonly began: number
  /** Milliseconds from its beginning until it carried; absent: not yet, or never. */
  readonly opened?: number
  /** Milliseconds from its beginning to its end; absent: still open. */
  readonly ended?: number
  /** Why it ended; absent: still open. */
  readonly reason?: string
}

export interface Attempt {
  readonly transport: Transport
  open(): void
  /** Whether its token has not come yet. */
  awaitsToken(): boolean
  /** Whether an exchange got through and promised a stream, of which nothing has come. */
  awaitsStream(): boolean
  /** Milliseconds since the proof; 0: not proven. */
  uptime(): number
  /** Milliseconds since anything passed on the connection that carries, in either direction, or since the beginning. */
  silence(): number
  /** Milliseconds since the last bytes that made no packet yet; `Infinity`: there were none. */
  sinceProgress(): number
  /** When the attempt becomes suspect; before its proof, when its time is over. */
  deadline(): Deadline
  /** Asks for a sign of life, and gives it the time of an answer. Does nothing while an answer is pending. */
  ping(): void
  flush(): void
  /** Answers true if the carrier has said the goodbye. */
  close(reason: string, bye?: string): boolean
}

export interface AttemptEvents {
  /** Whether another attempt carries, so that this one may fail alone. */
  isBeside(attempt: Attempt): boolean
  /** The carrier has proven itself: hello is complete. */
  onProven(attempt: Attempt): void
  /** The attempt has ended by itself. */
  onFailed(attempt: Attempt, reason: string): void
  /** The deadline may have changed. */
  onActivity(attempt: Attempt): void
}

export interface Attempts {
  readonly records: readonly AttemptRecord[]
  /** Milliseconds of a round trip, as far as is known; 0: not known. */
  estimatedRtt(): number
  /**
   * `lastDelay`: milliseconds that the client has waited before the attempt. The longer the wait, the more time for the
   * proof, because the line may be slow.
   */
  create(transport: Transport, lastDelay: number): Attempt
}

/** Creates attempts, and keeps their trace. `rememberedRtt`: round-trip time that holds until one is measured. */
export function createAttempts(
  clock: Clock,
  strategy: StrategyEvents,
  on: AttemptEvents,
  rememberedRtt = 0,
  needs: () => NetworkNeeds = () => ({}),
): Attempts {
  const records: AttemptRecord[] = []
  const estimatedRtt = (): number => strategy.session().rtt || rememberedRtt

  const create: Attempts['create'] = (transport, lastDelay) => {
    const record: { -readonly [name in keyof AttemptRecord]: AttemptRecord[name] } = {
      transport: transport.name,
      began: clock.wallTime(),
    }
    const began = clock.now()
    let link: Link | undefined
    let carrier: Carrier | undefined
    let provenAt: number | undefined
    let isPingPending = false
    /** Whether there is a ticket for the stream, of which nothing has come. */
    let awaitsStream = false
    let progressedAt = -Infinity
    let hasHello = false
    let heardAt = began
    /** Whether requests go up beside the connection on which packets come down. */
    let isStream = false
    /** The server's reason, once it has ended the carrier. */
    let endReason: string | undefined
    /** When the proof is due; after the proof, when a sign of life is. */
    let due = Infinity

    const isOpen = (): boolean => record.ended === undefined
    const lasted = (): number => clock.now() - began
    const inTime = (least: number, roundTrips: number): number =>
      clock.now() + Math.max(least, roundTrips * estimatedRtt())

    const fail = (reason: string): void => {
      if (isOpen()) on.onFailed(attempt, reason)
    }
    const prove = (): void => {
      provenAt = clock.now()
      record.opened = lasted()
    }
    /** When the next sign of life is due, now that there was one. */
    const nextDue = (): number =>
      provenAt === undefined
        ? // The first part of hello. A box on the way holds streams back if the second part does not follow.
          Math.min(due, inTime(SECOND_PART, SECOND_PART_ROUND_TRIPS))
        : inTime(HEARTBEAT_TOLERANCE, HEARTBEAT_ROUND_TRIPS) +
          strategy.session().serverLimits.heartbeat

    const handlePacket = (down: Down, bytes: number, outOfBand?: boolean): void => {
      if (outOfBand) isStream = true
      else heardAt = clock.now()
      // Before hello, nobody has said whose messages are acknowledged: what is accepted by mistake would be lost (PROTOCOL.md 4.7).
      hasHello ||= !!down.hello
      if (!hasHello && !down.end) return fail('malformed')
      // One of several servers does not know the session, which lives on at another one.
      if (strategy.session().isForeign(down) && on.isBeside(attempt)) return fail('unknown')
      // The end of a session closes all attempts with one reason. The one that brought the news keeps the server's.
      if (down.end) endReason = reasonOf(down.end)
      const isValid = strategy.onPacket(down, bytes)
      if (endReason) return fail(endReason)
      if (!isValid) return fail('malformed')
      const isProof = !!down.ready && provenAt === undefined && isOpen()
      if (isProof) prove()
      if (down.ticket) awaitsStream = true
      if (!outOfBand) {
        isPingPending = awaitsStream = false
        due = nextDue()
      }
      if (isProof) on.onProven(attempt)
      on.onActivity(attempt)
    }
    const handleProgress = (): void => {
      heardAt = progressedAt = clock.now()
      // An answer on a slow line: whatever still comes in is no silence.
      due = provenAt === undefined ? Math.max(due, inTime(PROOF_TIME, 0)) : nextDue()
      on.onActivity(attempt)
    }
    const openCarrier = (given: Link): void => {
      if (!isOpen()) return
      link = given
      due =
        inTime(0, PROOF_ROUND_TRIPS) + (PROOF_TIME + lastDelay + strategy.session().uploadTime())
      try {
        carrier = transport.open(link, {
          packet: handlePacket,
          progress: handleProgress,
          closed: fail,
        })
      } catch (error) {
        // A browser may refuse to make the object at all: a security policy (SecurityError), mixed content.
        fail(String(error))
      }
      on.onActivity(attempt)
    }

    const attempt: Attempt = {
      transport,
      open() {
        if (records.push(record) > MAX_RECORDS) records.shift()
        strategy.openLink(openCarrier, fail, { ...needs(), maxPacketDown: transport.maxPacketDown })
      },
      awaitsToken: () => isOpen() && !link,
      awaitsStream: () => awaitsStream,
      uptime: () => (provenAt === undefined ? 0 : clock.now() - provenAt),
      silence: () =>
        clock.now() - (isStream ? heardAt : Math.max(heardAt, strategy.session().lastSentAt)),
      sinceProgress: () => clock.now() - progressedAt,
      deadline: () =>
        provenAt === undefined
          ? { due, reason: 'deadline' }
          : strategy.session().healthDeadline(due, provenAt, transport.maxPacketDown),
      ping() {
        if (isPingPending) return
        isPingPending = true
        const answerDue = clock.now() + PING_ANSWER + estimatedRtt()
        // A proof keeps the time that it has; a silent machine may have slept through it.
        due = provenAt === undefined ? Math.max(due, answerDue) : answerDue
        strategy.session().ping()
      },
      flush: () => carrier?.flush(),
      close(reason, bye) {
        record.ended = lasted()
        record.reason = endReason || reason
        link?.releaseAll()
        return carrier?.close(bye) === true
      },
    }
    return attempt
  }
  return { records, estimatedRtt, create }
}
