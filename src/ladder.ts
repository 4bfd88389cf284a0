/**
 * Which transport carries now, and why: the rungs are tried in order, each until it fails or its time is over. What
 * carries is replaced only by what has proven itself, so a change of rungs leaves no gap.
 */
import { backoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import { SLACK, watch } from './heartbeat.ts'
import type { Down, TransportName } from './protocol.ts'
import type { Link } from './session.ts'
import type { Carrier, Transport } from './transport.ts'
import type { TransportEvent } from './types.ts'

/** Milliseconds that a rung has to prove itself. */
const DEADLINE = 5_000
/** Milliseconds below which a life was too short to try the same rung again first. */
const SHORT = 5_000

export interface LadderEvents {
  /** Gets a cursor for a new carrier, and the token that proves who we are. */
  link(use: (link: Link) => void, fail: (reason: string) => void): void
  /** A packet arrived; `proven` tells whether its carrier had proven itself before. */
  packet(down: Down, bytes: number, proven: boolean): void
  /** Another transport carries, or none, or one has failed. */
  change(transport: TransportName | null, reason: string, failed: TransportEvent['failed']): void
}

export interface Ladder {
  flush(): void
  /** Climbs these rungs, beside what carries now. */
  use(rungs: readonly Transport[]): void
  /** Tries at once, if it was waiting to try again. */
  wake(): void
  /** Lets go of all carriers and begins again; after a short life not at once. */
  restart(reason: string): void
  /** Lets go of all carriers; the one that carries, or else may come to, says goodbye. */
  stop(bye?: string): void
}

interface Rung {
  readonly index: number
  readonly name: TransportName
  readonly since: number
  link?: Link
  carrier?: Carrier
  /** Stops the watch over its deadline, and later over its heartbeat. */
  unwatch?: () => void
}

export function createLadder(clock: Clock, on: LadderEvents): Ladder {
  let rungs: readonly Transport[] = []
  let current: Rung | undefined
  let trying: Rung | undefined
  let failed: TransportEvent['failed'] = {}
  let failures = 0
  let begun = 0
  let cancelRetry: (() => void) | undefined

  const drop = (rung?: Rung, bye?: string): void => {
    if (rung === current) current = undefined
    if (rung === trying) trying = undefined
    rung?.unwatch?.()
    rung?.link?.close()
    rung?.carrier?.close(bye)
  }

  /** Tells what has changed; false if a listener let go of everything, or began anew. */
  const tell = (reason: string, now = failed): boolean => {
    failed = now
    on.change(current ? current.name : null, reason, now)
    return now === failed
  }

  const stopRetry = (): void => {
    cancelRetry?.()
    cancelRetry = undefined
  }

  const begin = (): void => {
    stopRetry()
    failed = {}
    begun = clock.now()
    attempt(0)
  }

  const retry = (): void => {
    cancelRetry = clock.after(backoff(failures++, clock), begin)
  }

  const fail = (rung: Rung, reason: string): void => {
    const carried = rung === current
    if (!carried && rung !== trying) return
    drop(rung)
    if (!tell(reason, { ...failed, [rung.name]: reason })) return
    if (carried) {
      if (trying || cancelRetry) return
      if (clock.now() - rung.since > SHORT) {
        failures = 0
        return begin()
      }
    }
    attempt(rung.index + 1)
  }

  const attempt = (index: number): void => {
    const transport = rungs[index]
    if (!transport) return retry()
    const rung: Rung = {
      index,
      name: transport.name,
      since: clock.now(),
    }
    trying = rung
    on.link(
      (link) => {
        if (rung !== trying) return
        rung.link = link
        rung.unwatch = watch(clock, DEADLINE, () => fail(rung, 'deadline'))
        try {
          rung.carrier = transport.open(link, {
            packet(down, bytes) {
              on.packet(down, bytes, rung === current)
              if (down.end) return fail(rung, down.end[0])
              if (down.ready && rung === trying) {
                const before = current
                trying = undefined
                current = rung
                tell(before ? 'used' : 'opened')
                drop(before)
              }
              if (rung === current) {
                rung.unwatch?.()
                rung.unwatch = watch(clock, link.heartbeat() + SLACK, () => fail(rung, 'silent'))
              }
            },
            closed: (reason) => fail(rung, reason),
          })
        } catch (error) {
          // A browser may refuse to make the object at all: a security policy, mixed content.
          fail(rung, '' + error)
        }
      },
      (reason) => fail(rung, reason),
    )
  }

  const stop = (bye?: string): void => {
    stopRetry()
    failed = {}
    drop(trying, current ? '' : bye)
    drop(current, bye)
  }

  return {
    flush() {
      current?.carrier?.flush()
      trying?.carrier?.flush()
    },
    use(wanted) {
      rungs = wanted
      drop(trying)
      begin()
    },
    wake() {
      if (cancelRetry) begin()
    },
    restart(reason) {
      stop()
      if (!tell(reason)) return
      if (clock.now() - begun < SHORT) retry()
      else begin()
    },
    stop,
  }
}
