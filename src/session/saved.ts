/** What survives a reload of the page, and what keeps it. */
import type { Message, Position } from '../protocol.ts'

/** What survives a reload of the page. */
export interface Saved {
  readonly key: string
  readonly epoch: string
  /** Generation and holder of the page (PROTOCOL.md 6.5). */
  readonly page: readonly [generation: number, holder: string]
  readonly position: Position
  readonly accepted: number
  readonly log: readonly Message[]
}

/** Where a session is kept while its page reloads. */
export interface Keeper {
  /**
   * What a session of this page begins with: what is kept, on a page of the next generation, or a page of generation 0;
   * the holder is 1 to 64 characters that no other page has. Removes what is kept as it reads it: a copy of the tab that
   * comes later finds nothing, and begins anew.
   */
  take(): Pick<Saved, 'page'> & Partial<Saved>
  /** Whether it could be kept; `undefined`: there is nothing yet. */
  put(saved: Saved | undefined): boolean
}
