/** Rungs with all five transports. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var client = require('./client.cjs');
var ladder = require('./connection/ladder.cjs');
var networkMemory = require('./connection/network-memory.cjs');
var error = require('./error.cjs');
var storage = require('./session/storage.cjs');
var all = require('./transports/all.cjs');

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
function connect(url, options = {}) {
    const { resume = false, remember = true, transports = all.ALL_TRANSPORTS } = options;
    return client.connect(url, {
        ...options,
        transports,
        remember: remember ? networkMemory.remember() : undefined,
        resume: resume ? storage.resume(resume === true ? undefined : resume) : undefined,
    }, { createStrategy: ladder.ladder, known: all.ALL_TRANSPORTS });
}
/** Which transports this browser has, whatever the network lets through. */
function detect() {
    const found = {};
    for (const transport of all.ALL_TRANSPORTS)
        found[transport.name] = transport.supported();
    return found;
}

exports.RungsError = error.RungsError;
exports.connect = connect;
exports.detect = detect;
