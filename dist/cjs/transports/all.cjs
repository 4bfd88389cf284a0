'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var foreverIframe = require('./forever-iframe.cjs');
var longPoll = require('./long-poll.cjs');
var shortPoll = require('./short-poll.cjs');
var sse = require('./sse.cjs');
var websocket = require('./websocket.cjs');

/** All transports, best first. */
const ALL_TRANSPORTS = [
    websocket.websocket,
    sse.sse,
    longPoll.longPoll,
    shortPoll.shortPoll,
    foreverIframe.foreverIframe,
];

exports.ALL_TRANSPORTS = ALL_TRANSPORTS;
