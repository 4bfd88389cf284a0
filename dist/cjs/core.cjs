/** Rungs with the transports that you pass in, and no others in your bundle. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var client = require('./client.cjs');
var ladder$1 = require('./connection/ladder.cjs');
var reconnect = require('./connection/reconnect.cjs');
var error = require('./error.cjs');
var networkMemory = require('./connection/network-memory.cjs');
var storage = require('./session/storage.cjs');
var foreverIframe = require('./transports/forever-iframe.cjs');
var longPoll = require('./transports/long-poll.cjs');
var shortPoll = require('./transports/short-poll.cjs');
var sse = require('./transports/sse.cjs');
var websocket = require('./transports/websocket.cjs');

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
function connect(url, options) {
    const { transports, ladder: climb, remember } = options;
    if ((transports.length > 1 || remember) && !climb) {
        throw new error.RungsError('invalid-option', 'Several transports, or remember, need the option ladder; import { ladder } from "rungs/core" and pass it');
    }
    const createStrategy = climb || reconnect.reconnect;
    return client.connect(url, options, { createStrategy, known: transports });
}
/** Changes between several transports: the value of the option `ladder`. Its inside is no API. */
const ladder = ladder$1.ladder;

exports.RungsError = error.RungsError;
exports.remember = networkMemory.remember;
exports.resume = storage.resume;
exports.foreverIframe = foreverIframe.foreverIframe;
exports.longPoll = longPoll.longPoll;
exports.shortPoll = shortPoll.shortPoll;
exports.sse = sse.sse;
exports.websocket = websocket.websocket;
exports.connect = connect;
exports.ladder = ladder;
