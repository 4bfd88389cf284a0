/** One run of the application's handlers: for a message, or for the opening of a session. */
import type { Awaitable, SessionRecord } from '../store/store.ts'
import { withCause, withRun, type HandlerRun } from './cause.ts'
import { maybe, type MaybeAsync } from './maybe-async.ts'

/** A message of a client, decoded and checked. */
export interface ReceivedMessage {
  readonly data: unknown
  /** User ids that the client addressed the message to; `undefined`: it is for the application. */
  readonly recipients: readonly string[] | undefined
}

/** The application. Each method answers the session's data as JSON text if it changed. */
export interface MessageHandlers {
  /** A session was created. */
  handleOpening(session: SessionRecord): Awaitable<string | undefined>
  handleMessage(
    session: SessionRecord,
    message: ReceivedMessage,
    isVolatile: boolean,
  ): Awaitable<string | undefined>
  /** One of the other methods threw or rejected. Ends the session. */
  onFailed(id: string, error: unknown): Awaitable<void>
}

/** The answer of handlers that have settled. Without it, they have failed. */
export interface Handled {
  readonly data: string | undefined
}

/**
 * Runs the handlers of a message, or of the opening if there is none. `undefined`: they failed. Throws if the store failed, which
 * the application is not to blame for: the message stays unaccepted, and is handled again when its client sends it again. `isTracked`: what
 * they send after an `await` is known as theirs, too.
 */
export function* runHandlers(
  handlers: MessageHandlers,
  session: SessionRecord,
  message: ReceivedMessage | undefined,
  run: HandlerRun,
  isTracked: boolean,
): MaybeAsync<Handled | undefined> {
  const handle = (): Awaitable<string | undefined> =>
    message
      ? handlers.handleMessage(session, message, run.number === undefined)
      : handlers.handleOpening(session)
  let handled: Handled | undefined
  let failure: { readonly error: unknown } | undefined
  try {
    const call = isTracked ? withCause : withRun
    handled = { data: yield* maybe(call(run, handle)) }
  } catch (error) {
    failure = { error }
  }
  run.isOver = true
  if (run.storeCalls?.size) yield* maybe(Promise.allSettled(run.storeCalls))
  if (run.storeFailure) {
    // Without a number, the message is not handled again.
    if (run.number === undefined) return handled
    throw run.storeFailure.error
  }
  if (failure) yield* maybe(handlers.onFailed(session.id, failure.error))
  return handled
}
