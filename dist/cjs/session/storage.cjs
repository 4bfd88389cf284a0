/** Keeps a session over a reload of its page, in the browser's `sessionStorage`. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var engine = require('../platform/engine.cjs');
var protocol = require('../protocol.cjs');
var base64 = require('../transports/base64.cjs');

/** Names the session that a page resumes after a reload: one name for each `connect` on the page. */
function resume(name = 'default') {
    const item = `rungs:${name}`;
    const newPage = (generation) => [generation, engine.randomKey()];
    return {
        take() {
            try {
                const text = sessionStorage.getItem(item);
                sessionStorage.removeItem(item);
                const stored = JSON.parse(text);
                base64.decodeEntries(stored.log);
                const log = stored.log.map(([data, to]) => protocol.createMessage(data, to));
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
                const log = saved.log.map((message) => JSON.parse(protocol.encodeEntry(message, base64.toBase64)));
                sessionStorage.setItem(item, engine.toJSON({ ...saved, log }));
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
