/** What survives a reload of the page, and what keeps it. */
import type { Message, Position } from './protocol.ts'

/** What survives a reload of the page. */
export interface Saved {
  readonly key: string
  readonly epoch: string
  readonly generation: number
  readonly position: Position
  readonly accepted: number
  readonly log: readonly Message[]
}

/** Where a session is kept while its page reloads. */
export interface Keeper {
  /** Removes what is kept as it reads it: a copy of the tab that comes later finds nothing. */
  take(): Saved | undefined
  /** Whether it could be kept. */
  put(saved: Saved): boolean
}
