'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** Milliseconds by which a timer of a page that runs may be late, by either clock. */
const LATE = 1000;
/** Milliseconds of the longest timer of a browser, 32 bits with a sign; a longer one rings at once. */
const LONGEST = 2147483647;
/**
 * @param onRing `isLate`: the timer rang at another time than it was set to, because the machine slept, the tab is hidden,
 * a dialog held the page, or somebody has set the clock.
 */
function createTimer(clock, onRing) {
    let due = Infinity;
    let cancel;
    const hasJumped = (from, to) => Math.abs(to - from) > LATE;
    const clear = () => {
        cancel?.();
        due = Infinity;
    };
    return {
        ringBy(at) {
            if (at >= due)
                return;
            clear();
            due = at;
            const delay = Math.min(at - clock.now(), LONGEST);
            const clockDue = clock.now() + delay;
            const wallDue = clock.wallTime() + delay;
            cancel = clock.after(delay, () => {
                clear();
                onRing(hasJumped(clockDue, clock.now()) || hasJumped(wallDue, clock.wallTime()));
            });
        },
        clear,
    };
}
function createLoop(clock, schedule) {
    let isStepping = false;
    const timer = createTimer(clock, (isLate) => {
        if (isLate)
            schedule.onLate();
        step();
    });
    // A call from within `doNext` has no effect of its own: the loop sees what has changed.
    const step = () => {
        if (isStepping)
            return;
        isStepping = true;
        try {
            while (schedule.isRunning() && schedule.doNext(clock.now()))
                ;
        }
        finally {
            isStepping = false;
        }
        if (schedule.isRunning())
            timer.ringBy(schedule.nextDueAt(clock.now()));
    };
    return { step, stop: timer.clear };
}

exports.createLoop = createLoop;
exports.createTimer = createTimer;
