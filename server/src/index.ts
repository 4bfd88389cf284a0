/** The Node server that Rungs clients talk to. */
export { attach } from './hub.ts'
export type { CloseReason, Hub, Recipients } from './hub.ts'
export { RungsError, type ErrorType } from './errors.ts'
export { MemoryStore } from './store/memory-store.ts'
export type { LogEvent, Options } from './options.ts'
export type { SendOptions, Session, SessionData } from './session.ts'
export type * from './store/store.ts'
