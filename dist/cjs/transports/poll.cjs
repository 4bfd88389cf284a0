'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var exchange = require('./exchange.cjs');
var slot = require('./slot.cjs');

/** Milliseconds between polls while messages flow, and when none did for long. */
const FAST = 100;
const SLOW = 5000;
/** Milliseconds above which a wait that breaks off was cut by a proxy that limits them. */
const CUT = 1000;
/**
 * Polls: exchanges that carry both ways. Between two of them there is a pause, which grows when nothing flows; or, if it
 * waits and the browser has a connection to spare, none: one exchange waits for messages down, and at most one more carries
 * messages up.
 */
const poll = (name, slot$1) => ({
    name,
    instant: true,
    supported: () => typeof XMLHttpRequest !== 'undefined',
    open(link, on) {
        const exchanges = exchange.createExchanges(link, on);
        const { ends, run, fail } = exchanges;
        let waiting = false;
        let proven = false;
        let within = '';
        let pause = FAST;
        let cancel;
        const next = () => {
            cancel = undefined;
            // The first answer is the proof: it does not wait.
            const waits = waiting && proven;
            const began = link.now();
            if (link.due())
                pause = FAST;
            run({ answer: waits ? '"wait"' : '"now"', within }, !waits, ({ batch }) => {
                proven = true;
                if (waiting)
                    return next();
                pause = batch ? FAST : Math.min(SLOW, pause * 1.5);
                cancel = ends.pause = link.after(link.due() ? 0 : pause, next);
            }, (reason) => {
                const lasted = link.now() - began;
                if (!waits || lasted < CUT)
                    return fail(reason);
                // A proxy allows so long and no longer: the next one returns before it is cut.
                within = '' + ((lasted * 0.8) | 0);
                next();
            });
            exchanges.flush();
        };
        const hurry = () => {
            cancel?.();
            if (cancel)
                next();
        };
        if (slot$1) {
            const granted = () => {
                waiting = true;
                hurry();
            };
            ends.slot = slot.takeSlot(link, granted);
        }
        next();
        return {
            ...exchanges,
            flush() {
                if (link.due())
                    hurry();
                exchanges.flush();
            },
        };
    },
});

exports.poll = poll;
