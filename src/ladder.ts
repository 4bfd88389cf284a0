/**
 * Which transport carries now, and why. One carrier at most is the current one; beside it there are racers that have to
 * prove themselves. Whatever happens is answered by a race; ARCHITECTURE.md has the table.
 */
import { backoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Doubt } from './heartbeat.ts'
import type { Known } from './memory.ts'
import type { Down, TransportName } from './protocol.ts'
import { strike } from './scores.ts'
import type { Link, Session } from './session.ts'
import { SLOWEST, type Carrier, type Transport } from './transport.ts'
import type { Attempt } from './types.ts'

/** Milliseconds that a rung has to prove itself, beside what its bytes and round trips take. */
const DEADLINE = 5_000
/** Milliseconds by which the next rung begins later, at least. */
const PATIENCE = 250
/** Milliseconds until a better rung that has no cool-down is tried again. */
const CLIMB = 30_000
/** Milliseconds below which a life was too short for the delays to begin anew. */
const SHORT = 5_000
/** Milliseconds for a sign of life from what was asked for one, beside the round trip. */
const ANSWER = 200
/** Milliseconds between two looks at the clock, and by how many a timer of a page that runs may be late. */
const LOOK = 5_000
const LATE = 1_000
/** Attempts that are kept. */
const TRACE = 50

export interface LadderEvents {
  /** Gets a cursor for a new carrier, and the token that proves who we are. */
  link(use: (link: Link) => void, fail: (reason: string) => void): void
  /** The session as it is now. */
  session(): Pick<Session, 'rtt' | 'outstanding' | 'heartbeat' | 'doubt' | 'probe'>
  /** A packet arrived; `proven` tells whether its carrier had proven itself before. */
  packet(down: Down, bytes: number, proven: boolean): void
  /** Another transport carries, or none, or one has failed. */
  change(transport: TransportName | null, reason: string): void
}

export interface Ladder {
  /** What was tried, the latest last. */
  readonly attempts: readonly Attempt[]
  flush(): void
  /** Climbs these rungs, beside what carries now. */
  use(rungs: readonly Transport[]): void
  /** The page runs again, or the network has changed: asks what carries for a sign of life, or tries again at once. */
  wake(changed?: boolean): void
  /** Lets go of all carriers and begins again. */
  restart(reason: string): void
  /** Lets go of all carriers; the one that carries, or else may come to, says goodbye. */
  stop(bye?: string): void
}

interface Rung {
  readonly transport: Transport
  readonly attempt: { -readonly [name in keyof Attempt]: Attempt[name] }
  /** When it must have proven itself. */
  due: number
  link?: Link
  carrier?: Carrier
}

export function createLadder(clock: Clock, on: LadderEvents, known: Known): Ladder {
  const { scores } = known
  const epoch = clock.now()
  const attempts: Attempt[] = []
  let live = false
  let rungs: readonly Transport[] = []
  let current: Rung | undefined
  /** When the current one was proven, and by when a sign of life is expected of it. */
  let proven = 0
  let expected = 0
  /** It was asked for one, and has not answered. */
  let asked = false
  /** Why it is suspect; empty if it is not. */
  let suspect = ''
  let racers: Rung[] = []
  /** Rungs of this race that did not start yet. */
  let queue: Transport[] = []
  /** When the next of them starts; where nobody races, when the next race does. */
  let goAt = Infinity
  let failures = 0
  /** What failed in this race. It counts as soon as something else passes. */
  let lost: TransportName[] = []
  let cancelTimer: (() => void) | undefined
  let timerAt = Infinity

  const trip = (): number => on.session().rtt || known.rtt || 0
  const coolUntil = ({ name }: Transport): number => scores[name]?.[1] || 0
  /** Those that have a cool-down come behind those that do not; what is not wanted any more comes last. */
  const rank = (transport: Transport): number =>
    (rungs.indexOf(transport) + 1 || Infinity) +
    (coolUntil(transport) > clock.now() ? rungs.length : 0)
  /** Whether a transport would take over from what carries. */
  const better = (transport: Transport): boolean =>
    !current || !!suspect || rank(transport) < rank(current.transport)

  /** Tells what has changed; false if a listener let go of everything, or began anew. */
  const tell = (reason: string): boolean => {
    const before = queue
    on.change(current ? current.transport.name : null, reason)
    return queue === before
  }

  const drop = (rung: Rung, reason: string, bye?: string): void => {
    const { attempt } = rung
    attempt.ended = clock.now() - epoch - attempt.began
    attempt.reason = reason
    if (rung === current) {
      current = undefined
      suspect = ''
      if (clock.now() - proven > SHORT) failures = 0
    }
    racers = racers.filter((other) => other !== rung)
    rung.link?.close()
    rung.carrier?.close(bye)
  }

  /** Lets go of what cannot take over any more. */
  const prune = (): void => {
    queue = queue.filter(better)
    if (!queue.length) goAt = Infinity
    racers.forEach((rung) => better(rung.transport) || drop(rung, 'beaten'))
  }

  const prove = (rung: Rung): void => {
    const now = clock.now()
    const before = current
    const reason = before ? suspect || 'preferred' : 'opened'
    for (const name of lost.splice(0)) strike(scores, name, now, 0)
    if (before) {
      if (suspect) strike(scores, before.transport.name, now, now - proven)
      drop(before, reason)
    }
    racers = racers.filter((other) => other !== rung)
    current = rung
    proven = now
    rung.attempt.opened = now - epoch - rung.attempt.began
    prune()
    tell(reason)
  }

  const fail = (rung: Rung, reason: string): void => {
    const carried = rung === current
    if (!carried && racers.indexOf(rung) < 0) return
    const { name } = rung.transport
    const now = clock.now()
    drop(rung, reason)
    if (carried || (current && !suspect)) strike(scores, name, now, carried ? now - proven : 0)
    else lost.push(name)
    // The next one starts at once.
    goAt = queue.length ? 0 : Infinity
    if (tell(reason)) step()
  }

  const open = (transport: Transport): void => {
    const attempt = {
      transport: transport.name,
      began: clock.now() - epoch,
      opened: null,
      ended: null,
      reason: null,
    }
    const rung: Rung = { transport, attempt, due: Infinity }
    if (attempts.push(attempt) > TRACE) attempts.shift()
    racers.push(rung)
    const fails = (reason: unknown): void => fail(rung, '' + reason)
    on.link((link) => {
      if (racers.indexOf(rung) < 0) return
      rung.link = link
      rung.due = clock.now() + DEADLINE + 8 * trip() + on.session().outstanding / SLOWEST
      try {
        rung.carrier = transport.open(link, {
          packet(down, bytes, aside) {
            on.packet(down, bytes, rung === current)
            if (down.end) return fails(down.end[0])
            if (down.ready && racers.indexOf(rung) >= 0) prove(rung)
            if (rung === current && !aside) {
              asked = false
              expected = clock.now() + on.session().heartbeat + Math.max(1_500, 2 * trip())
              if (suspect && doubt()[0] > clock.now()) {
                suspect = ''
                prune()
              }
            }
            step()
          },
          closed: fails,
        })
      } catch (error) {
        // A browser may refuse to make the object at all: a security policy, mixed content.
        fails(error)
      }
      step()
    }, fails)
  }

  const race = (): void => {
    lost = []
    queue = rungs
      .filter(
        (transport) => better(transport) && !racers.some((rung) => rung.transport === transport),
      )
      .sort((a, b) => rank(a) - rank(b))
    // Serve first, negotiate meanwhile: what needs one round trip makes the session usable beside the first rung.
    const opener = queue.filter(({ instant }) => instant).pop()
    queue = queue.filter((transport) => transport !== opener)
    goAt = queue.length ? 0 : Infinity
    if (opener) open(opener)
  }

  /** From when on what carries is suspect, and of what. */
  const doubt = (): Doubt => on.session().doubt(expected, proven)

  /** Does what is due, and sets the one timer for what will be. */
  const step = (): void => {
    const now = clock.now()
    if (!live) return
    for (const rung of racers) if (rung.due <= now) return fail(rung, 'deadline')
    if (current && !suspect && doubt()[0] <= now) {
      suspect = doubt()[1]
      race()
    }
    while (goAt <= now) {
      const transport = queue.shift()
      goAt = queue.length ? now + Math.max(PATIENCE, 3 * trip()) : Infinity
      if (transport) open(transport)
      else if (!current || !racers.length) race()
    }
    // Nobody races any more; or nothing carries, and not all that might are tried.
    if (goAt === Infinity && (!racers.length || (!current && racers.length < rungs.length))) {
      // What is still suspect then has ended.
      if (suspect) return fail(current!, suspect)
      if (!current) goAt = now + backoff(failures++, clock)
      // Climbs as soon as the first of the better rungs may be tried again.
      else
        for (const above of rungs.slice(0, Math.max(0, rungs.indexOf(current.transport))))
          goAt = Math.min(goAt, Math.max(coolUntil(above), now + CLIMB))
    }
    let at = goAt
    for (const { due } of racers) at = Math.min(at, due)
    if (current) at = Math.min(at, now + LOOK, suspect ? Infinity : doubt()[0])
    if (at >= timerAt) return
    cancelTimer?.()
    timerAt = at
    cancelTimer = clock.after(at - now, tick)
  }

  const tick = (): void => {
    const now = clock.now()
    const late = now > timerAt + LATE
    timerAt = Infinity
    if (late && !asked) {
      // The machine slept, or the tab is hidden: what has come meanwhile is still to be read.
      for (const rung of racers) rung.due = Math.max(rung.due, now + LATE)
      ask()
    }
    step()
  }

  /** Asks what carries for a sign of life. */
  const ask = (): void => {
    asked = true
    expected = clock.now() + ANSWER + trip()
    on.session().probe()
  }

  const stop = (bye?: string, reason = 'stopped'): void => {
    live = false
    goAt = Infinity
    queue = []
    cancelTimer?.()
    timerAt = Infinity
    racers.forEach((rung, index) => drop(rung, reason, index || current ? '' : bye))
    if (current) drop(current, reason, bye)
  }

  return {
    attempts,
    flush() {
      current?.carrier?.flush()
      for (const { carrier } of racers) carrier?.flush()
      step()
    },
    use(wanted) {
      rungs = wanted
      live = true
      for (const rung of racers) drop(rung, 'unused')
      race()
      step()
    },
    wake(changed) {
      if (!live) return
      if (changed) {
        for (const name in scores) delete scores[name as TransportName]
        // What hangs since before has little hope.
        if (!current) racers.forEach((rung) => drop(rung, 'network'))
      }
      if (current && !suspect && !asked) ask()
      if (changed || (!current && goAt < Infinity)) goAt = 0
      step()
    },
    restart(reason) {
      stop('', reason)
      if (!tell(reason)) return
      live = true
      step()
    },
    stop,
  }
}
