/**
 * Causes of what handlers send. A handler that runs again, because its node died, sends the same messages with the same causes,
 * and the store skips those that it has.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Cause, Target } from '../store/store.ts'

/** One run of the handlers of one message. */
export interface HandlerRun {
  readonly sessionId: string
  /** Number of the message; `undefined` if it is volatile, and never handled again. */
  readonly number: number | undefined
  /** How many messages were sent in this run. */
  counter: number
  /** Whether the handlers have settled. A timer that they left behind, say, still sees this run, and has no cause. */
  isOver: boolean
  /** The sessions that messages with numbers were sent to; `undefined`: none yet. */
  sentTo: readonly Target[] | 'all' | undefined
  /** Calls of the store that have not settled; `undefined`: there was none. The message is not accepted before. */
  storeCalls: Set<Promise<unknown>> | undefined
  /** Why a call of the store failed. The message is not accepted then, so that its handlers run again. */
  storeFailure: { readonly error: unknown } | undefined
}

/** Targets that are noted one by one. More of them count as all sessions. */
const MAX_NOTED = 100

const currentRun = new AsyncLocalStorage<HandlerRun | undefined>()

/** The run whose handler is called now, up to its first `await`. */
let syncRun: HandlerRun | undefined

export function newRun(sessionId: string, number?: number): HandlerRun {
  return {
    sessionId,
    number,
    counter: 0,
    isOver: false,
    sentTo: undefined,
    storeCalls: undefined,
    storeFailure: undefined,
  }
}

/** Calls a function, and knows the run of what it sends before its first `await`. Costs nothing, unlike {@link withCause}. */
export function withRun<T>(run: HandlerRun, work: () => T): T {
  const before = syncRun
  syncRun = run
  try {
    return work()
  } finally {
    syncRun = before
  }
}

/** The run of handlers that sends a message now, as far as that is known. */
export function runningNow(): HandlerRun | undefined {
  const run = syncRun ?? currentRun.getStore()
  return run?.isOver ? undefined : run
}

/** Notes whom a run sends to, so that its session is slowed if they cannot keep up. */
export function noteSent(run: HandlerRun | undefined, targets: readonly Target[] | 'all'): void {
  if (!run || run.sentTo === 'all') return
  const sentTo = targets === 'all' ? targets : [...(run.sentTo ?? []), ...targets]
  run.sentTo = sentTo.length > MAX_NOTED ? 'all' : sentTo
}

/** Notes that the message is not accepted, and is handled again, if this promise of the store rejects. */
export function noteStoreFailure(run: HandlerRun | undefined, call: Promise<unknown>): void {
  if (run) call.catch((error: unknown) => void (run.storeFailure ??= { error }))
}

/** Likewise, and notes that the message is not accepted before the promise settles, even if its handlers do not wait for it. */
export function noteStoreCall(run: HandlerRun | undefined, call: Promise<unknown>): void {
  if (!run) return
  noteStoreFailure(run, call)
  const calls = (run.storeCalls ??= new Set())
  const forget = (): void => void calls.delete(call)
  calls.add(call)
  call.then(forget, forget)
}

/** Calls a function, and gives all that it sends, also after an `await`, a cause. */
export function withCause<T>(run: HandlerRun, work: () => T): T {
  return currentRun.run(run, () => withRun(run, work))
}

/** Calls a function that is not called again when the handlers run again, so that what it sends has no cause. */
export function withoutCause<T>(work: () => T): T {
  return currentRun.run(undefined, work)
}

/** The cause of a message that is sent now; `undefined` outside of handlers. Counts: each call is for one message. */
export function nextCause(): Cause | undefined {
  const run = currentRun.getStore()
  if (!run || run.isOver || run.number === undefined) return undefined
  run.counter++
  return { sessionId: run.sessionId, number: run.number, counter: run.counter }
}
