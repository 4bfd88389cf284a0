'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** Milliseconds below which the first delay is drawn. */
const FIRST_BOUND = 250;
/** Milliseconds of the largest bound for a page that is visible: with connecting, it is back 5 s after an outage. */
const VISIBLE_BOUND = 4500;
/** Milliseconds of the largest bound for a page that nobody looks at. */
const HIDDEN_BOUND = 30000;
/** `isVisible`: whether somebody looks at the page. `startsAtOnce`: the first delay is 0. */
function createBackoff(clock, isVisible, startsAtOnce = false) {
    let delays = 0;
    let lastDelay = 0;
    return {
        next([least, most]) {
            const largest = isVisible() ? VISIBLE_BOUND : HIDDEN_BOUND;
            const doublings = startsAtOnce ? delays - 1 : delays;
            const bound = doublings < 0 ? 0 : Math.min(largest, FIRST_BOUND * Math.pow(2, doublings));
            lastDelay = least + clock.random() * (Math.max(most, bound) - least);
            delays++;
            return lastDelay;
        },
        get lastDelay() {
            return lastDelay;
        },
        reset() {
            delays = lastDelay = 0;
        },
    };
}

exports.createBackoff = createBackoff;
