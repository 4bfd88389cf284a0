/** A trial: one carrier, watched. When its packets came, and how it ended. */
import type { Clock } from '../platform/clock.ts'
import type { Down, TransportName } from '../protocol.ts'
import type { Carrier, Link, Transport } from '../transports/transport.ts'

/** Times are the clock's; events that did not happen are absent. */
export interface Trial {
  readonly transport: TransportName
  readonly begun: number
  /** When hello has to be complete. */
  readonly deadline: number
  /** When the first packet went up. */
  readonly sent?: number
  /** When the first packet came down. */
  readonly answered?: number
  /** When the first of the two parts of hello came. */
  readonly greeted?: number
  /** When hello was complete. */
  readonly ready?: number
  /** When the last packet came, and the longest pause before a packet. */
  readonly heard?: number
  readonly pause: number
  /** Milliseconds after which a waiting poll was cut; it was asked again. */
  readonly waitCut?: number
  /** The first end: by whom, why and when. */
  readonly ended?: {
    readonly by: 'server' | 'network' | 'browser' | 'caller'
    readonly reason: string
    readonly at: number
  }
  flush(): void
  /** From now on it counts as ended. */
  end(by: 'server' | 'caller', reason: string): void
  /** Answers true if the carrier has said the goodbye. */
  close(bye?: string): boolean
  /** Resolves when that holds, or it has ended, or so many milliseconds are over. */
  until(holds: () => boolean, ms: number): Promise<void>
}

const VIOLATION = 'securitypolicyviolation'
/** Milliseconds in which a browser tells that a policy was the reason. */
const VERDICT = 50

/** Opens a carrier and watches it. */
export function tryOut(
  transport: Transport,
  link: Link,
  clock: Clock,
  patience: number,
  take: (down: Down, bytes: number) => void,
): Trial {
  let carrier: Carrier | undefined
  let look = (): void => {}
  const begun = clock.now()

  const trial: { -readonly [name in keyof Trial]: Trial[name] } = {
    transport: transport.name,
    begun,
    deadline: begun + patience,
    pause: 0,
    flush: () => carrier?.flush(),
    end: (by, reason) => end(by, reason),
    close(bye) {
      removeEventListener(VIOLATION, blocked)
      return carrier?.close(bye) === true
    },
    until: (holds, ms) =>
      new Promise((resolve) => {
        const done = (): void => {
          stop()
          look = () => {}
          resolve()
        }
        const stop = clock.after(ms, done)
        look = () => {
          if (trial.ended || holds()) done()
        }
        look()
      }),
  }

  const end = (by: NonNullable<Trial['ended']>['by'], reason: string, at = clock.now()): void => {
    trial.ended ||= { by, reason, at }
    look()
  }
  /** Ends it soon: what the browser says of a policy comes before the failure, or right after it. */
  const fail = (by: 'network' | 'browser', reason: string): void => {
    const at = clock.now()
    clock.after(VERDICT, () => end(by, reason, at))
  }

  const packet = (down: Down, bytes: number): void => {
    const now = clock.now()
    trial.answered ??= now
    trial.pause = Math.max(trial.pause, now - (trial.heard ?? now))
    trial.heard = now
    // The answer with a ticket is not the stream's yet; the answer to a poll is complete at once.
    if (down.hello && !down.ticket && !down.ready) trial.greeted ??= now
    if (down.ready) trial.ready ??= now
    take(down, bytes)
    // The type of a lost session says less than its reason.
    if (down.end) end('server', down.end[down.end[0] === 'gone' ? 1 : 0])
    else look()
  }

  // A policy makes some browsers throw, and others keep silent or claim that the network failed (CSP 3, 5.3).
  const blocked = (event: SecurityPolicyViolationEvent): void => {
    const { blockedURI, disposition, effectiveDirective } = event
    if (disposition === 'enforce' && blockedURI.replace(/^ws/, 'http').indexOf(link.url) === 0)
      end('browser', effectiveDirective || 'content-security-policy')
  }
  addEventListener(VIOLATION, blocked)

  // The link knows when the first packet goes up, which is what a round trip begins with.
  const observed = Object.create(link) as Link
  let waitsSince = begun
  observed.attach = (fields = {}, encodeBinary) => {
    const now = clock.now()
    trial.sent ??= now
    // A poll that was cut names the time that the next one may take.
    if (fields.within) trial.waitCut ??= now - waitsSince
    waitsSince = fields.answer ? now : waitsSince
    return link.attach(fields, encodeBinary)
  }

  try {
    carrier = transport.open(observed, {
      packet,
      progress() {},
      closed: (reason) => fail('network', reason),
    })
  } catch (error) {
    // The name alone: the message of a browser names the URL.
    fail('browser', error instanceof Error ? error.name : 'Error')
  }
  return trial
}
