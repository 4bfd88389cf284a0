import type { Clock } from './clock.ts'

/** Milliseconds by which a heartbeat may be late on its way. */
export const SLACK = 5_000
/** Milliseconds by which a timer of a page that runs may be late. */
const LATE = 1_000

/**
 * Calls back when nothing has come for so many milliseconds; returns what stops it. A timer that is late itself (the
 * machine slept, the tab was frozen) proves nothing, for what has come meanwhile is still to be read: it waits once more.
 */
export function watch(clock: Clock, ms: number, overdue: () => void): () => void {
  const due = clock.now() + ms
  let stop = clock.after(ms, () => {
    if (clock.now() > due + LATE) stop = clock.after(SLACK, overdue)
    else overdue()
  })
  return () => stop()
}
