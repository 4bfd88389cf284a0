/** Rungs with the transports that you pass in, and no others in your bundle. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var client = require('./client.cjs');
var error = require('./error.cjs');
var ladder$1 = require('./ladder.cjs');
var reconnect = require('./reconnect.cjs');
var memory = require('./memory.cjs');
var resume = require('./resume.cjs');
var foreverIframe = require('./transports/forever-iframe.cjs');
var longPoll = require('./transports/long-poll.cjs');
var shortPoll = require('./transports/short-poll.cjs');
var sse = require('./transports/sse.cjs');
var websocket = require('./transports/websocket.cjs');

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
function connect(url, options) {
    const { transports, ladder, remember } = options;
    if ((transports[1] || remember) && !ladder)
        throw new error.RungsError('invalid-option', 'Pass ladder to climb or remember');
    return client.connect(url, options, ladder || reconnect.reconnect);
}
/** Climbs between several transports: the option `ladder`. Its inside is no API. */
const ladder = ladder$1.ladder;

exports.RungsError = error.RungsError;
exports.remember = memory.remember;
exports.resume = resume.resume;
exports.foreverIframe = foreverIframe.foreverIframe;
exports.longPoll = longPoll.longPoll;
exports.shortPoll = shortPoll.shortPoll;
exports.sse = sse.sse;
exports.websocket = websocket.websocket;
exports.connect = connect;
exports.ladder = ladder;
