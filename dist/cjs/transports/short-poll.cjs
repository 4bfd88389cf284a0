'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var poll = require('./poll.cjs');

/** Exchanges on a timer carry both ways: at once when there is something to send, ever slower while nothing flows. */
const shortPoll = /*#__PURE__*/ poll.poll('short-poll');

exports.shortPoll = shortPoll;
