/**
 * Causes of what handlers send. A handler that runs again, because its node died, sends the same messages with the same causes,
 * and the store skips those that it has.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Cause } from '../store/store.ts'

/** One run of the handlers of one message. */
export interface HandlerRun {
  readonly sessionId: string
  /** Number of the message. */
  readonly number: number
  /** How many messages were sent in this run. */
  counter: number
  /** Whether the handlers have settled. A timer that they left behind, say, still sees this run, and has no cause. */
  isOver: boolean
}

const currentRun = new AsyncLocalStorage<HandlerRun | undefined>()

/** Calls a function, and gives all that it sends, also after an `await`, a cause. */
export function withCause<T>(run: HandlerRun, work: () => T): T {
  return currentRun.run(run, work)
}

/** Calls a function that is not called again when the handlers run again, so that what it sends has no cause. */
export function withoutCause<T>(work: () => T): T {
  return currentRun.run(undefined, work)
}

/** The cause of a message that is sent now; `undefined` outside of handlers. Counts: each call is for one message. */
export function nextCause(): Cause | undefined {
  const run = currentRun.getStore()
  if (!run || run.isOver) return undefined
  run.counter++
  return { sessionId: run.sessionId, number: run.number, counter: run.counter }
}
