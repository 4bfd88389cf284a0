'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var poll = require('./poll.cjs');

/** An exchange that waits brings messages down. Without a connection to spare it is a short poll. */
const longPoll = /*#__PURE__*/ poll.poll('long-poll', true);

exports.longPoll = longPoll;
