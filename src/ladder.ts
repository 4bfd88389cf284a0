/**
 * Which of several transports carries now, and why. One carrier at most is the current one; beside it there are racers that
 * have to prove themselves. Whatever happens is answered by a race; ARCHITECTURE.md has the table.
 */
import { createAlarm } from './alarm.ts'
import { backoff } from './backoff.ts'
import type { TransportName } from './protocol.ts'
import { LOOK, SHORT, createRungs, type CreateStrategy, type Rung } from './rung.ts'
import { strike } from './scores.ts'
import type { Transport } from './transport.ts'

/** Milliseconds by which the next rung begins later, at least. */
const PATIENCE = 250
/** Milliseconds until a better rung that has no cool-down is tried again. */
const CLIMB = 30_000

export const ladder: CreateStrategy = (clock, on, known) => {
  const { scores } = known
  let live = false
  let rungs: readonly Transport[] = []
  let current: Rung | undefined
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
  const [setAlarm, clearAlarm] = createAlarm(clock, (late) => {
    // What has come meanwhile is still to be read.
    if (late) {
      current?.ask()
      racers.forEach((rung) => rung.ask())
    }
    step()
  })

  const coolUntil = ({ name }: Transport): number => scores[name]?.[1] || 0
  /** Those that have a cool-down come behind those that do not; what is not wanted any more comes last. */
  const rank = (transport: Transport): number =>
    (rungs.indexOf(transport) + 1 || Infinity) +
    (coolUntil(transport) > clock.now() ? rungs.length : 0)
  /** Whether a transport would take over from what carries. */
  const better = (transport: Transport): boolean =>
    !current || !!suspect || rank(transport) < rank(current.transport)

  const forget = (): void => {
    for (const name in scores) delete scores[name as TransportName]
  }

  /** Tells what has changed; false if a listener let go of everything, or began anew. */
  const tell = (reason: string): boolean => {
    const before = queue
    on.change(current ? current.transport.name : null, reason)
    return queue === before
  }

  const drop = (rung: Rung, reason: string, bye?: string): void => {
    if (rung === current) {
      current = undefined
      suspect = ''
      if (rung.life() > SHORT) failures = 0
    }
    racers = racers.filter((other) => other !== rung)
    rung.close(reason, bye)
  }

  /** Lets go of what cannot take over any more. */
  const prune = (): void => {
    queue = queue.filter(better)
    if (!queue.length) goAt = Infinity
    racers.forEach((rung) => better(rung.transport) || drop(rung, 'beaten'))
  }

  const fail = (rung: Rung, reason: string): void => {
    const { name } = rung.transport
    // Without anything that passes, it may be the network that is down.
    if (rung === current || (current && !suspect)) strike(scores, name, clock.now(), rung.life())
    else lost.push(name)
    drop(rung, reason)
    // The next one starts at once.
    goAt = queue.length ? 0 : Infinity
    if (tell(reason)) step()
  }

  const { attempts, trip, make } = createRungs(clock, on, known, {
    proven(rung) {
      const before = current
      const reason = before ? suspect || 'preferred' : 'opened'
      for (const name of lost.splice(0)) strike(scores, name, clock.now(), 0)
      if (before) {
        if (suspect) strike(scores, before.transport.name, clock.now(), before.life())
        drop(before, reason)
      }
      racers = racers.filter((other) => other !== rung)
      current = rung
      prune()
      tell(reason)
    },
    failed: fail,
    heard(rung) {
      if (suspect && rung === current && rung.doubt()[0] > clock.now()) {
        suspect = ''
        prune()
      }
      step()
    },
  })

  const open = (transport: Transport): void => {
    const rung = make(transport)
    racers.push(rung)
    rung.open()
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

  /** Does what is due, and sets the one timer for what will be. */
  const step = (): void => {
    const now = clock.now()
    if (!live) return
    let at = current ? now + LOOK : Infinity
    for (const rung of current && !suspect ? [current, ...racers] : racers) {
      const [when, reason] = rung.doubt()
      if (when > now) at = Math.min(at, when)
      else if (rung !== current) return fail(rung, reason)
      else {
        suspect = reason
        race()
      }
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
        for (const above of rungs) {
          if (above === current.transport) break
          goAt = Math.min(goAt, Math.max(coolUntil(above), now + CLIMB))
        }
    }
    setAlarm(Math.min(at, goAt))
  }

  const stop = (bye?: string, reason = 'stopped'): void => {
    live = false
    goAt = Infinity
    queue = []
    clearAlarm()
    racers.forEach((rung, index) => drop(rung, reason, index || current ? '' : bye))
    if (current) drop(current, reason, bye)
  }

  return {
    attempts,
    flush() {
      current?.flush()
      racers.forEach((rung) => rung.flush())
      step()
    },
    use(wanted) {
      // Who changes the ladder wants to see it climbed.
      if (live) forget()
      rungs = wanted
      live = true
      racers.forEach((rung) => drop(rung, 'unused'))
      race()
      step()
    },
    wake(changed) {
      if (!live) return
      if (changed) {
        forget()
        // What hangs since before has little hope.
        if (!current) racers.forEach((rung) => drop(rung, 'network'))
      }
      if (!suspect) current?.ask()
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
