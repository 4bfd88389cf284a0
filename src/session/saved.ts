/** The part of a session that survives a reload of its page, and the storage for it. */
import type { Message, Position } from '../protocol.ts'

export interface SavedSession {
  readonly key: string
  readonly epoch: string
  /** Generation and holder of the page (PROTOCOL.md 6.5). */
  readonly page: readonly [generation: number, holder: string]
  /** Position in the log down: everything up to it was delivered. */
  readonly position: Position
  /** Number up to which the server has accepted the log up, and the messages after that. */
  readonly accepted: number
  readonly log: readonly Message[]
}

/** Storage for a session while its page reloads. */
export interface SessionStorage {
  /**
   * The session that a new page begins with: the stored one with a page of the next generation, or nothing but a page of
   * generation 0. The holder is a text of 1 to 64 characters that no other page has. Removes the stored session, so that a
   * copy of the tab which comes later finds nothing and begins anew.
   */
  take(): Pick<SavedSession, 'page'> & Partial<SavedSession>
  /** Stores a session. Answers whether that worked; `undefined` for a session that the server does not know yet. */
  put(saved: SavedSession | undefined): boolean
}
