import type { Clock } from '../platform/clock.ts'

/** Milliseconds by which a timer of a page that runs may be late, by either clock. */
const LATE = 1_000

/** Milliseconds of the longest timer of a browser, 32 bits with a sign; a longer one rings at once. */
const LONGEST = 2_147_483_647

/** One timer for everything that may become due. */
export interface Timer {
  /** Rings at a time of the clock, or earlier if it was set to an earlier time before, or if that is further off than timers go. */
  ringBy(at: number): void
  clear(): void
}

/**
 * @param onRing `isLate`: the timer rang at another time than it was set to, because the machine slept, the tab is hidden,
 * a dialog held the page, or somebody has set the clock.
 */
export function createTimer(clock: Clock, onRing: (isLate: boolean) => void): Timer {
  let due = Infinity
  let cancel: (() => void) | undefined
  const hasJumped = (from: number, to: number): boolean => Math.abs(to - from) > LATE
  const clear = (): void => {
    cancel?.()
    due = Infinity
  }
  return {
    ringBy(at) {
      if (at >= due) return
      clear()
      due = at
      const delay = Math.min(at - clock.now(), LONGEST)
      const clockDue = clock.now() + delay
      const wallDue = clock.wallTime() + delay
      cancel = clock.after(delay, () => {
        clear()
        onRing(hasJumped(clockDue, clock.now()) || hasJumped(wallDue, clock.wallTime()))
      })
    },
    clear,
  }
}

/** Work that becomes due at certain times. */
export interface Schedule {
  isRunning(): boolean
  /** Does one thing that is due. Answers false if nothing is. */
  doNext(now: number): boolean
  /** When the next thing is due. */
  nextDueAt(now: number): number
  /** The machine slept, or the tab is hidden: the times were missed. Called before {@link doNext}. */
  onLate(): void
}

/** Does what is due when it is due. */
export interface Loop {
  /** Something has changed: does what is due now, and sets the timer for what comes next. */
  step(): void
  stop(): void
}

export function createLoop(clock: Clock, schedule: Schedule): Loop {
  let isStepping = false
  const timer = createTimer(clock, (isLate) => {
    if (isLate) schedule.onLate()
    step()
  })
  // A call from within `doNext` has no effect of its own: the loop sees what has changed.
  const step = (): void => {
    if (isStepping) return
    isStepping = true
    try {
      while (schedule.isRunning() && schedule.doNext(clock.now()));
    } finally {
      isStepping = false
    }
    if (schedule.isRunning()) timer.ringBy(schedule.nextDueAt(clock.now()))
  }
  return { step, stop: timer.clear }
}
