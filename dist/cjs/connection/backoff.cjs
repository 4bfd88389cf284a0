'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** Milliseconds below which the first delay is drawn, and the largest such bound. */
const FIRST_BOUND = 250;
const LARGEST_BOUND = 30000;
function createBackoff(clock) {
    let delays = 0;
    let lastDelay = 0;
    return {
        next() {
            lastDelay = clock.random() * Math.min(LARGEST_BOUND, FIRST_BOUND * Math.pow(2, delays));
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
