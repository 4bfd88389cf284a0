/** The Node server that Rungs clients talk to. */
export type { EndType, PartialMessage, RetryBounds, TransportName } from 'rungs/protocol'
export { attach, createHub } from './hub.ts'
export type { CloseReason, Hub } from './hub.ts'
export { RungsError, type ErrorType } from './errors.ts'
export type { Unsubscribe } from './listeners.ts'
export type { Counts, Metrics } from './metrics.ts'
export type {
  AuthenticateResult,
  Authentication,
  ClientDescription,
  LogEvent,
  LogEventName,
  Options,
} from './options.ts'
export type { Recipients } from './sender.ts'
export type { SendOptions, Session, SessionData } from './session.ts'
export { MemoryStore } from './store/memory-store.ts'
export type { OutgoingMessage } from './store/outgoing-message.ts'
export { EXPIRED_AT_ONCE } from './store/store.ts'
export type * from './store/store.ts'
export type { StoreMetrics } from './store/timed-store.ts'
