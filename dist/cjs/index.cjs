/** Rungs with all five transports. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var client = require('./client.cjs');
var error = require('./error.cjs');
var ladder = require('./ladder.cjs');
var memory = require('./memory.cjs');
var resume = require('./resume.cjs');
var foreverIframe = require('./transports/forever-iframe.cjs');
var longPoll = require('./transports/long-poll.cjs');
var shortPoll = require('./transports/short-poll.cjs');
var sse = require('./transports/sse.cjs');
var websocket = require('./transports/websocket.cjs');

/** The ladder, best rung first. */
const LADDER = [websocket.websocket, sse.sse, longPoll.longPoll, shortPoll.shortPoll, foreverIframe.foreverIframe];
/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
function connect(url, options = {}) {
    const { resume: resume$1, remember = true, transports = LADDER } = options;
    return client.connect(url, {
        ...options,
        transports: transports.map((each) => {
            const [found = each] = LADDER.filter(({ name }) => name === each);
            if (typeof found === 'string')
                throw new error.RungsError('invalid-option', 'no transport ' + each);
            return found;
        }),
        remember: remember ? memory.remember() : undefined,
        resume: resume$1 ? resume.resume(resume$1 === true ? undefined : resume$1) : undefined,
    }, ladder.ladder);
}
/** Which transports this browser has, whatever the network lets through. */
function detect() {
    const found = {};
    for (const transport of LADDER)
        found[transport.name] = transport.supported();
    return found;
}

exports.RungsError = error.RungsError;
exports.connect = connect;
exports.detect = detect;
