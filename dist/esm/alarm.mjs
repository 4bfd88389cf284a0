/** Milliseconds by which a timer of a page that runs may be late. */
const LATE = 1000;
/**
 * One timer for all that may become due. The first function sets it to a time, unless it was set to an earlier one; the
 * second one clears it. `ring` is told if it was late: the machine slept, the tab is hidden, or the clock was set, back even.
 */
function createAlarm(clock, ring) {
    let due = Infinity;
    let cancel;
    const clear = () => {
        cancel?.();
        due = Infinity;
    };
    const set = (at) => {
        if (at >= due)
            return;
        clear();
        due = at;
        cancel = clock.after(at - clock.now(), () => {
            clear();
            ring(Math.abs(clock.now() - at) > LATE);
        });
    };
    return [set, clear];
}

export { createAlarm };
//# sourceMappingURL=alarm.mjs.map
