'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

const BASE = 250;
const CAP = 30000;
/**
 * Full jitter: a random delay below a bound that doubles with every failure, up to a cap. A thousand clients of
 * a server that comes back spread over the whole interval.
 */
function backoff(failures, clock) {
    return clock.random() * Math.min(CAP, BASE * Math.pow(2, failures));
}

exports.backoff = backoff;
