/** One transport, and no ladder: what has ended or is suspect is opened again, after a delay that grows. */
import { backoff } from './backoff.ts'
import { createRungs, type CreateStrategy, type Rung } from './rung.ts'
import type { Transport } from './transport.ts'

/** Milliseconds below which a life was too short for the delays to begin anew. */
const SHORT = 5_000
/** Milliseconds between two looks at the clock, and by how many a timer of a page that runs may be late. */
const LOOK = 5_000
const LATE = 1_000

export const reconnect: CreateStrategy = (clock, on, known) => {
  let transport: Transport | undefined
  let rung: Rung | undefined
  let failures = 0
  let cancelTimer: (() => void) | undefined

  const wait = (ms: number, task: () => void): void => {
    cancelTimer?.()
    cancelTimer = clock.after(ms, task)
  }

  const stop = (bye?: string, reason = 'stopped'): void => {
    cancelTimer?.()
    cancelTimer = undefined
    if (rung && rung.life() > SHORT) failures = 0
    rung?.close(reason, bye)
    rung = undefined
  }

  /** Lets go, and begins again unless a listener has done something else. */
  const again = (reason: string): void => {
    stop('', reason)
    wait(backoff(failures++, clock), open)
    on.change(null, reason)
  }

  const { attempts, make } = createRungs(clock, on, known, {
    proven: ({ transport: { name } }) => on.change(name, 'opened'),
    failed: (_, reason) => again(reason),
    heard: () => look(),
  })

  /** Judges what carries, now and as soon as there may be something to say. */
  const look = (): void => {
    if (!rung) return
    const [at, reason] = rung.doubt()
    const ms = Math.min(at - clock.now(), LOOK)
    if (ms <= 0) return again(reason)
    const next = clock.now() + ms
    wait(ms, () => {
      if (clock.now() > next + LATE) rung?.ask()
      look()
    })
  }

  const open = (): void => {
    rung = make(transport!)
    rung.open()
  }

  return {
    attempts,
    flush() {
      rung?.flush()
      look()
    },
    use(wanted) {
      stop()
      transport = wanted[0]
      open()
    },
    wake() {
      if (rung) {
        rung.ask()
        look()
      } else if (cancelTimer) wait(0, open)
    },
    restart: again,
    stop,
  }
}
