/**
 * What a transport is: facts and one `open`. The ladder decides, a transport never does. A new transport is one
 * new file that implements {@link Transport}.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** The slowest plausible line, in bytes a millisecond. */
const SLOWEST = 8;

exports.SLOWEST = SLOWEST;
