/** Keeps a session over a reload of its page, in the browser's `sessionStorage`. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var json = require('../platform/json.cjs');
var randomKey = require('../platform/random-key.cjs');
var messages = require('../protocol/messages.cjs');
var base64 = require('../transports/base64.cjs');

/** Names the session that a page resumes after a reload: one name for each `connect` on the page. */
function resume(name = 'default') {
    const item = `rungs:${name}`;
    const newPage = (generation) => [generation, randomKey.randomKey()];
    return {
        take() {
            try {
                const text = sessionStorage.getItem(item);
                sessionStorage.removeItem(item);
                const stored = JSON.parse(text);
                base64.decodeEntries(stored.log);
                const log = stored.log.map(([data, to]) => messages.createMessage(data, to));
                return { ...stored, page: newPage(stored.page[0] + 1), log };
            }
            catch {
                // Storage is forbidden (SecurityError), empty, or was written by another program: there is nothing to resume.
                return { page: newPage(0) };
            }
        },
        put(saved) {
            if (!saved)
                return false;
            try {
                const log = saved.log.map((message) => JSON.parse(messages.encodeWhole(message, base64.toBase64).text));
                sessionStorage.setItem(item, json.toJSON({ ...saved, log }));
                return true;
            }
            catch {
                // Storage is forbidden (SecurityError) or full (QuotaExceededError): the session ends with the page.
                return false;
            }
        },
    };
}

exports.resume = resume;
