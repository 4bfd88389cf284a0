import type { RunInBackground } from '../background.ts'
import type { HandlerQueue } from '../delivery/handler-queue.ts'
import type { Intake } from '../delivery/intake.ts'
import type { Readers } from '../delivery/readers.ts'
import type { Turns } from '../delivery/turns.ts'
import { DeploymentRefusal, Refusal, type CarrierEnd } from '../errors.ts'
import type { MemoryBudget } from '../memory-budget.ts'
import type { Counters } from '../metrics.ts'
import type { Settings } from '../settings.ts'
import type { End, SessionStore } from '../store/store.ts'
import type { ExchangesInFlight } from './exchanges-in-flight.ts'
import type { RareWarnings } from './rare-warnings.ts'
import type { StrippedHandshakes } from './stripped-handshakes.ts'
import type { UnprovenSockets } from './unproven-sockets.ts'
import type { Pipelining } from './pipelining.ts'

/** The parts of a hub that its carriers work with. */
export interface ServerContext {
  readonly settings: Settings
  readonly store: SessionStore
  readonly readers: Readers
  readonly handlerQueue: HandlerQueue
  readonly intake: Intake
  readonly turns: Turns
  readonly exchangesInFlight: ExchangesInFlight
  readonly unprovenSockets: UnprovenSockets
  readonly rareWarnings: RareWarnings
  readonly strippedHandshakes: StrippedHandshakes
  readonly pipelining: Pipelining
  readonly memory: MemoryBudget
  readonly counters: Counters
  /** A clock in milliseconds that only goes forward. */
  readonly now: () => number
  /** Whether the hub is closing: nobody is admitted any more. */
  readonly isDraining: () => boolean
  /** Ends a session, and tells the application. */
  readonly endSession: (id: string, end: End) => Promise<void>
  readonly runInBackground: RunInBackground
}

/** How much less of one session may wait for handlers while memory is short. */
const SHORTAGE_FACTOR = 8

/** Bytes of one session that may wait for their handlers before its client is slowed. */
export function upWindow({ settings, memory }: ServerContext): number {
  return memory.isOver ? settings.window / SHORTAGE_FACTOR : settings.window
}

/** The end of a carrier whose hub closes. */
export function drainingEnd({ drainRetryAfter: retryAfter }: Settings): CarrierEnd {
  return { type: 'draining', reason: 'this server is going away; try again', retryAfter }
}

/** Throws a {@link Refusal} if the hub is closing. */
export function refuseIfDraining({ isDraining, settings }: ServerContext): void {
  if (isDraining()) throw Refusal.of(drainingEnd(settings))
}

/** The refusal that a client is told of an error. Logs it. */
export function toRefusal(
  { settings: { log }, rareWarnings, counters }: ServerContext,
  error: unknown,
): Refusal {
  if (error instanceof Refusal) {
    counters.noteRefused(error.end)
    const warns = error instanceof DeploymentRefusal && rareWarnings.isDue(error.end.type)
    log({ level: warns ? 'warn' : 'debug', event: 'refused', reason: error.message })
    return error
  }
  log({ level: 'error', event: 'request-failed', error })
  return new Refusal('internal', 'the server failed; try again')
}
