/** Globals of the page of a trial. */
import type { Report } from '../../src/diagnose/types.ts'
import type {
  AttemptRecord,
  ResetEvent,
  State,
  StateEvent,
  TransportEvent,
} from '../../src/types.ts'
import type { createEnd } from '../traffic/end.js'

export interface PageReport {
  readonly states: readonly StateEvent[]
  readonly changes: readonly TransportEvent[]
  readonly resets: readonly ResetEvent[]
  readonly attempts: readonly AttemptRecord[]
  readonly state: State | null
  readonly transport: string | null
  readonly sent: number
  readonly counts: ReturnType<typeof createEnd>['tally']['counts']
}

export interface TrialPage {
  readonly end: ReturnType<typeof createEnd>
  readonly client: { send(data: string | Uint8Array): void; transport(): string | null }
  /** Sizes of large messages that the server has got. */
  readonly large: readonly number[]
  /** Milliseconds until the first echo; `null` before it. */
  readonly usable: number | null
  hello(): Promise<void>
  sendLarge(bytes: number): void
  diagnose(): Promise<Report>
  report(): PageReport
}

declare global {
  interface Window {
    begin(client: string, id: string): Promise<void>
    trial: TrialPage
  }
}
