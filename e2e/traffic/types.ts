/** What the page of the traffic has as globals. */
import type { PlainOptions } from '../support/app.ts'
import type { start } from './page.js'

export type Traffic = ReturnType<typeof start>

declare global {
  interface Window {
    /** Connects; `traffic` is there when it returns. */
    start(options: PlainOptions): void
    traffic: Traffic
  }
}
