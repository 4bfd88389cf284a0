'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var poll = require('./poll.cjs');

/** An exchange that waits brings messages down. */
const longPoll = /*#__PURE__*/ poll.poll('long-poll');

exports.longPoll = longPoll;
