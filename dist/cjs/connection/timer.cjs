'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** Milliseconds by which a timer of a page that runs may be late. */
const LATE = 1000;
/**
 * @param onRing `isLate`: the timer rang at another time than it was set to, because the machine slept, the tab is hidden, or
 * somebody has set the clock.
 */
function createTimer(clock, onRing) {
    let due = Infinity;
    let cancel;
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
            cancel = clock.after(at - clock.now(), () => {
                clear();
                onRing(Math.abs(clock.now() - at) > LATE);
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
