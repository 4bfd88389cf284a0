import type { Clock } from '../platform/clock.ts'

/** Milliseconds by which a timer of a page that runs may be late. */
const LATE = 1_000

/**
 * One timer for all that may become due. The first function sets it to a time, unless it was set to an earlier one; the
 * second one clears it. `ring` is told if it was late: the machine slept, the tab is hidden, or the clock was set, back even.
 */
export function createAlarm(
  clock: Clock,
  ring: (late: boolean) => void,
): readonly [set: (at: number) => void, clear: () => void] {
  let due = Infinity
  let cancel: (() => void) | undefined
  const clear = (): void => {
    cancel?.()
    due = Infinity
  }
  const set = (at: number): void => {
    if (at >= due) return
    clear()
    due = at
    cancel = clock.after(at - clock.now(), () => {
      clear()
      ring(Math.abs(clock.now() - at) > LATE)
    })
  }
  return [set, clear]
}
