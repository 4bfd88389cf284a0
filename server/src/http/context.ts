import type { RunInBackground } from '../background.ts'
import type { HandlerQueue } from '../delivery/handler-queue.ts'
import type { Readers } from '../delivery/readers.ts'
import { Refusal } from '../errors.ts'
import type { Settings } from '../options.ts'
import type { End, SessionStore } from '../store/store.ts'

/** The parts of a hub that its carriers work with. */
export interface ServerContext {
  readonly settings: Settings
  readonly store: SessionStore
  readonly readers: Readers
  readonly handlerQueue: HandlerQueue
  /** A clock in milliseconds that only goes forward. */
  readonly now: () => number
  /** Whether the hub is closing: nobody is admitted any more. */
  readonly isDraining: () => boolean
  /** Ends a session, and tells the application. */
  readonly endSession: (id: string, end: End) => Promise<void>
  readonly runInBackground: RunInBackground
}

export const DRAINING: End = { type: 'draining', reason: 'this server is going away; try again' }

/** The refusal that a client is told of an error. Logs it. */
export function toRefusal({ settings: { log } }: ServerContext, error: unknown): Refusal {
  if (error instanceof Refusal) {
    log({ level: 'debug', event: 'refused', reason: error.message })
    return error
  }
  log({ level: 'error', event: 'request-failed', error })
  return new Refusal('internal', 'the server failed; try again')
}
